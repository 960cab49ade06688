//! What leaders answer to train rows: all that a prompt may show of what they get wrong.

use std::collections::BTreeSet;

use super::Chat;
use super::pairs::{EACH_WAY, Pair, most};
use super::source::Source;
use crate::history::{ExampleScore, History, Trial};

/// The most train rows that one leader is examined on, in blocks.
pub(super) const BLOCKS: usize = 3;

/// Leaders that are examined besides one for each batch of trials: new ones come fast in the beginning.
const FREE: u64 = 4;

/// Leaders of which any two may be combined. Which two is told by rows that are paid for anyway, so many cost no more than
/// few; of few, all may be right on the same rows.
const LEADERS: usize = 8;

impl Chat {
    /// Who is to be examined next, on which rows. Everybody is examined on the same rows, in one order.
    pub(super) fn examined(&self, history: &History) -> Vec<(usize, Vec<usize>)> {
        let mut wanted = self.blocks_to_reflect(history);
        for (candidate, rows) in self.blocks_to_combine(history) {
            if wanted.iter().all(|(known, _)| *known != candidate) {
                wanted.push((candidate, rows));
            }
        }
        let mut known = examined_before(history);
        let most = self.most_examined(history.evaluated_trials() as u64);
        wanted.retain(|(candidate, rows)| {
            let is_known = known.contains(candidate);
            let is_allowed = is_known || (known.len() as u64) < most;
            is_allowed && !rows.is_empty() && (is_known || known.insert(*candidate))
        });
        wanted
    }

    /// The most candidates that are examined on the way to so many trials.
    pub(super) fn most_examined(&self, trials: u64) -> u64 {
        let leaders = FREE + trials.div_ceil(self.batch.get() as u64);
        let examined = if self.has(Source::Combine) { 2 * leaders } else { leaders };
        examined.min(trials)
    }

    /// The pair that is ready to be combined: that with the most train rows each way.
    pub(super) fn pair<'a>(&self, history: &'a History) -> Option<Pair<'a>> {
        most(self.pairs(history).into_iter(), |pair| pair.on_train(history))
    }

    /// A further block for the leader while it shows too few failures.
    fn blocks_to_reflect(&self, history: &History) -> Vec<(usize, Vec<usize>)> {
        let reflects = self.has(Source::Reflect);
        let Some(leader) = self.leaders(history, 1).first().copied().filter(|_| reflects) else {
            return Vec::new();
        };
        let seen = seen(history, leader);
        let is_enough =
            seen >= self.most_seen(history) || failures(history, leader).count() >= self.failures;
        if is_enough { Vec::new() } else { vec![self.block(history, leader, seen + self.examine)] }
    }

    /// While no pair is ready, further rows for the one that the dev rows tell apart best.
    fn blocks_to_combine(&self, history: &History) -> Vec<(usize, Vec<usize>)> {
        let pairs = self.pairs(history);
        if pairs.iter().any(|pair| pair.on_train(history) >= EACH_WAY) {
            return Vec::new();
        }
        let is_open = |pair: &Pair<'_>| self.least_seen(history, *pair) < self.most_seen(history);
        let Some(pair) = most(pairs.into_iter().filter(is_open), Pair::on_dev) else {
            return Vec::new();
        };
        let (a, b) = (seen(history, pair.a), seen(history, pair.b));
        let until = if a == b { a + self.examine } else { a.max(b) };
        vec![self.block(history, pair.a, until), self.block(history, pair.b, until)]
    }

    /// Any two of the leaders.
    fn pairs<'a>(&self, history: &'a History) -> Vec<Pair<'a>> {
        if !self.has(Source::Combine) {
            return Vec::new();
        }
        Pair::of(&self.leaders(history, LEADERS))
    }

    fn block(&self, history: &History, trial: &Trial, until: usize) -> (usize, Vec<usize>) {
        let until = until.min(self.most_seen(history));
        (trial.candidate, (seen(history, trial)..until).collect())
    }

    /// The most rows that anybody is examined on.
    fn most_seen(&self, history: &History) -> usize {
        (BLOCKS * self.examine).min(history.train_rows())
    }

    fn least_seen(&self, history: &History, pair: Pair<'_>) -> usize {
        seen(history, pair.a).min(seen(history, pair.b))
    }
}

/// What a trial got wrong on the train rows that it was examined on, the worst first.
pub(super) fn failures<'a>(
    history: &'a History,
    trial: &Trial,
) -> impl Iterator<Item = &'a ExampleScore> {
    let examined = history.examined(trial.candidate).into_iter().flat_map(|all| &all.per_example);
    let mut wrong: Vec<&ExampleScore> =
        examined.filter(|one| one.score.is_some_and(|score| score < 1.0)).collect();
    wrong.sort_by(|a, b| a.score.unwrap_or(1.0).total_cmp(&b.score.unwrap_or(1.0)));
    wrong.into_iter()
}

/// Train rows that a trial was examined on: the first ones.
fn seen(history: &History, trial: &Trial) -> usize {
    history.examined(trial.candidate).map_or(0, |all| all.per_example.len())
}

/// The candidates that were examined, or are to be.
fn examined_before(history: &History) -> BTreeSet<usize> {
    let examinations = history.steps().iter().flat_map(|step| &step.examinations);
    examinations.map(|one| one.candidate).collect()
}
