//! Linear regression: true pairs, each with repeats that have noise and start of their own.

use std::path::Path;

use motjuste::random::Streams;
use motjuste::{Error, Result};
use motjuste_page::Table;
use serde::Serialize;

use super::case::{Case, Options};
use super::table;
use crate::best_found::BestFound;
use crate::comparison::{self, Comparison, MODEL};
use crate::linear_regression::{Instance, LinearRegression, Pair, load};
use crate::page::{LinearRegressionSearch, PageContent};
use crate::problem::Problem;
use crate::search::Progress;
use crate::solver::Solver;
use crate::spread::Spread;

/// Repeats with each true pair, as published.
pub const REPEATS: usize = 5;

/// One repeat with one true pair.
#[derive(Debug, Clone)]
pub struct LinearRegressionCase {
    /// The hidden data and the start.
    pub instance: Instance,
    /// The number of the repeat, from 0.
    pub repeat: usize,
}

impl LinearRegressionCase {
    /// Cases that are drawn: `repeats` of each true pair, repeat number i from `seed` plus i.
    pub fn draw(truths: &[Pair], repeats: usize, seed: u64) -> Vec<Self> {
        let repeats = 0..repeats;
        let drawn = |truth: Pair, repeat: usize| {
            let streams = Streams::new(seed.wrapping_add(repeat as u64));
            Self { instance: Instance::draw(truth, streams), repeat }
        };
        let of_pair = |&truth| repeats.clone().map(move |repeat| drawn(truth, repeat));
        truths.iter().flat_map(of_pair).collect()
    }

    /// Cases of a file of published instances, true pair by true pair: those of one pair, where it is
    /// given, and of each pair so many repeats at the most.
    ///
    /// # Errors
    /// [`Error::is_data`] as [`load`], and when nothing is left.
    pub fn load(file: &Path, truth: Option<Pair>, repeats: Option<usize>) -> Result<Vec<Self>> {
        let mut cases: Vec<Self> = Vec::new();
        for instance in load(file)? {
            let same = |case: &Self| case.instance.truth == instance.truth;
            let repeat = cases.iter().filter(|case| same(case)).count();
            let is_wanted = truth.is_none_or(|truth| instance.truth == truth);
            if is_wanted && repeats.is_none_or(|repeats| repeat < repeats) {
                let last = cases.iter().rposition(same);
                let index = last.map_or(cases.len(), |last| last + 1);
                cases.insert(index, Self { instance, repeat });
            }
        }
        if cases.is_empty() {
            return Err(Error::data(format!("{} has no such instance", file.display()))
                .with_help("leave w and b out to solve all it has"));
        }
        Ok(cases)
    }
}

/// What came of one repeat.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LinearRegressionRun {
    /// The true w.
    pub w: f64,
    /// The true b.
    pub b: f64,
    /// The number of the repeat, from 0.
    pub repeat: usize,
    /// The seed of its draws.
    pub seed: u64,
    /// The loss at the true pair.
    pub loss_at_truth: f64,
    /// The model beside the baseline methods.
    #[serde(flatten)]
    pub comparison: Comparison<Pair>,
}

/// One method on one true pair, over the repeats.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LinearRegressionSummary {
    /// The true w.
    pub w: f64,
    /// The true b.
    pub b: f64,
    /// The name of the method.
    pub method: &'static str,
    /// Repeats.
    pub repeats: usize,
    /// Repeats that found the optimum.
    pub found: usize,
    /// Steps of the repeats that found the optimum; a method without steps has none.
    pub steps: Option<Spread>,
    /// Evaluations up to the optimum, where it was found.
    pub evaluations_to_find: Option<Spread>,
    /// Evaluations.
    pub evaluations: Option<Spread>,
    /// The numbers of the repeats that did not find the optimum.
    pub failed_repeats: Vec<usize>,
}

impl Case for LinearRegressionCase {
    const PROBLEM: &'static str = "linreg";
    type Point = Pair;
    type Run = LinearRegressionRun;
    type Summary = LinearRegressionSummary;

    fn name(&self) -> String {
        name(self.instance.truth, self.repeat)
    }

    /// Repeats of different pairs share their draws.
    fn draw(&self, _: usize) -> u64 {
        self.repeat as u64
    }

    fn identity(&self) -> serde_json::Value {
        let Instance { truth, noise, start } = &self.instance;
        serde_json::json!([truth, noise, start, self.repeat])
    }

