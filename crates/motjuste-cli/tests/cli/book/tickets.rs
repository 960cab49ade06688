//! The model of the book: it sorts support tickets, writes prompts when it is asked for them, and judges.

use serde_json::Value;

use crate::server::chat;

/// Words of a ticket that tell its queue.
const SIGNS: [(&str, &str); 9] = [
    ("money", "refund"),
    ("charged", "refund"),
    ("paid", "refund"),
    ("parcel", "shipping"),
    ("courier", "shipping"),
    ("deliver", "shipping"),
    ("password", "login"),
    ("sign in", "login"),
    ("code", "login"),
];

/// Prompts that it writes beside the best one.
const PROMPTS: [&str; 7] = [
    "Name the queue of the ticket.",
    "Sort the ticket into a queue: refund, shipping, login, other.",
    "Read the ticket. Say which of refund, shipping, login, other fits.",
    "You sort tickets for a web shop. The queues are refund, shipping, login and other.",
    "Decide what the customer wants. Then name the queue.",
    "Which queue? Choose among refund, shipping, login, other.",
    "Form: a lower-case label. Labels: refund, shipping, login, other.",
];

/// The one that sorts every ticket.
const BEST: &str = "Answer with exactly one queue: refund, shipping, login or other.";

/// The reply to a request for a chat completion.
pub fn answer(index: usize, body: &Value) -> (u16, Value) {
    let messages: Vec<&str> = body["messages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|m| m["content"].as_str())
        .collect();
    let text = messages.join("\n");
    let reply = match () {
        () if text.contains("<instruction>") => written(index, "instruction"),
        () if text.contains("<INS>") => written(index, "INS"),
        () if text.contains("Score:") => "It names the wish of the customer.\nScore: 8".to_owned(),
        () => sorted(&text, messages.last().copied().unwrap_or_default()),
    };
    (200, chat(&reply))
}

/// Two prompts, in tags.
fn written(index: usize, tag: &str) -> String {
    let other = PROMPTS[index % PROMPTS.len()];
    format!("<{tag}>{other}</{tag}>\n<{tag}>{BEST}</{tag}>")
}

/// The queue of a ticket; without a demand for exactly one, two queues for every third ticket.
fn sorted(text: &str, ticket: &str) -> String {
    let ticket = ticket.to_lowercase();
    let queue =
        SIGNS.iter().find(|(sign, _)| ticket.contains(sign)).map_or("other", |(_, queue)| queue);
    match text.contains("exactly one") || !ticket.len().is_multiple_of(3) {
        true => queue.to_owned(),
        false => format!("{queue}, or perhaps returns, login or shipping"),
    }
}
