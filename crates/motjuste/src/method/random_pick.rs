//! Random pick: the control of `motjuste`. The same pool, the same start, no model of it.

use rand::seq::index::sample;
use serde::{Deserialize, Serialize};

use super::pool::{self, Pool};
use super::{Bounds, HiddenStates, Method, MethodId, Needs, Registered, soft_prompts};
use crate::Result;
use crate::history::{Allocation, Candidate, History, Job, Proposal, Reading, Reply};
use crate::random::Stream;

/// Instructions drawn at random from the pool that [`Motjuste`](super::Motjuste) decodes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RandomPick {
    /// The pool.
    pub pool: Pool,
}

impl Registered for RandomPick {
    const NAME: &'static str = "random-pick";
    const SUMMARY: &'static str = "The pool of `motjuste` without its model: the control.";
}

impl Method for RandomPick {
    fn id(&self) -> MethodId {
        MethodId::new(Self::NAME, self)
    }

    fn needs(&self) -> Needs {
        soft_prompts::needs(HiddenStates::Unused)
    }

    fn check(&self) -> Result<()> {
        self.pool.check()
    }

    fn bounds(&self, _: u64) -> Bounds {
        self.pool.bounds()
    }

    fn propose(&self, history: &History, stream: &mut Stream) -> Result<Vec<Proposal>> {
        self.pool.propose(history, stream)
    }

    fn read(&self, history: &History, _: &[Proposal], replies: &[Reply]) -> Vec<Reading> {
        pool::read(history, replies)
    }

    fn allocate(
        &self,
        history: &History,
        fresh: &[Candidate],
        stream: &mut Stream,
    ) -> Result<Allocation> {
        if history.steps().is_empty() {
            return Ok(self.pool.first(fresh).into());
        }
        let unpaid = |candidate: &&Candidate| history.find(&candidate.instruction).is_none();
        let unpaid: Vec<&Candidate> = history.candidates().iter().filter(unpaid).collect();
        let chosen = sample(stream, unpaid.len(), self.pool.batch.get().min(unpaid.len()));
        Ok(chosen.iter().map(|index| Job::all(unpaid[index])).collect::<Vec<_>>().into())
    }
}
