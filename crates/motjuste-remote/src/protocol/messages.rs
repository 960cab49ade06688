//! The conversation that a request is: its messages, and perhaps the beginning of the answer.

use motjuste::model::{Message as Said, MessageRole, Prompt, Request};
use motjuste::{Error, Result};
use serde::Serialize;

#[derive(Debug, Serialize)]
pub(super) struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

/// The messages of a request.
///
/// # Errors
/// [`Error::is_configuration`] when it is a text to be continued.
pub(super) fn said(request: &Request) -> Result<&[Said]> {
    match &request.prompt {
        Prompt::Messages(messages) => Ok(messages),
        Prompt::Text(_) => Err(Error::configuration("a chat interface continues no plain text")
            .with_help("ask for completions, or put the text into a message")),
    }
}

/// The messages, then what the answer begins with. Templates put white space around a message
/// themselves, and Anthropic refuses it at the end.
pub(super) fn messages(request: &Request) -> Result<Vec<Message<'_>>> {
    let said = said(request)?.iter();
    let mut messages: Vec<Message<'_>> = said
        .map(|message| Message { role: message.role.name(), content: &message.content })
        .collect();
    messages.extend(prefill(request));
    Ok(messages)
}

/// As [`messages`], with the system's messages apart, as one text.
pub(super) fn with_system_apart(request: &Request) -> Result<(Option<String>, Vec<Message<'_>>)> {
    let is_system = |message: &&Said| message.role == MessageRole::System;
    let system: Vec<&str> =
        said(request)?.iter().filter(is_system).map(|message| message.content.as_str()).collect();
    let mut others = messages(request)?;
    others.retain(|message| message.role != MessageRole::System.name());
    Ok(((!system.is_empty()).then(|| system.join("\n\n")), others))
}

fn prefill(request: &Request) -> Option<Message<'_>> {
    let content = request.prefill.trim();
    let role = MessageRole::Assistant.name();
    (!content.is_empty()).then_some(Message { role, content })
}
