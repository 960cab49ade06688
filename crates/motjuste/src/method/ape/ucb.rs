//! Rows spent by upper confidence bounds (UCB1; Auer, Cesa-Bianchi and Fischer 2002), as in APE's published code.
//!
//! | symbol | meaning |
//! |---|---|
//! | K | instructions |
//! | n(i) | rows that instruction i was scored on, and 0.001 |
//! | x(i) | its mean score on them; 0 before the first |
//! | m | instructions that a round scores |
//!
//! A round scores the m instructions with the highest bounds `x(i) + c sqrt(ln(n(1) + ... + n(K)) / n(i))` on further
//! rows; the first round draws its m. The 0.001 puts whoever has no row yet before all others.

use std::num::NonZeroUsize;

use rand::seq::index::sample;
use serde::{Deserialize, Serialize};

use crate::history::{Candidate, Evaluation, History, Job, Rows};
use crate::method::arms::{self, ROWS};
use crate::method::decoded::is_given;
use crate::method::soft_prompts::count;
use crate::method::{Choice, Needs};
use crate::random::Stream;
use crate::{Error, Result};

/// A bandit over instructions.
///
/// ```
/// use motjuste::method::Ucb;
/// // A third of 50 instructions, 20 times, on five rows each.
/// assert_eq!(Ucb::default().chosen(50), 16);
/// assert_eq!(Ucb { instructions: 8.0, ..Ucb::default() }.chosen(50), 8);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ucb {
    /// Rounds.
    pub rounds: usize,
    /// Instructions that a round scores, m: a share of all below 1, else a number.
    pub instructions: f64,
    /// Rows that a round scores each of them on.
    pub rows: NonZeroUsize,
    /// Weight of the unknown, c.
    pub c: f64,
    /// Whether all get the rows in one order, or each in an order of its own, nearer to the published draws.
    pub paired: bool,
}

impl Default for Ucb {
    /// The published code's numbers.
    fn default() -> Self {
        Self { rounds: 20, instructions: 0.334, rows: count(5), c: 1.0, paired: true }
    }
}

/// What keeps the bound of an instruction without a row finite.
const LEAST: f64 = 1e-3;

impl Ucb {
    /// m: instructions that a round scores out of so many; the share rounded down, and at least one.
    pub fn chosen(&self, all: usize) -> usize {
        let wanted = match self.instructions {
            share if share < 1.0 => share * all as f64,
            number => number,
        };
        (wanted as usize).max(1).min(all)
    }

    pub(super) fn check(&self) -> Result<()> {
        let is_positive = |number: f64| number.is_finite() && number > 0.0;
        if self.rounds == 0
            || !is_positive(self.instructions)
            || self.c < 0.0
            || !self.c.is_finite()
        {
            return Err(Error::configuration("ucb.rounds, ucb.instructions or ucb.c is out of its range")
                .with_help("set ucb.rounds to 1 or more, ucb.instructions to a share or a number above 0, ucb.c to 0 or more"));
        }
        Ok(())
    }

    /// As for a race: trials end with unequal rows, so the highest posterior mean is the result.
    pub(super) fn needs(&self, needs: Needs, texts: usize) -> Needs {
        let all = self.rounds * self.chosen(texts) * self.rows.get();
        Needs {
            choice: Choice::PosteriorMean,
            dev_examples: ROWS,
            first_rows: self.rows.get(),
            usual_rows: all.div_ceil(texts),
            tops_up_at_end: false,
            ..needs
        }
    }

    /// The next round: whom it scores, and on which rows.
    pub(super) fn allocate(
        &self,
        history: &History,
        fresh: &[Candidate],
        stream: &mut Stream,
    ) -> Vec<Job> {
        if history.steps().len() >= self.rounds {
            return Vec::new();
        }
        let written = history.candidates().iter().filter(|it| !is_given(history, it));
        let arms: Vec<Arm<'_>> = written.chain(fresh).map(|it| Arm::of(history, it)).collect();
        let chosen = self.choose(&arms, history.rows().len(), stream);
        chosen.into_iter().map(|arm| self.job(history, &arms[arm])).collect()
    }

