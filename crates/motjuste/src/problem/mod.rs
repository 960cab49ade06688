//! The two mathematical problems of OPRO (arXiv 2309.03409, section 3): a language model reads the
//! best points so far with their values and proposes better ones.
//!
//! A [`Problem`] says what a point is worth, what the model reads, and what a reply means. [`Search`]
//! is the loop between model calls: pure and synchronous, a function of the [`Progress`] so far, so
//! whoever owns the model can write the progress down, stop anywhere and go on.

pub mod linear_regression;
mod search;
pub mod tsp;

pub use search::{End, Evaluated, Next, Progress, Search, Settings, Step, Verdict};

use serde::Serialize;

use crate::Result;

/// A function to be minimised by a model that only sees points and values.
pub trait Problem {
    /// What is searched for.
    type Point: Clone + PartialEq;

    /// The value at a point; lower is better.
    fn value(&self, point: &Self::Point) -> f64;

    /// What the model reads: the best of the evaluated points, the worst of them first.
    ///
    /// # Errors
    /// [`Error::is_configuration`](crate::Error::is_configuration) when the template cannot be filled.
    fn meta_prompt(&self, known: &[Evaluated<Self::Point>]) -> Result<String>;

    /// The point that a reply proposes, or why it proposes none.
    fn read(&self, reply: &str) -> std::result::Result<Self::Point, String>;

    /// Whether nothing better is looked for.
    fn is_solved(&self, point: &Evaluated<Self::Point>) -> bool;
}

/// What a method without a language model reached with so many evaluations.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Baseline<P> {
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
) -> Option<Baseline<Q::Point>> {
    let mut tracker = Tracker::new(problem, usize::MAX);
    let mut points = points.into_iter();
    while points.next().and_then(|point| tracker.evaluate(point)).is_some() {}
    tracker.done
}

/// Counts evaluations and keeps the best.
struct Tracker<'a, Q: Problem> {
    problem: &'a Q,
    limit: usize,
    done: Option<Baseline<Q::Point>>,
}

impl<'a, Q: Problem> Tracker<'a, Q> {
    fn new(problem: &'a Q, limit: usize) -> Self {
        Self { problem, limit, done: None }
    }

    /// The value at `point`; `None` once the evaluations are spent or the problem is solved.
    fn evaluate(&mut self, point: Q::Point) -> Option<f64> {
        let count = self.done.as_ref().map_or(0, |done| done.evaluations);
        let solved = self.done.as_ref().and_then(|done| done.solved_after);
        if count >= self.limit || solved.is_some() {
            return None;
        }
        let value = self.problem.value(&point);
        let new = Evaluated { point, value };
        let solved_after = self.problem.is_solved(&new).then_some(count + 1);
        let best = match self.done.take() {
            Some(done) if done.best.value <= value => done.best,
            _ => new,
        };
        self.done = Some(Baseline { best, evaluations: count + 1, solved_after });
        Some(value)
    }
}
