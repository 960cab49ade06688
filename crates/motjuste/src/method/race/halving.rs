//! Asynchronous successive halving (Li et al., ASHA, 2020, arXiv 1810.05934): rungs of rows.
//!
//! A racer begins on the lowest rung. Of those that reached a rung, the best one in `eta` goes on to the next, which
//! has `eta` times the rows. Whenever nobody may go on, a new racer begins. So a budget is spread over breadth and
//! depth in equal parts, however large it turns out to be, and nobody is given up for good. Who is better is told by
//! the posterior mean, to which all rows of all trials contribute.

use std::cmp::Reverse;

use rand::seq::SliceRandom;

use super::Race;
use crate::Result;
use crate::history::{Allocation, Candidate, History, Job, Rows, Standing, standings};
use crate::random::Stream;

impl Race {
    pub(super) fn halve<'a>(
        &self,
        history: &History,
        lanes: usize,
        stream: &mut Stream,
        new: impl FnOnce(usize) -> Result<Vec<&'a Candidate>>,
    ) -> Result<Allocation> {
        let ladder = Ladder::of(self, history);
        let mut up = ladder.promoted(lanes);
        let fresh = new(lanes - up.len())?;
        if fresh.is_empty() && up.is_empty() {
            up = ladder.next_best(lanes);
        }
        let mut order = history.rows().to_vec();
        order.shuffle(stream);
        let jobs = up.into_iter().map(|(trial, rows)| Job {
            candidate: history.trials()[trial].candidate,
            rows: Rows::These(ladder.more(trial, rows, &order)),
        });
        let first = Rows::These(order.iter().take(self.block.get()).copied().collect());
        let begun = fresh.iter().map(|one| Job { candidate: one.id, rows: first.clone() });
        Ok(jobs.chain(begun).collect::<Vec<_>>().into())
    }
}

/// Who is on which rung.
struct Ladder<'a> {
    history: &'a History,
    /// The best first.
    ranked: Vec<Standing>,
    /// The rows of each rung, ascending; the last is all of them.
    rungs: Vec<usize>,
    eta: usize,
}

impl<'a> Ladder<'a> {
    fn of(race: &Race, history: &'a History) -> Self {
        let mut ranked = standings(history);
        ranked.sort_by(|a, b| b.mean.total_cmp(&a.mean));
        let (all, eta) = (history.rows().len(), race.eta.get());
        let rungs = std::iter::successors(Some(race.block.get()), |rows| Some(rows * eta));
        let rungs = rungs.take_while(|rows| *rows < all).chain([all]).collect();
        Self { history, ranked, rungs, eta }
    }

    fn rows(&self, trial: usize) -> usize {
        let evaluation = self.history.trials()[trial].evaluation.as_ref();
        evaluation.map_or(0, |all| all.per_example.len())
    }

    /// So many trials at the most that may go on, from the highest rung down, each with the rows that it gets to.
    fn promoted(&self, most: usize) -> Vec<(usize, usize)> {
        let steps = self.rungs.windows(2).rev();
        let promoted = steps.flat_map(|step| self.promoted_to(step[0], step[1]));
        promoted.take(most).collect()
    }

    /// Those on the rung of `from` rows that are among the best of all that reached it.
    fn promoted_to(&self, from: usize, to: usize) -> Vec<(usize, usize)> {
        let reached = self.ranked.iter().map(|standing| standing.trial);
        let reached: Vec<usize> = reached.filter(|&trial| self.rows(trial) >= from).collect();
        let best = reached.iter().take(reached.len() / self.eta);
        best.filter(|&&trial| self.rows(trial) < to).map(|&trial| (trial, to)).collect()
    }

    /// The best of those that lack rows, with the next rung of each: where nobody new can begin.
    fn next_best(&self, most: usize) -> Vec<(usize, usize)> {
        let next = |trial: usize| {
            let rows = self.rows(trial);
            self.rungs.iter().copied().find(|rung| *rung > rows).map(|rung| (trial, rung))
        };
        self.ranked.iter().filter_map(|standing| next(standing.trial)).take(most).collect()
    }

    /// Further rows of a trial, up to so many: those first that most others have, so that they are compared on the
    /// same.
    fn more(&self, trial: usize, rows: usize, order: &[usize]) -> Vec<usize> {
        let seen = self.history.trials()[trial].rows();
        let mut open: Vec<usize> =
            order.iter().filter(|row| !seen.contains(row)).copied().collect();
        let leaders = self.ranked.iter().take(self.eta);
        let known: Vec<Vec<usize>> =
            leaders.map(|standing| self.history.trials()[standing.trial].rows()).collect();
        let count =
            |row: usize| known.iter().filter(|rows| rows.binary_search(&row).is_ok()).count();
        open.sort_by_cached_key(|row| Reverse(count(*row)));
        open.truncate(rows.saturating_sub(seen.len()));
        open
    }
}
