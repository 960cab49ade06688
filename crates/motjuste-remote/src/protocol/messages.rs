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

/// The system's messages in front, and the others.
///
/// # Errors
/// [`Error::is_configuration`] when a message of the system stands between others: an interface that has them apart
/// could not say where it stood.
pub(super) fn system_and_others(request: &Request) -> Result<(&[Said], &[Said])> {
    let said = said(request)?;
    let is_system = |message: &Said| message.role == MessageRole::System;
    let front = said.iter().take_while(|message| is_system(message)).count();
    let (system, others) = said.split_at(front);
    if others.iter().any(is_system) {
        let message =
            "a system message stands between others, and this interface has them in front alone";
        return Err(Error::configuration(message)
            .with_help("put the system's messages first, or make it a user's message"));
    }
    Ok((system, others))
}

/// As [`messages`], with the system's messages apart, as one text.
pub(super) fn with_system_apart(request: &Request) -> Result<(Option<String>, Vec<Message<'_>>)> {
    let (system, _) = system_and_others(request)?;
    let texts: Vec<&str> = system.iter().map(|message| message.content.as_str()).collect();
    let others = messages(request)?.split_off(system.len());
    Ok(((!texts.is_empty()).then(|| texts.join("\n\n")), others))
}

fn prefill(request: &Request) -> Option<Message<'_>> {
    let content = request.prefill.trim();
    let role = MessageRole::Assistant.name();
    (!content.is_empty()).then_some(Message { role, content })
}
