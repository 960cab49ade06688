//! Uniform: independent soft prompts, no feedback (a baseline of InstructZero, arXiv 2306.03082).

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::Optimizer;
use crate::Result;
use crate::history::History;
use crate::model::Generation;
use crate::proposal::{Entries, Projection, Proposal, SoftPrompt};
use crate::random::Stream;

/// The settings of Uniform.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UniformConfig {
    /// Soft prompts in a round.
    pub batch: usize,
    /// Latent coordinates, d.
    pub dimensions: usize,
    /// Soft tokens.
    pub soft_tokens: usize,
    /// The distribution of the projection's entries.
    pub entries: Entries,
}

impl Default for UniformConfig {
    fn default() -> Self {
        Self { batch: 25, dimensions: 10, soft_tokens: 5, entries: Entries::Uniform }
    }
}

/// Random search over soft prompts: it earns or denies every other method its keep.
#[derive(Debug)]
pub(super) struct Uniform {
    config: UniformConfig,
}

impl Uniform {
    pub(super) fn new(config: UniformConfig) -> Self {
        Self { config }
    }
}

impl Optimizer for Uniform {
    fn ask(&mut self, history: &History, stream: &mut Stream) -> Result<Vec<Proposal>> {
        let fresh = draw_projection(self.config.soft_tokens, self.config.entries, stream);
        let projection = projection_of(history).unwrap_or(fresh);
        let soft_prompt = |_| {
            let z = (0..self.config.dimensions).map(|_| stream.random_range(-1.0..1.0)).collect();
            Proposal::SoftPrompt(SoftPrompt { z, projection, demonstrations: 0 })
        };
        Ok((0..self.config.batch).map(soft_prompt).collect())
    }

    /// Every soft prompt is a trial, as in the paper, also when its text was seen before.
    fn select(&mut self, _history: &History, generated: &[Generation]) -> Vec<usize> {
        (0..generated.len()).collect()
    }
}

/// A new projection; 32 bits of seed survive every JSON reader.
pub(super) fn draw_projection(tokens: usize, entries: Entries, stream: &mut Stream) -> Projection {
    Projection { tokens, entries, seed: u64::from(stream.next_u32()) }
}

/// The projection of a study that uses one throughout, once its first round is known.
pub(super) fn projection_of(history: &History) -> Option<Projection> {
    match history.rounds().first()?.proposals.first()? {
        Proposal::SoftPrompt(soft_prompt) => Some(soft_prompt.projection),
        _ => None,
    }
}
