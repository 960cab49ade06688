//! Things to store.

use crate::budget::{Account, Role};
use crate::cost::Price;
use crate::history::{Proposal, Step};
use crate::journal::Event;
use crate::model::{Entries, Projection, SoftPrompt};
use crate::storage::{Attempt, ResponseKey, StoredResponse};
use crate::usage::Usage;

/// An event with `text` in it.
pub(super) fn event(index: usize, text: &str) -> Event {
    step(index, Proposal::Instruction(text.to_owned()))
}

/// An event with these numbers in it.
pub(super) fn numbers(index: usize, z: &[f64]) -> Event {
    let projection = Projection { tokens: 1, entries: Entries::Uniform, seed: u64::MAX };
    step(index, Proposal::SoftPrompt(SoftPrompt { z: z.to_vec(), projection, demonstrations: 0 }))
}

fn step(index: usize, proposal: Proposal) -> Event {
    let step = Step { index, proposals: vec![proposal], ..Step::default() };
    Event::Step { step, account: Account::default() }
}

pub(super) fn key(number: usize) -> ResponseKey {
    ResponseKey::of("model", &number)
}

pub(super) fn response(study: &str, text: &str) -> StoredResponse {
    StoredResponse { paid_by: study.to_owned(), body: format!("{text:?}") }
}

/// An attempt that reads this many tokens.
pub(super) fn attempt(tokens_in: u64) -> Attempt {
    let cost = Price::FREE.of(1, Usage { tokens_in, tokens_out: 64 });
    Attempt { role: Role::Target, cost }
}
