//! What the model has to beat with equally many evaluations.

use motjuste::random::Stream;
use motjuste_gp::special::uniform;

use super::{Instance, LinearRegression, Pair};
use crate::best_found::{BestFound, Tracker};
use crate::problem::Evaluated;

/// A box of whole pairs, bounds included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SearchBox {
    /// The least w and b.
    pub lower: Pair,
    /// The largest w and b.
    pub upper: Pair,
}

impl SearchBox {
    /// The smallest box around the start region [10, 20]² and the true pair. To know it is an
    /// advantage that the model does not have.
    pub fn around(instance: &Instance) -> Self {
        let [w, b] = instance.truth;
        Self { lower: [w.min(10.0), b.min(10.0)], upper: [w.max(20.0), b.max(20.0)] }
    }

    fn draw(&self, stream: &mut Stream) -> Pair {
        std::array::from_fn(|axis| {
            let count = self.upper[axis] - self.lower[axis] + 1.0;
            self.lower[axis] + (uniform(stream) * count).floor()
        })
    }
}

/// Independent uniform whole pairs of the box, until one solves the problem. `None` without
/// evaluations.
pub fn random_search(
    problem: &LinearRegression,
    within: SearchBox,
    evaluations: usize,
    stream: &mut Stream,
) -> Option<BestFound<Pair>> {
    let mut tracker = Tracker::new(problem, evaluations);
    while tracker.evaluate(within.draw(stream)).is_some() {}
    tracker.found
}

/// Coordinate descent on whole numbers from the best start pair: steps of 8 up and down each
/// coordinate, halved when none helps, until they are spent, the problem is solved, or steps of 1 do
/// not help. The start pairs count as evaluations.
pub fn coordinate_descent(
    problem: &LinearRegression,
    start: &[Pair],
    evaluations: usize,
) -> Option<BestFound<Pair>> {
    let mut tracker = Tracker::new(problem, evaluations);
    for pair in start {
        if tracker.evaluate(*pair).is_none() {
            return tracker.found;
        }
    }
    let mut best = tracker.found.as_ref()?.best.clone();
    let mut step = 8.0;
    while step >= 1.0 {
        match descend(&mut tracker, &best, step) {
            Some(better) => best = better,
            None => step /= 2.0,
        }
    }
    tracker.found
}

/// The first neighbour at this distance that is better.
fn descend(
    tracker: &mut Tracker<'_, LinearRegression>,
    from: &Evaluated<Pair>,
    step: f64,
) -> Option<Evaluated<Pair>> {
    let moves = [[step, 0.0], [-step, 0.0], [0.0, step], [0.0, -step]];
    moves.into_iter().find_map(|[dw, db]| {
        let point = [from.point[0] + dw, from.point[1] + db];
        let value = tracker.evaluate(point)?;
        (value < from.value).then_some(Evaluated { point, value })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use motjuste::random::Streams;

    fn instance() -> Instance {
        Instance::draw([3.0, 5.0], Streams::new(1))
    }

    #[test]
    fn baselines_keep_to_their_evaluations_and_never_get_worse() {
        let problem = LinearRegression::new(instance());
        let within = SearchBox::around(&instance());
        let mut stream = Streams::new(2).stream("baseline", 0);
        let few = coordinate_descent(&problem, &instance().start, 8).unwrap();
        let many = coordinate_descent(&problem, &instance().start, 200).unwrap();
        assert!(few.evaluations <= 8 && many.best.value <= few.best.value);
        let random = random_search(&problem, within, 50, &mut stream).unwrap();
        let inside = |axis: usize| {
            (within.lower[axis]..=within.upper[axis]).contains(&random.best.point[axis])
        };
        assert!(random.evaluations <= 50 && inside(0) && inside(1));
        assert!(random_search(&problem, within, 0, &mut stream).is_none());
    }

    #[test]
    fn a_start_that_holds_the_solution_or_exceeds_the_evaluations_is_still_a_result() {
        let problem = LinearRegression::new(instance());
        let start = [[12.0, 12.0], [3.0, 5.0], [13.0, 13.0]];
        let lucky = coordinate_descent(&problem, &start, 100).unwrap();
        assert_eq!((lucky.solved_after, lucky.evaluations), (Some(2), 2));
        assert_eq!(coordinate_descent(&problem, &start[..1], 1).unwrap().evaluations, 1);
        assert_eq!(coordinate_descent(&problem, &start, 1).unwrap().best.point, start[0]);
        assert!(coordinate_descent(&problem, &start, 0).is_none());
    }

    #[test]
    fn random_search_ends_when_it_meets_the_true_pair() {
        let problem = LinearRegression::new(instance());
        let mut stream = Streams::new(3).stream("baseline", 0);
        let found =
            random_search(&problem, SearchBox::around(&instance()), 100_000, &mut stream).unwrap();
        assert_eq!(found.solved_after, Some(found.evaluations));
        assert_eq!(found.best.point, [3.0, 5.0]);
    }
}
