//! From replies to instructions that are worth scoring.

use std::collections::HashSet;
use std::fmt;

use super::layout::Slot;
use super::reply::{bracketed, is_tagged, md5_key, polish, tagged, text_tag};
use super::settings::{OproConfig, Style};
use crate::history::History;
use crate::metric::Mode;
use crate::metric::python::is_digit;
use crate::proposal::Proposal;

/// What became of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A new instruction.
    Accepted(String),
    /// None: what was read, and why it is dropped.
    Dropped(String, Reason),
}

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
            Self::TooLong => "too long",
            Self::Digits => "holds digits",
            Self::Marker => "holds a marker",
        })
    }
}

/// A verdict on each reply, in order; a repetition among them is known.
pub(super) fn judge<'a>(
    config: &OproConfig,
    history: &History,
    replies: impl IntoIterator<Item = &'a str>,
) -> Vec<Verdict> {
    let mut seen = seen(config, history);
    let verdicts = replies.into_iter().map(|reply| {
        let Some(text) = instruction(config, reply) else {
            return Verdict::Dropped(String::new(), Reason::Unparsed);
        };
        let reason = match seen.insert(md5_key(&text)) {
            false => Some(Reason::Known),
            true => refusal(config, &text),
        };
        match reason {
            Some(reason) => Verdict::Dropped(text, reason),
            None => Verdict::Accepted(text),
        }
    });
    verdicts.collect()
}

/// The instruction in a reply, polished. Strict finds none that is empty, and none in a long reply
/// without markers.
pub(super) fn instruction(config: &OproConfig, reply: &str) -> Option<String> {
    let slot = Slot::of(config.style, config.layout.position);
    let strict = config.mode == Mode::Strict;
    let found = match config.style {
        Style::Tagged => {
            let rambling = !is_tagged(reply, slot) && reply.chars().count() > config.longest;
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
fn seen(config: &OproConfig, history: &History) -> HashSet<String> {
    let texts = history.generations().filter_map(|(_, proposal, generation)| match proposal {
        Proposal::Instruction(initial) => (config.mode == Mode::Strict).then(|| initial.clone()),
        _ => instruction(config, &generation.text),
    });
    texts.map(|text| md5_key(&text)).collect()
}

fn refusal(config: &OproConfig, text: &str) -> Option<Reason> {
    let marked = match config.mode {
        Mode::Compat => text.contains("INS"),
        Mode::Strict => MARKERS.iter().any(|marker| text.contains(marker)),
    };
    if text.chars().count() > config.longest {
        Some(Reason::TooLong)
    } else if !config.digits && text.chars().any(is_digit) {
        Some(Reason::Digits)
    } else {
        marked.then_some(Reason::Marker)
    }
}

const MARKERS: [&str; 6] = ["<INS>", "</INS>", "<Start>", "</Start>", "<TEXT>", "</TEXT>"];
