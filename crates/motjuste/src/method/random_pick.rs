//! Random pick: the control of `motjuste`. The same pool, the same start, no model of it.

use rand::seq::index::sample;
use serde::{Deserialize, Serialize};

use super::pool::{self, Pool};
use super::{Bounds, HiddenStates, Method, MethodId, Needs, Race, Registered, soft_prompts};
use crate::Result;
use crate::history::{Allocation, Candidate, History, Proposal, Reading, Reply};
use crate::random::Stream;

/// Instructions drawn at random from the pool that [`Motjuste`](super::Motjuste) decodes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RandomPick {
    /// How the pool is decoded.
    pub pool: Pool,
    /// How instructions are raced.
    pub race: Race,
}

impl Registered for RandomPick {
    const NAME: &'static str = "random-pick";
    const SUMMARY: &'static str =
        "The pool and the race of `motjuste` without its model: the control.";

    fn presets() -> Vec<(&'static str, Self)> {
        vec![("random-pick-unraced", Self { race: Race::off(), ..Self::default() })]
    }
}

impl Method for RandomPick {
    fn id(&self) -> MethodId {
        MethodId::new(Self::NAME, self).called(self.label())
    }

    fn needs(&self) -> Needs {
        self.race.needs(soft_prompts::needs(HiddenStates::Unused))
    }

    fn check(&self) -> Result<()> {
        self.race.check()?;
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
            return self.race.begin(history, stream, self.pool.first(fresh));
        }
        let unpaid = |candidate: &&Candidate| history.find(&candidate.instruction).is_none();
        let unpaid: Vec<&Candidate> = history.candidates().iter().filter(unpaid).collect();
        let chosen = sample(stream, unpaid.len(), self.pool.batch.get().min(unpaid.len()));
        let new = |lanes| Ok(chosen.iter().take(lanes).map(|index| unpaid[index]).collect());
        self.race.allocate(history, self.pool.batch.get(), stream, new)
    }
}
