//! `motjuste solve linreg`.

use std::path::Path;

use motjuste::problem::linear_regression::{
    Instance, LinearRegression, PUBLISHED_TRUTHS, Pair, load,
};
use motjuste::problem::{Baseline, Problem, Progress};
use motjuste::random::Streams;
use motjuste::solve::{self, Comparison, Spread};
use motjuste::{Error, Result};
use motjuste_page::Table;
use motjuste_page::solve::{LinregCase, Results};
use serde::Serialize;

use super::{Work, table};
use crate::args::LinregArgs;

/// Repeats with each true pair, as published.
const REPEATS: usize = 5;

/// One repeat with one true pair.
pub(super) struct Case {
    instance: Instance,
    repeat: usize,
}

/// What came of it.
#[derive(Serialize)]
pub(super) struct Run {
    w: f64,
    b: f64,
    repeat: usize,
    seed: u64,
    loss_at_truth: f64,
    #[serde(flatten)]
    comparison: Comparison<Pair>,
}

/// One method on one true pair, over the repeats.
#[derive(Serialize)]
pub(super) struct Line {
    w: f64,
    b: f64,
    method: &'static str,
    repeats: usize,
    found: usize,
    /// Steps of the repeats that found the optimum; a method without steps has none.
    steps: Option<Spread>,
    evaluations_to_find: Option<Spread>,
    evaluations: Option<Spread>,
    failed_repeats: Vec<usize>,
}

/// The cases, true pair by true pair.
pub(super) fn cases(args: &LinregArgs) -> Result<Vec<Case>> {
    let wanted = args.w.zip(args.b).map(|(w, b)| [f64::from(w), f64::from(b)]);
    let instances = match (&args.instances, wanted) {
        (Some(file), wanted) => from_file(file, wanted)?,
        (None, Some(truth)) => drawn(truth, args),
        (None, None) => PUBLISHED_TRUTHS.into_iter().flat_map(|truth| drawn(truth, args)).collect(),
    };
    let mut cases: Vec<Case> = Vec::new();
    for instance in instances {
        let repeat = cases.iter().filter(|case| case.instance.truth == instance.truth).count();
        if args.repeats.is_none_or(|repeats| repeat < repeats) {
            let last = cases.iter().rposition(|case| case.instance.truth == instance.truth);
            cases.insert(last.map_or(cases.len(), |last| last + 1), Case { instance, repeat });
        }
    }
    Ok(cases)
}

fn drawn(truth: Pair, args: &LinregArgs) -> Vec<Instance> {
    let (seed, repeats) = (args.search.seed, args.repeats.unwrap_or(REPEATS) as u64);
    let streams = (0..repeats).map(|repeat| Streams::new(seed.wrapping_add(repeat)));
    streams.map(|streams| Instance::draw(truth, streams)).collect()
}

fn from_file(file: &Path, wanted: Option<Pair>) -> Result<Vec<Instance>> {
    let mut instances = load(file)?;
    instances.retain(|instance| wanted.is_none_or(|truth| instance.truth == truth));
    if instances.is_empty() {
        return Err(Error::data(format!("{} has no such instance", file.display()))
            .with_help("leave --w and --b out to solve all it has"));
    }
    Ok(instances)
}

impl super::Run for Run {
    const PROBLEM: &'static str = "linreg";
    type Point = Pair;
    type Case = Case;
    type Line = Line;

    async fn of(work: &Work, _: usize, Case { instance, repeat }: &Case) -> Result<Self> {
        let [w, b] = instance.truth;
        let mut problem = LinearRegression::new(instance.clone());
        problem.mode = work.mode;
        work.progress.begin(&name(w, b, *repeat));
        let (seed, settings) = (work.seed(*repeat), work.settings);
        let watch = |progress: &Progress<Pair>| work.watch(progress);
        let comparison =
            solve::linear_regression(&work.solver, &problem, instance, settings, seed, &watch)
                .await?;
        let loss_at_truth = problem.value(&instance.truth);
        Ok(Self { w, b, repeat: *repeat, seed, loss_at_truth, comparison })
    }

    /// The true pair, or how many there are.
    fn label(cases: &[Case]) -> String {
        let truths = cases.chunk_by(|a, b| a.instance.truth == b.instance.truth);
        match (truths.count(), cases.first().map(|case| case.instance.truth)) {
            (1, Some([w, b])) => format!("w{w}-b{b}"),
            (pairs, _) => format!("{pairs}-pairs"),
        }
    }

    fn identity(Case { instance, repeat }: &Case) -> serde_json::Value {
        let Instance { truth, noise, start } = instance;
        serde_json::json!([truth, noise, start, repeat])
    }

    fn comparison(&self) -> &Comparison<Pair> {
        &self.comparison
    }

    /// A block for each true pair, a line for each method.
    fn lines(runs: &[Self]) -> Vec<Line> {
        let blocks = runs.chunk_by(|a, b| (a.w, a.b) == (b.w, b.b));
        blocks.flat_map(block_lines).collect()
    }

    fn tables(_: &[Self], lines: &[Line]) -> Vec<Table> {
        lines.chunk_by(|a, b| (a.w, a.b) == (b.w, b.b)).map(table).collect()
    }

    fn results(runs: &[Self]) -> Results {
        let cases = runs.iter().map(|run| LinregCase {
            name: name(run.w, run.b, run.repeat),
            truth: [run.w, run.b],
            loss_at_truth: run.loss_at_truth,
            comparison: &run.comparison,
        });
        Results::linreg(&cases.collect::<Vec<_>>())
    }
}

fn name(w: f64, b: f64, repeat: usize) -> String {
    format!("w = {w}, b = {b}, repeat {repeat}")
}

fn block_lines(block: &[Run]) -> Vec<Line> {
    let Some(first) = block.first() else { return Vec::new() };
    let methods = table::methods(&first.comparison);
    methods.enumerate().map(|(place, (method, _))| line(place, method, block)).collect()
}

fn line(place: usize, method: &'static str, block: &[Run]) -> Line {
    let reached = |run: &Run| table::methods(&run.comparison).nth(place).map(|(_, r)| r.clone());
    let reached: Vec<(&Run, Baseline<Pair>)> =
        block.iter().filter_map(|run| Some((run, reached(run)?))).collect();
    let spread = |of: &dyn Fn(&Run, &Baseline<Pair>) -> Option<usize>| {
        let numbers = reached.iter().filter_map(|(run, reached)| of(run, reached));
        Spread::of(&numbers.map(|number| number as f64).collect::<Vec<_>>())
    };
    let is_model = place == 0;
    let failed = reached.iter().filter(|(_, reached)| reached.solved_after.is_none());
    let failed_repeats: Vec<usize> = failed.map(|(run, _)| run.repeat).collect();
    Line {
        w: block[0].w,
        b: block[0].b,
        method,
        repeats: reached.len(),
        found: reached.len() - failed_repeats.len(),
        steps: spread(&|run, _| run.comparison.model.ending.solved().filter(|_| is_model)),
        evaluations_to_find: spread(&|_, reached| reached.solved_after),
        evaluations: spread(&|_, reached| Some(reached.evaluations)),
        failed_repeats,
    }
}

fn table(block: &[Line]) -> Table {
    let title =
        block.first().map_or(String::new(), |line| format!("w = {}, b = {}", line.w, line.b));
    let numbers = ["found", "steps", "found after", "evaluations", "repeats that failed"];
    table::of(title, numbers, block.iter().map(row))
}

fn row(line: &Line) -> Vec<String> {
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
