//! A task of support tickets, and a model that sorts them the better the later an instruction was written.

use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use crate::scratch::Scratch;
use crate::server::chat;

const TASK: &str = r#"
name = "tickets"
description = "Tickets of customers go to one of four queues."
metric = "label"
[data]
examples = "tickets.csv"
input = "ticket"
output = "queue"
"#;

const PROMPT: &str =
    "You are the desk of a mail-order shop. Name the queue that a ticket belongs to.\n";

/// What customers write, and the queue that it belongs to.
const TICKETS: [(&str, &str); 8] = [
    ("My parcel {n} still has not arrived.", "shipping"),
    ("Please take back order {n}, the shoes are too small.", "returns"),
    ("I was charged twice for invoice {n}.", "billing"),
    ("I cannot log in since I changed address {n}.", "account"),
    ("Where is the parcel with number {n}?", "shipping"),
    ("The lamp of order {n} came broken; I want my money.", "returns"),
    ("Invoice {n} shows the wrong company.", "billing"),
    ("How do I delete account {n}?", "account"),
];

const VERBS: [&str; 4] = ["Answer with", "Name", "Reply with", "Choose"];
const OBJECTS: [&str; 3] = ["the one queue", "the queue's name", "one word, the queue"];
const MANNERS: [&str; 4] = [
    "that the ticket belongs to",
    "for what the customer wants to happen next",
    "of the team that can close the ticket",
    "which fits the customer's request, not their mood",
];
const ENDS: [&str; 4] = [
    ".",
    ", in small letters and without a full stop.",
    ": shipping, returns, billing or account.",
    ". If two fit, take the one that the money goes through.",
];

/// Writes task, rows and the prompt in use to a scratch folder.
pub fn write(scratch: &Scratch) {
    let row = |n: usize| {
        let (ticket, queue) = TICKETS[n % TICKETS.len()];
        format!("\"{}\",{queue}\n", ticket.replace("{n}", &(4100 + 7 * n).to_string()))
    };
    let rows: String = (0..96).map(row).collect();
    scratch.write("tickets.csv", format!("ticket,queue\n{rows}"));
    scratch.write("prompt.txt", PROMPT);
    scratch.write("task.toml", TASK.replace("[data]", "start = \"prompt.txt\"\n[data]"));
}

/// A model that takes so long to write an instruction, and a tenth of it to sort a ticket.
pub fn model(pause: Duration) -> impl Fn(usize, &Value) -> (u16, Value) + Send + Sync {
    move |number, body| {
        let asked = body["messages"].to_string();
        if asked.contains("</instruction>") {
            sleep(pause);
            return (200, chat(&format!("<instruction>{}</instruction>", instruction(number))));
        }
        sleep(pause / 10);
        (200, chat(sorted(&asked)))
    }
}

/// One of 192 instructions.
fn instruction(number: usize) -> String {
    let number = number * 5;
    let (verb, object) = (VERBS[number % 4], OBJECTS[number / 4 % 3]);
    format!("{verb} {object} {}{}", MANNERS[number / 12 % 4], ENDS[number / 48 % 4])
}

/// The right queue, or another one: the more an instruction says, the more often it is right.
fn sorted(asked: &str) -> &'static str {
    let right = TICKETS.iter().find(|(ticket, _)| {
        let (before, after) = ticket.split_once("{n}").unwrap_or((ticket, ""));
        asked.contains(before) && asked.contains(after)
    });
    let queue = right.map_or("returns", |(_, queue)| *queue);
    let chance = 30
        + 20 * usize::from(asked.contains("money goes through") || asked.contains("small letters"))
        + 15 * usize::from(asked.contains("one word"))
        + 20 * usize::from(asked.contains("wants to happen") || asked.contains("can close"))
        + 10 * usize::from(asked.contains("Answer with"));
    let dice = asked.bytes().fold(7usize, |sum, byte| (sum * 31 + usize::from(byte)) % 10_007);
    if dice % 100 < chance { queue } else { "Shipping, I would say." }
}
