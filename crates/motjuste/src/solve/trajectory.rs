//! What became of one search.

use std::collections::BTreeMap;
use std::iter::Sum;

use serde::Serialize;

use crate::budget::StopReason;
use crate::problem::{Baseline, End, Evaluated, Problem, Progress, Verdict};

/// A search from its start to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Trajectory<P> {
    /// Every step with its replies.
    pub progress: Progress<P>,
    /// Why there are no more.
    pub ending: Ending,
}

/// Why a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// A proposal solved the problem after so many steps.
    Solved {
        /// The number of the step, from 1.
        steps: usize,
    },
    /// The steps ran out.
    Steps,
    /// A further step does not fit into this line of the budget.
    Cap(StopReason),
}

impl From<End> for Ending {
    fn from(end: End) -> Self {
        match end {
            End::Solved { steps } => Self::Solved { steps },
            End::Steps => Self::Steps,
        }
    }
}

impl Ending {
    /// The step that solved the problem.
    ///
    /// ```
    /// use motjuste::solve::Ending;
    /// assert_eq!(Ending::Solved { steps: 3 }.solved(), Some(3));
    /// assert_eq!(Ending::Steps.solved(), None);
    /// ```
    pub fn solved(self) -> Option<usize> {
        match self {
            Self::Solved { steps } => Some(steps),
            Self::Steps | Self::Cap(_) => None,
        }
    }
}

/// What became of the replies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Replies.
    pub replies: usize,
    /// New points, evaluated.
    pub new: usize,
    /// Points that were evaluated before.
    pub repeated: usize,
    /// Replies without a point.
    pub refused: usize,
    /// Why, and how often.
    pub reasons: BTreeMap<String, usize>,
}

/// The counts of all searches together.
///
/// ```
/// use motjuste::solve::Counts;
/// let search = Counts { replies: 8, new: 5, repeated: 3, ..Counts::default() };
/// assert_eq!([&search, &search].into_iter().sum::<Counts>().new, 10);
/// ```
impl<'a> Sum<&'a Counts> for Counts {
    fn sum<I: Iterator<Item = &'a Counts>>(searches: I) -> Self {
        let mut all = Self::default();
        for one in searches {
            all.replies += one.replies;
            all.new += one.new;
            all.repeated += one.repeated;
            all.refused += one.refused;
            for (reason, times) in &one.reasons {
                *all.reasons.entry(reason.clone()).or_default() += times;
            }
        }
        all
    }
}

impl Counts {
    fn add<P>(&mut self, verdict: &Verdict<P>) {
        self.replies += 1;
        match verdict {
            Verdict::Accepted(_) => self.new += 1,
            Verdict::Known(_) => self.repeated += 1,
            Verdict::Refused(reason) => {
                self.refused += 1;
                *self.reasons.entry(reason.clone()).or_default() += 1;
            }
        }
    }
}

/// A model's search in numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelRun<P> {
    /// Where it came to; its evaluations are the distinct points, those of the start included.
    #[serde(flatten)]
    pub reached: Baseline<P>,
    /// Why it ended.
    pub ending: Ending,
    /// Steps taken.
    pub steps: usize,
    /// What became of the replies.
    pub replies: Counts,
    /// The best value after each step.
    pub best_by_step: Vec<f64>,
}

impl<P: Clone + PartialEq> Trajectory<P> {
    /// The search in numbers; `None` when not one point was evaluated.
    pub fn summed_up<Q: Problem<Point = P>>(&self, problem: &Q) -> Option<ModelRun<P>> {
        let known: Vec<_> = self.progress.known().collect();
        let solving = known.iter().position(|point| problem.is_solved(point));
        let reached = Baseline {
            best: self.progress.best()?.clone(),
            evaluations: known.len(),
            solved_after: self.ending.solved().and(solving).map(|place| place + 1),
        };
        Some(ModelRun {
            reached,
            ending: self.ending,
            steps: self.progress.steps.len(),
            replies: self.counts(),
            best_by_step: self.best_by_step(),
        })
    }

    fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        let replies = self.progress.steps.iter().flat_map(|step| &step.replies);
        replies.for_each(|(_, verdict)| counts.add(verdict));
        counts
    }

    fn best_by_step(&self) -> Vec<f64> {
        let least = |least: f64, point: &Evaluated<P>| least.min(point.value);
        let mut best = self.progress.start.iter().fold(f64::INFINITY, least);
        let mut by_step = Vec::with_capacity(self.progress.steps.len());
        for step in &self.progress.steps {
            for (_, verdict) in &step.replies {
                if let Verdict::Accepted(point) = verdict {
                    best = least(best, point);
                }
            }
            by_step.push(best);
        }
        by_step
    }
}
