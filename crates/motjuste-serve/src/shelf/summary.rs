//! A study in a few numbers: what the list of all studies shows.

use std::time::{Duration, SystemTime};

use motjuste::budget::Account;
use motjuste::interval::Estimate;
use motjuste::journal::Outcome;

use super::folded::Folded;

/// How long after its last event a study counts as running where the store cannot tell.
const RUNNING: Duration = Duration::from_secs(600);

/// How far a study is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The search has not ended.
    Searching,
    /// The search has ended; the held-out scores are missing.
    Proving,
    /// All is done.
    Done,
}

impl Stage {
    pub(crate) fn of(outcome: &Outcome) -> Self {
        match (outcome.stop_reason, &outcome.assessment) {
            (_, Some(_)) => Self::Done,
            (Some(_), None) => Self::Proving,
            (None, None) => Self::Searching,
        }
    }
}

/// A study in a few numbers.
#[derive(Debug, Clone)]
pub(crate) struct Summary {
    pub(crate) study: String,
    pub(crate) task: String,
    pub(crate) method: String,
    pub(crate) seed: u64,
    pub(crate) target: String,
    pub(crate) stage: Stage,
    /// Trials that were evaluated.
    pub(crate) trials: usize,
    pub(crate) best: Option<f64>,
    pub(crate) instruction: Option<String>,
    pub(crate) test: Option<Estimate>,
    pub(crate) account: Account,
    /// The best dev score so far, where it rose: the share of the trials by then, and the score.
    pub(crate) curve: Vec<(f64, f64)>,
}

impl Summary {
    pub(super) fn of(folded: &Folded) -> Self {
        let outcome = &folded.outcome;
        let winner = outcome.winner();
        let assessed = outcome.assessment.as_ref().and_then(|all| all.winner.as_ref());
        Self {
            study: folded.study.clone(),
            task: outcome.config.task.name.clone(),
            method: outcome.config.method.label.clone(),
            seed: outcome.config.seed,
            target: outcome.config.target.model.clone(),
            stage: Stage::of(outcome),
            trials: outcome.history.evaluated_trials(),
            best: winner.and_then(|trial| trial.evaluation.as_ref()?.score),
            instruction: winner.map(|trial| trial.instruction.clone()),
            test: assessed.map(|winner| winner.interval),
            account: outcome.account,
            curve: curve(outcome),
        }
    }
}

/// Where the best dev score rose.
fn curve(outcome: &Outcome) -> Vec<(f64, f64)> {
    let trials = outcome.history.trials();
    let share = |index: usize| (index + 1) as f64 / trials.len().max(1) as f64;
    let mut rises: Vec<(f64, f64)> = Vec::new();
    for (index, trial) in trials.iter().enumerate() {
        let Some(score) = trial.score() else { continue };
        if rises.last().is_none_or(|(_, best)| score > *best) {
            rises.push((share(index), score));
        }
    }
    rises
}

/// Whether a study is running now: whether a process has its lease, or, where the store cannot tell, moved lately.
pub(super) fn is_running(
    stage: Stage,
    is_held: Option<bool>,
    moved: Option<SystemTime>,
    now: SystemTime,
) -> bool {
    // A clock that was set back makes the last event one of the future: that is recent, too.
    let age = moved.map(|moved| now.duration_since(moved).unwrap_or_default());
    stage != Stage::Done && is_held.unwrap_or(age.is_some_and(|age| age < RUNNING))
}
