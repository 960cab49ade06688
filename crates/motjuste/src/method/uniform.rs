//! Uniform: independent soft prompts, no feedback (a baseline of InstructZero, arXiv 2306.03082).

use std::num::NonZeroUsize;

use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::soft_prompts::{self, count, draw_projection, projection_of};
use super::{Bounds, HiddenStates, Method, MethodId, Needs, Registered, every_text};
use crate::Result;
use crate::history::{History, Proposal, Reading, Reply};
use crate::model::Entries;
use crate::random::Stream;

/// Random search over soft prompts: it earns or denies every other method its keep.
///
/// ```
/// use motjuste::history::History;
/// use motjuste::method::{Method, Uniform};
/// use motjuste::random::Streams;
/// let mut stream = Streams::new(0).stream("ask", 0);
/// let proposals = Uniform::default().propose(&History::new(), &mut stream).unwrap();
/// assert_eq!(proposals.len(), 25);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Uniform {
    /// Soft prompts in a step.
    pub batch: NonZeroUsize,
    /// Latent coordinates, d.
    pub dimensions: usize,
    /// Soft tokens.
    pub soft_tokens: usize,
    /// The distribution of the projection's entries.
    pub entries: Entries,
}

impl Default for Uniform {
    fn default() -> Self {
        Self { batch: count(25), dimensions: 10, soft_tokens: 5, entries: Entries::Uniform }
    }
}

impl Registered for Uniform {
    const NAME: &'static str = "uniform";
    const SUMMARY: &'static str =
        "Independent random soft prompts: the baseline that a method must beat.";
}

impl Method for Uniform {
    fn id(&self) -> MethodId {
        MethodId::new(Self::NAME, self)
    }

    fn needs(&self) -> Needs {
        soft_prompts::needs(HiddenStates::Unused)
    }

    fn check(&self) -> Result<()> {
        soft_prompts::check(self.dimensions, self.soft_tokens)
    }

    fn bounds(&self, trials: u64) -> Bounds {
        Bounds { replies: trials.next_multiple_of(self.batch.get() as u64), ..Bounds::default() }
    }

    fn propose(&self, history: &History, stream: &mut Stream) -> Result<Vec<Proposal>> {
        let fresh = draw_projection(self.soft_tokens, self.entries, stream);
        let projection = projection_of(history).unwrap_or(fresh);
        let mut point = |_| (0..self.dimensions).map(|_| stream.random_range(-1.0..1.0)).collect();
        let points: Vec<Vec<f64>> = (0..self.batch.get()).map(&mut point).collect();
        Ok(soft_prompts::at(points, projection, 0))
    }

    /// Every soft prompt is a trial, as in the paper, also when its text was seen before.
    fn read(&self, _: &History, _: &[Proposal], replies: &[Reply]) -> Vec<Reading> {
        every_text(replies)
    }
}
