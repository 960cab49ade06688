//! From replies to instructions that are worth scoring.

use std::collections::HashSet;
use std::fmt;

use super::layout::Slot;
use super::reply::{bracketed, is_tagged, md5_key, polish, tagged, text_tag};
use super::settings::Opro;
use super::style::Style;
use crate::history::{Found, History, Proposal, Reading, Reply};
use crate::metric::Mode;
use crate::metric::python::is_digit;

/// Why a reply gives no instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// No instruction was found in it.
    Unparsed,
    /// The instruction was read, or scored, before.
    Known,
    /// The instruction is too long.
    TooLong,
    /// The instruction holds digits, and may not.
    Digits,
    /// The instruction holds a marker of the meta-prompt.
    Marker,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unparsed => "no instruction in the reply",
            Self::Known => "known already",
            Self::TooLong => "too long (setting longest)",
            Self::Digits => "holds digits",
            Self::Marker => "holds a marker",
        })
    }
}

/// The instruction in each reply, in order; a repetition among them is known.
pub(super) fn read(config: &Opro, history: &History, replies: &[Reply]) -> Vec<Reading> {
    let longest = config.longest_with(history);
    let mut seen = seen(config, history, longest);
    let found = |reply: &Reply| {
        let Some(text) = instruction(config, longest, &reply.text) else {
            return Found::dropped("", Reason::Unparsed);
        };
        let reason = match seen.insert(md5_key(&text)) {
            false => Some(Reason::Known),
            true => refusal(config, longest, &text),
        };
        match reason {
            Some(reason) => Found::dropped(text, reason),
            None => Found::new(text),
        }
    };
    replies.iter().map(found).map(|found| vec![found]).collect()
}

/// The instruction in a reply, polished. Strict finds none that is empty, and none in a long reply
/// without markers.
fn instruction(config: &Opro, longest: usize, reply: &str) -> Option<String> {
    let slot = Slot::of(config.style, config.layout.position);
    let strict = config.mode == Mode::Strict;
    let found = match config.style {
        Style::Tagged => {
            let rambling = !is_tagged(reply, slot) && reply.chars().count() > longest;
            (!(strict && rambling)).then(|| tagged(reply, slot).to_owned())?
        }
        Style::Bracketed => bracketed(reply),
        Style::InstructionsOnly => text_tag(reply)?.to_owned(),
    };
    let polished = polish(&found, config.period);
    (!(strict && polished.is_empty())).then_some(polished)
}

/// Keys of everything that was read so far; in strict also of the initial instructions, which the
/// published code forgets.
fn seen(config: &Opro, history: &History, longest: usize) -> HashSet<String> {
    let steps = history.steps().iter();
    let pairs = steps.flat_map(|step| step.proposals.iter().zip(&step.replies));
    let texts = pairs.filter_map(|(proposal, reply)| match proposal {
        Proposal::Ask(_) => instruction(config, longest, &reply.text),
        _ => (config.mode == Mode::Strict).then(|| reply.text.clone()),
    });
    texts.map(|text| md5_key(&text)).collect()
}

fn refusal(config: &Opro, longest: usize, text: &str) -> Option<Reason> {
    let marked = match config.mode {
        Mode::Compat => text.contains("INS"),
        Mode::Strict => MARKERS.iter().any(|marker| text.contains(marker)),
    };
    if text.chars().count() > longest {
        Some(Reason::TooLong)
    } else if !config.digits && text.chars().any(is_digit) {
        Some(Reason::Digits)
    } else {
        marked.then_some(Reason::Marker)
    }
}

const MARKERS: [&str; 6] = ["<INS>", "</INS>", "<Start>", "</Start>", "<TEXT>", "</TEXT>"];
