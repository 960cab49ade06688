//! Doors for fuzz targets: bodies of answers, read as they are off the wire. No part of the interface.

use motjuste::model::Completion;
use motjuste::usage::Usage;

use crate::bounds;
use crate::endpoint::Words;
use crate::protocol::{Protocol, believable, program};
use crate::served;

/// What a call could use at the most.
const WORST: Usage = Usage { tokens_in: 90, tokens_out: 9 };

/// The protocols of [`answer`], by their index.
const PROTOCOLS: [Protocol; 5] = [
    Protocol::Chat,
    Protocol::Completions,
    Protocol::Anthropic,
    Protocol::Gemini,
    Protocol::Program,
];

/// The answer in a body of success, as it would be kept; none where it is refused.
pub fn answer(protocol: u8, body: &[u8]) -> Option<Completion> {
    let protocol = PROTOCOLS[usize::from(protocol) % PROTOCOLS.len()];
    kept(protocol.read(body, WORST).ok()?.completion)
}

/// The answer in a line of a program, to question 7.
pub fn line(line: &[u8]) -> Option<Completion> {
    kept(program::read(line, Some(7), WORST).ok()?)
}

/// The answers of a server that reads soft prompts.
pub fn served(body: &[u8]) -> usize {
    let read = served::fuzzing::read(body, WORST);
    read.into_iter().filter_map(Result::ok).map(|all| all.len()).sum()
}

/// What a refusal says: its message, and whether it refuses the temperature.
pub fn refusal(body: &[u8]) -> (String, bool) {
    let words = Words::read(body);
    let refuses = words.refuses("temperature");
    (words.message, refuses)
}

fn kept(mut completion: Completion) -> Option<Completion> {
    bounds::cut(&mut completion, 9);
    let (usage, _) = believable(completion.usage, WORST);
    Some(Completion { usage, ..completion })
}