    async fn solve(
        &self,
        solver: &Solver,
        Options { mode, seed, settings }: Options,
        on_step: &dyn Fn(&Progress<Pair>),
    ) -> Result<LinearRegressionRun> {
        let Self { instance, repeat } = self;
        let mut problem = LinearRegression::new(instance.clone());
        problem.mode = mode;
        let comparison =
            comparison::linear_regression(solver, &problem, instance, settings, seed, on_step)
                .await?;
        let [w, b] = instance.truth;
        let loss_at_truth = problem.value(&instance.truth);
        Ok(LinearRegressionRun { w, b, repeat: *repeat, seed, loss_at_truth, comparison })
    }

    /// The true pair, or how many there are.
    fn label(cases: &[Self]) -> String {
        let truths = cases.chunk_by(|a, b| a.instance.truth == b.instance.truth);
        match (truths.count(), cases.first().map(|case| case.instance.truth)) {
            (1, Some([w, b])) => format!("w{w}-b{b}"),
            (pairs, _) => format!("{pairs}-pairs"),
        }
    }

    fn comparison(run: &LinearRegressionRun) -> &Comparison<Pair> {
        &run.comparison
    }

    /// A block for each true pair, a line for each method.
    fn summary(runs: &[LinearRegressionRun]) -> Vec<LinearRegressionSummary> {
        runs.chunk_by(|a, b| (a.w, a.b) == (b.w, b.b)).flat_map(block_summary).collect()
    }

    fn tables(_: &[LinearRegressionRun], summary: &[LinearRegressionSummary]) -> Vec<Table> {
        summary.chunk_by(|a, b| (a.w, a.b) == (b.w, b.b)).map(table).collect()
    }

    fn page_content(runs: &[LinearRegressionRun]) -> PageContent {
        let searches = runs.iter().map(|run| LinearRegressionSearch {
            name: name([run.w, run.b], run.repeat),
            truth: [run.w, run.b],
            loss_at_truth: run.loss_at_truth,
            comparison: &run.comparison,
        });
        PageContent::linear_regression(&searches.collect::<Vec<_>>())
    }
}

fn name([w, b]: Pair, repeat: usize) -> String {
    format!("w = {w}, b = {b}, repeat {repeat}")
}

fn block_summary(block: &[LinearRegressionRun]) -> Vec<LinearRegressionSummary> {
    let Some(first) = block.first() else { return Vec::new() };
    let methods = first.comparison.methods().enumerate();
    methods.map(|(index, (method, _))| method_summary(index, method, block)).collect()
}

fn method_summary(
    index: usize,
    method: &'static str,
    block: &[LinearRegressionRun],
) -> LinearRegressionSummary {
    let found: Vec<(&LinearRegressionRun, &BestFound<Pair>)> = block
        .iter()
        .filter_map(|run| Some((run, run.comparison.methods().nth(index)?.1)))
        .collect();
    let spread = |of: &dyn Fn(&LinearRegressionRun, &BestFound<Pair>) -> Option<usize>| {
        let numbers = found.iter().filter_map(|(run, found)| of(run, found));
        Spread::of(&numbers.map(|number| number as f64).collect::<Vec<_>>())
    };
    let is_model = method == MODEL;
    let failed = found.iter().filter(|(_, found)| found.solved_after.is_none());
    let failed_repeats: Vec<usize> = failed.map(|(run, _)| run.repeat).collect();
    LinearRegressionSummary {
        w: block[0].w,
        b: block[0].b,
        method,
        repeats: found.len(),
        found: found.len() - failed_repeats.len(),
        steps: spread(&|run, _| {
            run.comparison.model.stop_reason.solving_step().filter(|_| is_model)
        }),
        evaluations_to_find: spread(&|_, found| found.solved_after),
        evaluations: spread(&|_, found| Some(found.evaluations)),
        failed_repeats,
    }
}

fn table(block: &[LinearRegressionSummary]) -> Table {
    let title =
        block.first().map_or(String::new(), |line| format!("w = {}, b = {}", line.w, line.b));
    let numbers = ["found", "steps", "found after", "evaluations", "repeats that failed"];
    table::of(title, numbers, block.iter().map(row))
}

fn row(line: &LinearRegressionSummary) -> Vec<String> {
    let failed: Vec<_> = line.failed_repeats.iter().map(usize::to_string).collect();
    vec![
        line.method.to_owned(),
        format!("{} of {}", line.found, line.repeats),
        table::with_sd(line.steps),
        table::with_sd(line.evaluations_to_find),
        table::with_sd(line.evaluations),
        if failed.is_empty() { "none".to_owned() } else { failed.join(", ") },
    ]
}
