//! A pool of instructions, decoded from many soft prompts before the target is called at all.

use std::collections::HashSet;
use std::num::NonZeroUsize;

use rand::seq::index::sample;
use serde::{Deserialize, Serialize};

use super::Bounds;
use super::soft_prompts::{self, count, draw_projection};
use crate::history::{Candidate, Found, History, Proposal, Reading, Reply};
use crate::model::Entries;
use crate::random::Stream;
use crate::{Error, Result};

/// How the pool is decoded, and how it is paid for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pool {
    /// Soft prompts to decode.
    pub size: usize,
    /// Random projections to divide them among: one alone reaches about half of all wordings. Each
    /// reads a draw of demonstrations of its own.
    pub projections: NonZeroUsize,
    /// Latent coordinates, d.
    pub dimensions: usize,
    /// Soft tokens.
    pub soft_tokens: usize,
    /// The distribution of a projection's entries.
    pub entries: Entries,
    /// Instructions to pay for before the first choice.
    pub start: usize,
    /// Instructions to pay for in each step.
    pub batch: NonZeroUsize,
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            size: 1000,
            projections: count(4),
            dimensions: 10,
            soft_tokens: 5,
            entries: Entries::Uniform,
            start: 10,
            batch: count(5),
        }
    }
}

impl Pool {
    /// Refuses a pool without an instruction.
    pub(super) fn check(&self) -> Result<()> {
        if self.size == 0 || self.start == 0 {
            return Err(Error::configuration(
                "a pool of 0 instructions, or a start of 0, is no search",
            )
            .with_help("set size and start to 1 or more"));
        }
        soft_prompts::check(self.dimensions, self.soft_tokens)
    }

    /// The whole pool is decoded at once.
    pub(super) fn bounds(&self) -> Bounds {
        Bounds { replies: self.size as u64, ..Bounds::default() }
    }

    /// The soft prompts, all in the first step: scrambled Sobol points of [-1, 1]^d, dealt out to the
    /// projections in turn.
    pub(super) fn propose(&self, history: &History, stream: &mut Stream) -> Result<Vec<Proposal>> {
        if !history.steps().is_empty() {
            return Ok(Vec::new());
        }
        let decks: Vec<Vec<Proposal>> = (0..self.projections.get() as u64)
            .map(|deck| self.deck(deck, stream))
            .collect::<Result<_>>()?;
        let turns = 0..self.size.div_ceil(decks.len());
        let dealt = turns.flat_map(|turn| decks.iter().map(move |deck| deck[turn].clone()));
        Ok(dealt.take(self.size).collect())
    }

    fn deck(&self, demonstrations: u64, stream: &mut Stream) -> Result<Vec<Proposal>> {
        let projection = draw_projection(self.soft_tokens, self.entries, stream);
        let count = self.size.div_ceil(self.projections.get());
        let points = soft_prompts::sobol(self.dimensions, -1.0, count, stream);
        let points = points.map_err(|error| {
            Error::configuration(format!("the pool cannot be drawn: {error}")).with_source(error)
        })?;
        Ok(soft_prompts::at(points, projection, demonstrations))
    }

    /// The first `start` candidates of a freshly decoded pool.
    pub(super) fn first<'a>(&self, fresh: &'a [Candidate]) -> Vec<&'a Candidate> {
        fresh.iter().take(self.start).collect()
    }
}

/// So many of these candidates, drawn without replacement.
pub(super) fn drawn<'a>(
    candidates: &[&'a Candidate],
    count: usize,
    stream: &mut Stream,
) -> Vec<&'a Candidate> {
    let chosen = sample(stream, candidates.len(), count.min(candidates.len()));
    chosen.iter().map(|index| candidates[index]).collect()
}

/// The distinct texts that can be an instruction, each at its first place.
pub(super) fn read(history: &History, replies: &[Reply]) -> Vec<Reading> {
    let mut seen = HashSet::new();
    let one = |reply: &Reply| {
        let text = reply.text.as_str();
        vec![if !is_usable(text) {
            Found::dropped(text, "not usable as an instruction")
        } else if history.find(text).is_some() || !seen.insert(text.to_owned()) {
            Found::dropped(text, "known already")
        } else {
            Found::new(text)
        }]
    };
    replies.iter().map(one).collect()
}

/// Every text that can be an instruction, also one that is known: it costs nothing again.
pub(super) fn read_repeats(replies: &[Reply]) -> Vec<Reading> {
    let one = |reply: &Reply| match reply.text.as_str() {
        text if is_usable(text) => vec![Found::new(text)],
        text => vec![Found::dropped(text, "not usable as an instruction")],
    };
    replies.iter().map(one).collect()
}

/// Whether a text can be an instruction at all: some letters, and no longer than a paragraph.
fn is_usable(text: &str) -> bool {
    const LONGEST: usize = 1000;
    text.chars().any(char::is_alphabetic)
        && text.len() <= LONGEST
        && !text.chars().any(|c| c == char::REPLACEMENT_CHARACTER)
}
