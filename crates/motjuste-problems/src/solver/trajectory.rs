//! What became of one search.

use std::collections::BTreeMap;
use std::iter::Sum;

use motjuste::budget;
use serde::Serialize;

use crate::best_found::BestFound;
use crate::problem::{Evaluated, Problem};
use crate::search::{Progress, Reading};

/// A search from its start to where it stopped.
#[derive(Debug, Clone, PartialEq)]
pub struct Trajectory<P> {
    /// Every step with its replies.
    pub progress: Progress<P>,
    /// Why it stopped.
    pub stop_reason: StopReason,
}

/// Why a search stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// A proposal of this step solved the problem.
    Solved {
        /// The number of the step, from 1.
        step: usize,
    },
    /// The steps ran out.
    Steps,
    /// A further step does not fit into this line of the budget.
    Budget(budget::StopReason),
}

impl StopReason {
    /// The step that solved the problem.
    ///
    /// ```
    /// use motjuste_problems::StopReason;
    /// assert_eq!(StopReason::Solved { step: 3 }.solving_step(), Some(3));
    /// assert_eq!(StopReason::Steps.solving_step(), None);
    /// ```
    pub fn solving_step(self) -> Option<usize> {
        match self {
            Self::Solved { step } => Some(step),
            Self::Steps | Self::Budget(_) => None,
        }
    }
}

/// What became of the replies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Counts {
    /// All replies.
    pub total: usize,
    /// Replies with a new point, which was evaluated.
    pub new: usize,
    /// Replies with a point that was evaluated before.
    pub duplicates: usize,
    /// Replies without a point.
    pub invalid: usize,
    /// Why there was no point, and how often.
    pub reasons: BTreeMap<String, usize>,
}

/// The counts of all searches together.
///
/// ```
/// use motjuste_problems::Counts;
/// let search = Counts { total: 8, new: 5, duplicates: 3, ..Counts::default() };
/// assert_eq!([&search, &search].into_iter().sum::<Counts>().new, 10);
/// ```
impl<'a> Sum<&'a Counts> for Counts {
    fn sum<I: Iterator<Item = &'a Counts>>(searches: I) -> Self {
        let mut all = Self::default();
        for one in searches {
            all.total += one.total;
            all.new += one.new;
            all.duplicates += one.duplicates;
            all.invalid += one.invalid;
            for (reason, times) in &one.reasons {
                *all.reasons.entry(reason.clone()).or_default() += times;
            }
        }
        all
    }
}

impl Counts {
    fn add<P>(&mut self, reading: &Reading<P>) {
        self.total += 1;
        match reading {
            Reading::New(_) => self.new += 1,
            Reading::Duplicate(_) => self.duplicates += 1,
            Reading::Invalid(reason) => {
                self.invalid += 1;
                *self.reasons.entry(reason.clone()).or_default() += 1;
            }
        }
    }
}

/// A model's search in numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelRun<P> {
    /// What it found; its evaluations are the distinct points, those of the start included.
    #[serde(flatten)]
    pub found: BestFound<P>,
    /// Why it stopped.
    pub stop_reason: StopReason,
    /// Steps taken.
    pub steps: usize,
    /// What became of the replies.
    pub replies: Counts,
    /// The best value after each step.
    pub best_by_step: Vec<f64>,
}

impl<P: Clone + PartialEq> Trajectory<P> {
    /// The search in numbers; `None` when not one point was evaluated.
    pub fn summary<Q: Problem<Point = P>>(&self, problem: &Q) -> Option<ModelRun<P>> {
        let evaluated: Vec<_> = self.progress.evaluated().collect();
        let solving = evaluated.iter().position(|point| problem.is_solved(point));
        let found = BestFound {
            best: self.progress.best()?.clone(),
            evaluations: evaluated.len(),
            solved_after: self.stop_reason.solving_step().and(solving).map(|index| index + 1),
        };
        Some(ModelRun {
            found,
            stop_reason: self.stop_reason,
            steps: self.progress.steps.len(),
            replies: self.counts(),
            best_by_step: self.best_by_step(),
        })
    }

    fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        let replies = self.progress.steps.iter().flat_map(|step| &step.replies);
        replies.for_each(|(_, reading)| counts.add(reading));
        counts
    }

    fn best_by_step(&self) -> Vec<f64> {
        let least = |least: f64, point: &Evaluated<P>| least.min(point.value);
        let mut best = self.progress.start.iter().fold(f64::INFINITY, least);
        let mut by_step = Vec::with_capacity(self.progress.steps.len());
        for step in &self.progress.steps {
            for (_, reading) in &step.replies {
                if let Reading::New(point) = reading {
                    best = least(best, point);
                }
            }
            by_step.push(best);
        }
        by_step
    }
}
