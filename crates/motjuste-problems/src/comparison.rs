//! A model beside methods that need none: without them, "it converges" means nothing.

use std::iter::once;

use motjuste::random::{Stream, Streams};
use motjuste::{Error, Result};
use serde::Serialize;

use crate::best_found::{BestFound, best_of};
use crate::linear_regression::{
    self as regression, LinearRegression, Pair, SearchBox, coordinate_descent, random_search,
};
use crate::problem::Problem;
use crate::search::{Progress, Settings};
use crate::solver::{ModelRun, Solver, Trajectory};
use crate::tsp::{Tour, Tsp, farthest_insertion, nearest_neighbour, random_tours, two_opt};

/// The name of the model among the methods of a comparison.
pub const MODEL: &str = "model";

/// A model's search and what the baseline methods find.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Comparison<P> {
    /// The model's search, reply by reply; too long to be written out with the numbers.
    #[serde(skip)]
    pub trajectory: Trajectory<P>,
    /// The model's search in numbers.
    pub model: ModelRun<P>,
    /// The baseline methods. Those that try points blindly get as many evaluations as the model made.
    pub baselines: Vec<BaselineMethod<P>>,
}

impl<P> Comparison<P> {
    /// The names of the methods, the model's first, and what each found.
    pub fn methods(&self) -> impl Iterator<Item = (&'static str, &BestFound<P>)> {
        let baselines = self.baselines.iter().map(|baseline| (baseline.method, &baseline.found));
        once((MODEL, &self.model.found)).chain(baselines)
    }
}

/// A method without a language model.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BaselineMethod<P> {
    /// Its name.
    pub method: &'static str,
    /// What it found.
    #[serde(flatten)]
    pub found: BestFound<P>,
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
    on_step: &dyn Fn(&Progress<Pair>),
) -> Result<Comparison<Pair>> {
    let trajectory = solver.solve(problem, settings, instance.start.clone(), seed, on_step).await?;
    let model = summary(&trajectory, problem)?;
    let evaluations = model.found.evaluations;
    let within = SearchBox::around(instance);
    let baselines = [
        ("random search", random_search(problem, within, evaluations, &mut stream(seed))),
        ("coordinate descent", coordinate_descent(problem, &instance.start, evaluations)),
    ];
    Ok(Comparison { trajectory, model, baselines: found_by(baselines) })
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
    on_step: &dyn Fn(&Progress<Tour>),
) -> Result<Comparison<Tour>> {
    let trajectory = solver.solve(problem, settings, start.to_vec(), seed, on_step).await?;
    let model = summary(&trajectory, problem)?;
    let instance = problem.instance();
    let improved = start.iter().map(|tour| two_opt(instance, tour.clone()));
    let random = random_tours(problem, model.found.evaluations, &mut stream(seed));
    let baselines = [
        ("nearest neighbour", best_of(problem, [nearest_neighbour(instance)])),
        ("farthest insertion", best_of(problem, [farthest_insertion(instance)])),
        ("2-opt", best_of(problem, improved)),
        ("random tours", random),
    ];
    Ok(Comparison { trajectory, model, baselines: found_by(baselines) })
}

fn summary<Q: Problem>(
    trajectory: &Trajectory<Q::Point>,
    problem: &Q,
) -> Result<ModelRun<Q::Point>> {
    trajectory.summary(problem).ok_or_else(|| {
        Error::configuration("the instance has no points to start from")
            .with_help("give at least one start pair or start tour")
    })
}

/// The methods that found anything.
fn found_by<P, const N: usize>(
    methods: [(&'static str, Option<BestFound<P>>); N],
) -> Vec<BaselineMethod<P>> {
    let found = |(method, found)| Option::map(found, |found| BaselineMethod { method, found });
    methods.into_iter().filter_map(found).collect()
}

fn stream(seed: u64) -> Stream {
    Streams::new(seed).stream("solve baseline", 0)
}
