//! The conversation that a request is: a message of the user, and perhaps the beginning of the answer.

use motjuste::model::Request;
use serde::Serialize;

#[derive(Debug, Serialize)]
pub(super) struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

/// The prompt, then what the answer begins with. Templates put white space around a message
/// themselves, and Anthropic refuses it at the end.
pub(super) fn messages(request: &Request) -> Vec<Message<'_>> {
    let mut messages = vec![Message { role: "user", content: &request.prompt }];
    let prefill = request.prefill.trim();
    if !prefill.is_empty() {
        messages.push(Message { role: "assistant", content: prefill });
    }
    messages
}
