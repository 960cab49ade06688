//! Random tours: what the model has to beat with equally many evaluations.

use motjuste::random::Stream;
use rand::seq::SliceRandom;

use super::{Tour, Tsp};
use crate::best_found::{BestFound, Tracker};

/// Independent uniform tours from point 0, until one solves the problem. `None` without evaluations.
pub fn random_tours(
    problem: &Tsp,
    evaluations: usize,
    stream: &mut Stream,
) -> Option<BestFound<Tour>> {
    let mut tracker = Tracker::new(problem, evaluations);
    let mut tour: Tour = (0..problem.instance.points().len()).collect();
    loop {
        let first = tour.len().min(1);
        tour[first..].shuffle(stream);
        if tracker.evaluate(tour.clone()).is_none() {
            return tracker.found;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Instance, held_karp};
    use super::*;
    use motjuste::random::Streams;

    #[test]
    fn random_tours_end_with_the_optimum_of_a_small_instance() {
        let instance = Instance::draw(6, Streams::new(0));
        let optimum = instance.length(&held_karp(&instance).unwrap());
        let problem = Tsp::new(instance, Some(optimum));
        let mut stream = Streams::new(1).stream("baseline", 0);
        let found = random_tours(&problem, 100_000, &mut stream).unwrap();
        assert!(found.solved_after.is_some() && problem.gap(found.best.value).unwrap() < 1e-9);
        let few = random_tours(&problem, 1, &mut stream).unwrap();
        assert!(few.evaluations == 1 && few.best.value >= found.best.value - 1e-9);
    }
}
