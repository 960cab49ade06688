//! Things to store.

use motjuste::budget::{Account, Budget};
use motjuste::journal::Event;
use motjuste::storage::{ResponseKey, StoredResponse};
use serde_json::{Value, json};

/// An event with `text` in it, as the journal has it.
pub fn event(index: usize, text: &str) -> Event {
    let proposals = json!([{ "instruction": text }]);
    step(index, proposals)
}

fn step(index: usize, proposals: Value) -> Event {
    let step = json!({
        "index": index, "proposals": proposals, "replies": [], "readings": [], "assignments": [],
    });
    parsed(json!({ "event": "step", "step": step, "account": Account::default() }))
}

/// An event that JSON cannot hold.
pub fn not_a_number() -> Event {
    let mut event = parsed(json!({
        "event": "stopped", "reason": "trials", "budget": Budget::default(),
        "account": Account::default(), "seconds": 0.0,
    }));
    if let Event::Stopped { seconds, .. } = &mut event {
        *seconds = f64::NAN;
    }
    event
}

/// From JSON: the journal's format is what stays when the types grow.
fn parsed(event: Value) -> Event {
    serde_json::from_value(event).unwrap()
}

pub fn key(number: usize) -> ResponseKey {
    ResponseKey::of("model", &number)
}

pub fn response(study: &str, text: &str) -> StoredResponse {
    StoredResponse { paid_by: study.to_owned(), body: json!(text).to_string() }
}
