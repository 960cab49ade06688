//! A model beside methods that need none: without them, "it converges" means nothing.

use serde::Serialize;

use super::{ModelRun, Solver, Trajectory};
use crate::problem::linear_regression::{
    self as regression, LinearRegression, Pair, SearchBox, coordinate_descent, random_search,
};
use crate::problem::tsp::{
    Tour, Tsp, farthest_insertion, nearest_neighbour, random_tours, two_opt,
};
use crate::problem::{Baseline, Problem, Progress, Settings, best_of};
use crate::random::{Stream, Streams};
use crate::{Error, Result};

/// A model's search and what others reach.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison<P> {
    /// The model's search, reply by reply; too long to be written out with the numbers.
    #[serde(skip)]
    pub trajectory: Trajectory<P>,
    /// The model's search in numbers.
    pub model: ModelRun<P>,
    /// The others. Those that try points blindly get as many evaluations as the model made.
    pub others: Vec<Rival<P>>,
}

/// A method without a language model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rival<P> {
    /// Its name.
    pub method: &'static str,
    /// Where it came to.
    #[serde(flatten)]
    pub reached: Baseline<P>,
}

/// The model on a line, beside random search in the bounding box and coordinate descent.
///
/// # Errors
/// As [`Solver::solve`]; [`Error::is_configuration`] when the instance has no start.
pub async fn linear_regression(
    solver: &Solver,
    problem: &LinearRegression,
    instance: &regression::Instance,
    settings: Settings,
    seed: u64,
    watch: &dyn Fn(&Progress<Pair>),
) -> Result<Comparison<Pair>> {
    let found = solver.solve(problem, settings, instance.start.clone(), seed, watch).await?;
    let model = summed_up(&found, problem)?;
    let evaluations = model.reached.evaluations;
    let within = SearchBox::around(instance);
    let others = [
        ("random search", random_search(problem, within, evaluations, &mut stream(seed))),
        ("coordinate descent", coordinate_descent(problem, &instance.start, evaluations)),
    ];
    Ok(Comparison { trajectory: found, model, others: rivals(others) })
}

/// The model on a round trip from these tours, beside nearest neighbour, farthest insertion, 2-opt
/// from the same tours, and random tours. The evaluations of the first three are the whole tours that
/// they end with.
///
/// # Errors
/// As [`Solver::solve`]; [`Error::is_configuration`] when there is no tour to start from.
pub async fn tsp(
    solver: &Solver,
    problem: &Tsp,
    start: &[Tour],
    settings: Settings,
    seed: u64,
    watch: &dyn Fn(&Progress<Tour>),
) -> Result<Comparison<Tour>> {
    let found = solver.solve(problem, settings, start.to_vec(), seed, watch).await?;
    let model = summed_up(&found, problem)?;
    let instance = problem.instance();
    let improved = start.iter().map(|tour| two_opt(instance, tour.clone()));
    let random = random_tours(problem, model.reached.evaluations, &mut stream(seed));
    let others = [
        ("nearest neighbour", best_of(problem, [nearest_neighbour(instance)])),
        ("farthest insertion", best_of(problem, [farthest_insertion(instance)])),
        ("2-opt", best_of(problem, improved)),
        ("random tours", random),
    ];
    Ok(Comparison { trajectory: found, model, others: rivals(others) })
}

fn summed_up<Q: Problem>(found: &Trajectory<Q::Point>, problem: &Q) -> Result<ModelRun<Q::Point>> {
    found.summed_up(problem).ok_or_else(|| {
        Error::configuration("the instance has no points to start from")
            .with_help("give at least one start pair or start tour")
    })
}

fn rivals<P, const N: usize>(others: [(&'static str, Option<Baseline<P>>); N]) -> Vec<Rival<P>> {
    let rival = |(method, reached)| Option::map(reached, |reached| Rival { method, reached });
    others.into_iter().filter_map(rival).collect()
}

fn stream(seed: u64) -> Stream {
    Streams::new(seed).stream("solve baseline", 0)
}
