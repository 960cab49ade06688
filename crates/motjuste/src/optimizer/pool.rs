//! A pool of instructions, decoded from many soft prompts before the target is called at all.

use std::collections::HashSet;

use motjuste_gp::Bounds;
use motjuste_gp::sobol::Sobol;
use rand::Rng;
use serde::{Deserialize, Serialize};

use super::uniform::draw_projection;
use crate::history::History;
use crate::model::Generation;
use crate::proposal::{Entries, GenerationId, Proposal, SoftPrompt};
use crate::random::Stream;
use crate::{Error, Result};

/// How the pool is decoded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PoolConfig {
    /// Soft prompts to decode.
    pub size: usize,
    /// Random projections to divide them among: one alone reaches about half of all wordings. Each
    /// reads a draw of demonstrations of its own.
    pub projections: usize,
    /// Latent coordinates, d.
    pub dimensions: usize,
    /// Soft tokens.
    pub soft_tokens: usize,
    /// The distribution of a projection's entries.
    pub entries: Entries,
    /// Instructions to pay for before the first choice.
    pub start: usize,
    /// Instructions to pay for in each round.
    pub batch: usize,
}

impl Default for PoolConfig {
    fn default() -> Self {
        Self {
            size: 1000,
            projections: 4,
            dimensions: 10,
            soft_tokens: 5,
            entries: Entries::Uniform,
            start: 10,
            batch: 5,
        }
    }
}

impl PoolConfig {
    /// Scrambled Sobol points of [-1, 1]^d, dealt out to the projections in turn.
    pub(super) fn soft_prompts(&self, stream: &mut Stream) -> Result<Vec<Proposal>> {
        let decks: Vec<Vec<Proposal>> = (0..self.projections.max(1) as u64)
            .map(|deck| self.deck(deck, stream))
            .collect::<Result<_>>()?;
        let turns = 0..self.size.div_ceil(decks.len());
        let dealt = turns.flat_map(|turn| decks.iter().map(move |deck| deck[turn].clone()));
        Ok(dealt.take(self.size).collect())
    }

    fn deck(&self, demonstrations: u64, stream: &mut Stream) -> Result<Vec<Proposal>> {
        let projection = draw_projection(self.soft_tokens, self.entries, stream);
        let count = self.size.div_ceil(self.projections.max(1));
        let points = Bounds::cube(self.dimensions, -1.0, 1.0).and_then(|bounds| {
            let mut sobol = Sobol::scrambled(self.dimensions, stream.next_u64())?;
            bounds.stretch(&sobol.points(count)?)
        });
        let points = points.map_err(|error| {
            Error::configuration(format!("the pool cannot be drawn: {error}")).with_source(error)
        })?;
        let soft_prompt = |z: &[f64]| SoftPrompt { z: z.to_vec(), projection, demonstrations };
        Ok(points.rows().map(|z| Proposal::SoftPrompt(soft_prompt(z))).collect())
    }

    /// The first `start` distinct usable texts of a freshly decoded pool.
    pub(super) fn first_picks(&self, history: &History, generated: &[Generation]) -> Vec<usize> {
        let mut taken = HashSet::new();
        let is_new = |index: &usize| {
            let text = generated[*index].text.as_str();
            is_usable(text) && history.find(text).is_none() && taken.insert(text)
        };
        let new = (0..generated.len()).filter(is_new);
        new.take(if history.rounds().is_empty() { self.start } else { usize::MAX }).collect()
    }
}

/// One distinct instruction of the pool.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member<'a> {
    pub id: GenerationId,
    pub generation: &'a Generation,
}

/// The distinct usable texts decoded so far, each at its first place.
pub(super) fn members(history: &History) -> Vec<Member<'_>> {
    let mut seen = HashSet::new();
    history
        .generations()
        .filter(|(_, proposal, _)| matches!(proposal, Proposal::SoftPrompt(_)))
        .filter(|(_, _, generation)| is_usable(&generation.text))
        .filter(|(_, _, generation)| seen.insert(generation.text.as_str()))
        .map(|(id, _, generation)| Member { id, generation })
        .collect()
}

/// Whether a text can be an instruction at all: some letters, and no longer than a paragraph.
fn is_usable(text: &str) -> bool {
    const LONGEST: usize = 1000;
    text.chars().any(char::is_alphabetic)
        && text.len() <= LONGEST
        && !text.chars().any(|c| c == char::REPLACEMENT_CHARACTER)
}
