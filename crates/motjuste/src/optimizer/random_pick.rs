//! Random pick: the control of `motjuste`. The same pool, the same start, no model of it.

use rand::seq::index::sample;

use super::Optimizer;
use super::pool::{self, PoolConfig};
use crate::Result;
use crate::history::History;
use crate::model::Generation;
use crate::proposal::Proposal;
use crate::random::Stream;

/// The settings of the random pick.
pub type RandomPickConfig = PoolConfig;

#[derive(Debug)]
pub(super) struct RandomPick {
    config: RandomPickConfig,
}

impl RandomPick {
    pub(super) fn new(config: RandomPickConfig) -> Self {
        Self { config }
    }
}

impl Optimizer for RandomPick {
    fn ask(&mut self, history: &History, stream: &mut Stream) -> Result<Vec<Proposal>> {
        if history.rounds().is_empty() {
            return self.config.soft_prompts(stream);
        }
        let mut fresh = pool::members(history);
        fresh.retain(|member| history.find(&member.generation.text).is_none());
        let chosen = sample(stream, fresh.len(), self.config.batch.min(fresh.len()));
        Ok(chosen.iter().map(|index| Proposal::Pooled(fresh[index].id)).collect())
    }

    fn select(&mut self, history: &History, generated: &[Generation]) -> Vec<usize> {
        self.config.first_picks(history, generated)
    }
}
