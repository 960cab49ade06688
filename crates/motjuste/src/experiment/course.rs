//! What a search held for the best as it went on.

use serde::{Deserialize, Serialize};

use crate::history::{Evaluation, History, Step};
use crate::journal::Outcome;

/// A search after some of its calls.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Moment {
    /// Calls to the target so far.
    pub calls: u64,
    /// The dev score of what it held for the best, on the rows that were paid for.
    pub dev: f64,
}

/// A course has so many moments at the most: those at which another part of all calls is done, and the last.
const MOMENTS: u64 = 25;

/// The moments of a search, at about equal distances in calls.
pub(super) fn course(outcome: &Outcome) -> Vec<Moment> {
    let config = &outcome.config;
    let mut history = History::scored_on(config.rows(0)).starting_with(config.task.start.clone());
    let steps = outcome.history.steps();
    let draws = config.target.sampling.calls();
    let all: u64 = steps.iter().map(answers).sum::<u64>() * draws;
    let (mut calls, mut due) = (0, 0);
    let mut moments = Vec::new();
    for step in steps {
        calls += answers(step) * draws;
        history.push(step.clone());
        if calls < due && calls < all {
            continue;
        }
        due = calls + all.div_ceil(MOMENTS);
        let leader = history.leader().and_then(|trial| trial.evaluation.as_ref()?.score);
        moments.extend(leader.map(|dev| Moment { calls, dev }));
    }
    moments
}

/// The answers of the target that a step paid for.
fn answers(step: &Step) -> u64 {
    let scored = step.assignments.iter().filter(|one| one.repeats.is_none());
    let scored = scored.filter_map(|one| one.evaluation.as_ref());
    let examined = step.examinations.iter().filter_map(|one| one.evaluation.as_ref());
    scored.chain(examined).map(|all: &Evaluation| all.per_example.len() as u64).sum()
}
