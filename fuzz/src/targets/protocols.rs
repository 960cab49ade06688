//! Answers of models over HTTP and over pipes.

use motjuste_remote::fuzzing::{answer, line, served};

use crate::memory::choice;

/// The first byte chooses the protocol; the rest is the body.
pub fn run(data: &[u8]) {
    let (choice, body) = choice(data);
    let kept = match choice % 8 {
        5 => line(body),
        6 | 7 => {
            served(body);
            None
        }
        protocol => answer(protocol, body),
    };
    if let Some(completion) = kept {
        assert!(completion.text.len() <= 32 << 10, "an answer of nine tokens");
    }
}
