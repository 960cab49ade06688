//! The best point of a number of evaluations.

use serde::Serialize;

use crate::problem::{Evaluated, Problem};

/// What a method found with so many evaluations.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BestFound<P> {
    /// The best point, the earliest of equals.
    pub best: Evaluated<P>,
    /// Evaluations spent.
    pub evaluations: usize,
    /// The evaluation that solved the problem, counted from 1.
    pub solved_after: Option<usize>,
}

/// The best of these points, up to the first that solves the problem. `None` without points.
pub fn best_of<Q: Problem>(
    problem: &Q,
    points: impl IntoIterator<Item = Q::Point>,
) -> Option<BestFound<Q::Point>> {
    let mut tracker = Tracker::new(problem, usize::MAX);
    let mut points = points.into_iter();
    while points.next().and_then(|point| tracker.evaluate(point)).is_some() {}
    tracker.found
}

/// Counts evaluations and keeps the best.
pub(crate) struct Tracker<'a, Q: Problem> {
    problem: &'a Q,
    limit: usize,
    pub(crate) found: Option<BestFound<Q::Point>>,
}

impl<'a, Q: Problem> Tracker<'a, Q> {
    pub(crate) fn new(problem: &'a Q, limit: usize) -> Self {
        Self { problem, limit, found: None }
    }

    /// The value at `point`; `None` once the evaluations are spent or the problem is solved.
    pub(crate) fn evaluate(&mut self, point: Q::Point) -> Option<f64> {
        let count = self.found.as_ref().map_or(0, |found| found.evaluations);
        let solved = self.found.as_ref().and_then(|found| found.solved_after);
        if count >= self.limit || solved.is_some() {
            return None;
        }
        let value = self.problem.value(&point);
        let new = Evaluated { point, value };
        let solved_after = self.problem.is_solved(&new).then_some(count + 1);
        let best = match self.found.take() {
            Some(found) if found.best.value <= value => found.best,
            _ => new,
        };
        self.found = Some(BestFound { best, evaluations: count + 1, solved_after });
        Some(value)
    }
}
