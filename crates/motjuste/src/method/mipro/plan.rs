//! What the next step is for, told by the history: observations, a summary, instructions, then minibatches.

use rand::RngExt;

use super::{Mipro, OBSERVATIONS, OBSERVED, Pick, tpe};
use crate::history::{Assignment, History, Job, Rows, Step, Trial, TrialState};
use crate::method::arms;
use crate::random::Stream;

/// What the next step is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// The generator looks at a batch of train rows.
    Observe { batch: usize },
    /// It joins its observations.
    Summarise,
    /// It writes instructions.
    Write,
    /// The so-manieth step of the search.
    Search { step: usize },
}

/// Where a study is.
pub(super) struct Plan {
    pub phase: Phase,
    /// The index of the search's first step.
    pub first: usize,
}

impl Mipro {
    pub(super) fn plan(&self, history: &History) -> Plan {
        let batches = self.batches(history);
        let first = if batches > 0 { batches + 2 } else { 1 };
        let phase = match history.steps().len() {
            step if step >= first => Phase::Search { step: step - first },
            batch if batch < batches => Phase::Observe { batch },
            step if step == batches && batches > 0 => Phase::Summarise,
            _ => Phase::Write,
        };
        Plan { phase, first }
    }

    /// Batches of train rows that are observed.
    fn batches(&self, history: &History) -> usize {
        match self.summary {
            true => history.train_rows().div_ceil(OBSERVED).min(OBSERVATIONS),
            false => 0,
        }
    }

    /// What this step of the search pays for; nothing once all minibatches are paid for and the best is scored on all
    /// rows.
    pub(super) fn searched(
        &self,
        history: &History,
        first: usize,
        step: usize,
        stream: &mut Stream,
    ) -> Option<Job> {
        let cycle = self.full_every.get() + 1;
        let pulls = step - step / cycle;
        if pulls >= self.pulls() {
            let is_last = pulls == self.pulls() && !step.is_multiple_of(cycle);
            return if is_last { full(history) } else { None };
        }
        match (step + 1).is_multiple_of(cycle) {
            // Where a minibatch is the whole split there is nobody to top up.
            true => full(history).or_else(|| self.pull(history, first, stream)),
            false => self.pull(history, first, stream),
        }
    }

    /// Minibatches that are paid for.
    fn pulls(&self) -> usize {
        if self.trials > 0 { self.trials } else { self.instructions.get() * 3 / 2 }
    }

    /// The next minibatch of one instruction: those that were scored on all rows have none.
    fn pull(&self, history: &History, first: usize, stream: &mut Stream) -> Option<Job> {
        let open: Vec<usize> = (0..history.candidates().len())
            .filter(|&candidate| history.trial_of(candidate).is_none_or(is_open))
            .collect();
        if open.is_empty() {
            return None;
        }
        let chosen = match self.pick {
            Pick::Uniform => open[stream.random_range(0..open.len())],
            Pick::Tpe => open[tpe::next(open.len(), &self.seen(history, first, &open), stream)],
        };
        let order = arms::order(history, "minibatches");
        let paid = history.trial_of(chosen).map_or(0, |trial| trial.rows().len());
        let end = (paid + self.minibatch.get()).min(order.len());
        Some(Job { candidate: chosen, rows: Rows::These(order[..end].to_vec()) })
    }

    /// The mean of each minibatch so far, with the place of its instruction among those that are open.
    fn seen(&self, history: &History, first: usize, open: &[usize]) -> Vec<(usize, f64)> {
        let cycle = self.full_every.get() + 1;
        let is_pull = |step: &&Step| !(step.index - first + 1).is_multiple_of(cycle);
        let steps = history.steps().iter().skip(first).filter(is_pull);
        let jobs = steps.flat_map(|step| &step.assignments);
        let value = |job: &Assignment| {
            let place = open.iter().position(|&candidate| candidate == job.candidate)?;
            Some((place, job.evaluation.as_ref()?.score?))
        };
        jobs.filter_map(value).collect()
    }
}

fn is_open(trial: &Trial) -> bool {
    matches!(trial.state, TrialState::Partial | TrialState::Waiting)
}

/// All rows for the best mean that lacks some, the earliest of equals.
fn full(history: &History) -> Option<Job> {
    let score = |trial: &Trial| trial.evaluation.as_ref().and_then(|all| all.score);
    let scored = history.partial().filter(|trial| score(trial).is_some());
    let best = scored.reduce(|best, trial| if score(trial) > score(best) { trial } else { best });
    best.map(|trial| Job { candidate: trial.candidate, rows: Rows::All })
}