    /// The instructions of a round, those with the highest bounds; drawn before anything is known. Who has all rows
    /// has nothing more to show.
    fn choose(&self, arms: &[Arm<'_>], rows: usize, stream: &mut Stream) -> Vec<usize> {
        let most = self.chosen(arms.len());
        if arms.iter().all(|arm| arm.rows.is_empty()) {
            return sample(stream, arms.len(), most).into_vec();
        }
        let counts: Vec<usize> = arms.iter().map(|arm| arm.rows.len()).collect();
        let means: Vec<f64> = arms.iter().map(|arm| arm.mean).collect();
        let bounds = upper_bounds(&means, &counts, self.c);
        let mut order = by_bound(&bounds);
        order.retain(|&arm| counts[arm] < rows);
        order.truncate(most);
        order
    }

    /// Further rows for an instruction, none twice; fewer where fewer are left.
    fn job(&self, history: &History, arm: &Arm<'_>) -> Job {
        let order = match self.paired {
            true => arms::order(history, "rows"),
            false => arms::order(history, &format!("rows of {}", arm.candidate.id)),
        };
        let open = order.into_iter().filter(|row| arm.rows.binary_search(row).is_err());
        let rows = Rows::These(open.take(self.rows.get()).collect());
        Job { candidate: arm.candidate.id, rows }
    }
}

/// An instruction with what it was scored on.
struct Arm<'a> {
    candidate: &'a Candidate,
    /// Rows that were paid for, ascending; those without a score among them.
    rows: Vec<usize>,
    mean: f64,
}

impl<'a> Arm<'a> {
    fn of(history: &History, candidate: &'a Candidate) -> Self {
        let evaluation = history.trial_of(candidate.id).and_then(|trial| trial.evaluation.as_ref());
        let rows = evaluation.map(Evaluation::examples).unwrap_or_default();
        Self { candidate, rows, mean: evaluation.and_then(|all| all.score).unwrap_or(0.0) }
    }
}

/// `x(i) + c sqrt(ln(n(1) + ... + n(K)) / n(i))`, with n = rows and [`LEAST`].
fn upper_bounds(means: &[f64], counts: &[usize], c: f64) -> Vec<f64> {
    let seen = |count: &usize| *count as f64 + LEAST;
    let all: f64 = counts.iter().map(seen).sum();
    // Below one row the logarithm is negative; there is no bound to speak of then.
    let log = all.ln().max(0.0);
    means.iter().zip(counts).map(|(mean, count)| mean + c * (log / seen(count)).sqrt()).collect()
}

/// The instructions, the highest bound first, the first of equals.
fn by_bound(bounds: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..bounds.len()).collect();
    order.sort_by(|&a, &b| bounds[b].total_cmp(&bounds[a]));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers worked out by hand for the published rule.
    #[test]
    fn bounds_are_those_of_the_published_rule() {
        let bounds = upper_bounds(&[0.6, 0.9, 0.0, 0.8], &[10, 10, 0, 5], 1.0);
        let expected =
            [1.167337107959236, 1.467337107959236, 56.736547410549804, 1.6022957227410397];
        for (bound, expected) in bounds.iter().zip(expected) {
            assert!((bound - expected).abs() < 1e-12, "{bound} {expected}");
        }
        assert_eq!(by_bound(&bounds), [2, 3, 1, 0]);
    }

    /// The published code's own case: sums 5 and 10 for the first two, then 1 more for each of the first four.
    #[test]
    fn whoever_has_no_row_goes_first() {
        let bounds = upper_bounds(&[3.0, 5.5, 1.0, 1.0, 0.0], &[2, 2, 1, 1, 0], 1.0);
        assert_eq!(by_bound(&bounds)[..2], [4, 1]);
    }

    #[test]
    fn without_weight_for_the_unknown_the_best_mean_leads() {
        let bounds = upper_bounds(&[0.6, 0.9, 0.0, 0.8], &[10, 10, 0, 5], 0.0);
        assert_eq!(by_bound(&bounds), [1, 3, 0, 2]);
    }

    #[test]
    fn a_round_scores_a_share_or_a_number_and_at_least_one() {
        let of = |instructions| Ucb { instructions, ..Ucb::default() };
        assert_eq!([0.334, 0.01, 1.0, 3.0, 99.0].map(|it| of(it).chosen(9)), [3, 1, 1, 3, 9]);
        assert_eq!(of(0.5).chosen(0), 0);
        assert!(
            of(0.0).check().is_err() && of(f64::NAN).check().is_err() && of(2.0).check().is_ok()
        );
    }
}
