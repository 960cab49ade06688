//! Upper confidence bounds over a pool that grows (Auer, Cesa-Bianchi and Fischer 2002; with posteriors: Kaufmann, Cappé
//! and Garivier, Bayes-UCB, 2012; with more arms than can be tried: Wang, Audibert and Munos 2008).
//!
//! | symbol | meaning |
//! |---|---|
//! | m(x), s(x) | posterior mean and standard deviation of instruction x, [`standings`] |
//! | m* | the highest posterior mean |
//! | β | `bound` |
//!
//! Of the instructions that a step pays for, a share is new. The others are those with the highest `m(x) + β s(x)` that
//! lack rows, as long as that is above m*: whoever was unlucky on its first rows is met again once the leaders turn out
//! to be no better. Nobody is given up for good, and nobody gets a row who cannot be the result. Rows come in a new order
//! in each step, those first that the leader has: in one order for all, whoever is right on its first rows would seem
//! better than its equals.

use super::Race;
use super::board::Board;
use crate::Result;
use crate::history::{Allocation, Candidate, History, Job, Rows, Standing, standings};
use crate::random::Stream;

impl Race {
    pub(super) fn by_bounds<'a>(
        &self,
        history: &History,
        lanes: usize,
        stream: &mut Stream,
        new: impl FnOnce(usize) -> Result<Vec<&'a Candidate>>,
    ) -> Result<Allocation> {
        let rivals = self.rivals(history);
        let wanted = lanes - rivals.len().min(lanes - self.wanted(lanes));
        let fresh = new(wanted)?;
        let order = self.order(history, &Board::of(history), stream);
        let further = rivals.into_iter().take(lanes - fresh.len()).map(|trial| {
            let trial = &history.trials()[trial];
            let rows = next(&order, &trial.rows(), self.further.get());
            Job { candidate: trial.candidate, rows: Rows::These(rows) }
        });
        let first = Rows::These(next(&order, &[], self.block.get()));
        let begun = fresh.iter().map(|one| Job { candidate: one.id, rows: first.clone() });
        Ok(further.chain(begun).collect::<Vec<_>>().into())
    }

    /// Of so many instructions the new ones, rounded up.
    fn wanted(&self, lanes: usize) -> usize {
        ((self.fresh * lanes as f64).ceil() as usize).min(lanes)
    }

    /// The trials that lack rows and may be better than the leader, the leader itself among them; the highest bound first.
    fn rivals(&self, history: &History) -> Vec<usize> {
        let mut standings = standings(history);
        let leader = standings.iter().map(|one| one.mean).fold(f64::NEG_INFINITY, f64::max);
        let bound = |one: &Standing| one.mean + self.bound * one.sd;
        let rows = history.rows().len();
        let is_open = |one: &Standing| {
            let seen = history.trials()[one.trial].evaluation.as_ref();
            seen.is_some_and(|all| all.per_example.len() < rows)
        };
        standings.retain(|one| is_open(one) && bound(one) >= leader);
        standings.sort_by(|a, b| bound(b).total_cmp(&bound(a)));
        standings.into_iter().map(|one| one.trial).collect()
    }
}

/// The next rows, in this order, of a trial that has these, ascending.
fn next(order: &[usize], seen: &[usize], count: usize) -> Vec<usize> {
    let open = order.iter().filter(|row| seen.binary_search(row).is_err());
    open.take(count).copied().collect()
}
