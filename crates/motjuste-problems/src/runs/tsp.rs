//! The travelling salesman: instances of one or more sizes.

use std::path::Path;

use motjuste::random::Streams;
use motjuste::{Error, Result};
use motjuste_page::{Table, format};
use serde::Serialize;

use super::case::{Case, Options};
use super::table;
use crate::comparison::{self, Comparison, MODEL};
use crate::page::{PageContent, TspSearch};
use crate::search::Progress;
use crate::solver::Solver;
use crate::spread::Spread;
use crate::tsp::{
    Instance, LARGEST_EXACT, Published, Tour, Tsp, best_known, held_karp, load, start_tours,
};

/// Random tours that the best known one is looked for from, besides the constructed ones.
const RESTARTS: usize = 50;

/// Random tours that the model begins with, as published.
const START_TOURS: usize = 5;

/// One instance.
#[derive(Debug, Clone)]
pub struct TspCase(pub Published);

impl TspCase {
    /// `count` cases of `n` points that are drawn, number i from `seed` plus i. The reference tour is the
    /// optimum up to [`LARGEST_EXACT`] points, and the best of many local searches above.
    ///
    /// # Errors
    /// As [`held_karp`], which these sizes rule out.
    pub fn draw(n: usize, count: usize, seed: u64) -> Result<Vec<Self>> {
        (0..count as u64).map(|index| drawn(n, seed.wrapping_add(index)).map(Self)).collect()
    }

    /// Cases of a file of published instances, by size: those of `n` points, where that is given, and of
    /// each size so many at the most.
    ///
    /// # Errors
    /// [`Error::is_data`] as [`load`], and when nothing is left.
    pub fn load(file: &Path, n: Option<usize>, count: Option<usize>) -> Result<Vec<Self>> {
        let mut cases: Vec<Self> = Vec::new();
        for case in load(file)?.into_iter().map(Self) {
            let same = cases.iter().filter(|earlier| earlier.size() == case.size()).count();
            if n.is_none_or(|n| n == case.size()) && count.is_none_or(|count| same < count) {
                cases.push(case);
            }
        }
        if cases.is_empty() {
            return Err(Error::data(format!("{} has no such instance", file.display()))
                .with_help("leave the number of points out to solve all it has"));
        }
        cases.sort_by_key(Self::size);
        Ok(cases)
    }

    fn size(&self) -> usize {
        self.0.instance.points().len()
    }
}

fn drawn(n: usize, seed: u64) -> Result<Published> {
    let streams = Streams::new(seed);
    let instance = Instance::draw(n, streams);
    let exact = n <= LARGEST_EXACT;
    let oracle = match exact {
        true => held_karp(&instance)?,
        false => best_known(&instance, RESTARTS, &mut streams.stream("tsp best known", 0)),
    };
    let start = start_tours(n, &oracle, START_TOURS, streams);
    Ok(Published { name: format!("seed {seed}"), instance, start, oracle, exact })
}

/// What came of one instance.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TspRun {
    /// The instance's name.
    pub instance: String,
    /// The number of its points.
    pub n: usize,
    /// The seed of its draws.
    pub seed: u64,
    /// Its points.
    pub points: Vec<[i64; 2]>,
    /// The tour that gaps are measured from.
    pub reference: Reference,
    /// The gap of the best start tour.
    pub start_gap: f64,
    /// The gap of each method's best tour, the model's first.
    pub gaps: Vec<Gap>,
    /// The model beside the baseline methods.
    #[serde(flatten)]
    pub comparison: Comparison<Tour>,
}

/// The tour that gaps are measured from.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reference {
    /// Its length.
    pub length: f64,
    /// The tour.
    pub tour: Tour,
    /// Whether it is proven to be the shortest; if not, it is the best known.
    pub is_exact: bool,
}

/// (length − reference length) / reference length of one method.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Gap {
    /// The name of the method.
    pub method: &'static str,
    /// Its gap.
    pub gap: f64,
}

/// One method on all instances of a size.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TspSummary {
    /// The number of points.
    pub n: usize,
    /// The name of the method.
    pub method: &'static str,
    /// How many instances.
    pub instances: usize,
    /// The gap in per cent.
    pub gap_percent: Option<Spread>,
    /// Instances whose reference length was reached.
    pub solved: usize,
    /// Steps of the instances that the model solved; a method without steps has none.
    pub steps: Option<Spread>,
}

impl Case for TspCase {
    const PROBLEM: &'static str = "tsp";
    type Point = Tour;
    type Run = TspRun;
    type Summary = TspSummary;

    fn name(&self) -> String {
        format!("{}, {}", self.0.name, format::counted(self.size(), "point"))
    }

    fn draw(&self, index: usize) -> u64 {
        index as u64
    }

    fn identity(&self) -> serde_json::Value {
        let Published { name, instance, start, .. } = &self.0;
        serde_json::json!([name, instance.points(), start])
    }

    async fn solve(
        &self,
        solver: &Solver,
        Options { mode, seed, settings }: Options,
        on_step: &dyn Fn(&Progress<Tour>),
    ) -> Result<TspRun> {
        let Published { name, instance, start, oracle, exact } = &self.0;
        let length = instance.length(oracle);
        let mut problem = Tsp::new(instance.clone(), Some(length));
        problem.mode = mode;
        let comparison = comparison::tsp(solver, &problem, start, settings, seed, on_step).await?;
        let gap = |value: f64| (value - length) / length;
        let shortest = start.iter().map(|tour| instance.length(tour)).fold(f64::INFINITY, f64::min);
        let gaps = comparison.methods();
        Ok(TspRun {
            gaps: gaps.map(|(method, f)| Gap { method, gap: gap(f.best.value) }).collect(),
            start_gap: gap(shortest),
            instance: name.clone(),
            n: instance.points().len(),
            seed,
            points: instance.points().to_vec(),
            reference: Reference { length, tour: oracle.clone(), is_exact: *exact },
            comparison,
        })
    }

    /// The sizes.
    fn label(cases: &[Self]) -> String {
        let sizes = cases.chunk_by(|a, b| a.size() == b.size());
        let sizes = sizes.filter_map(|block| Some(block.first()?.size().to_string()));
        format!("n{}", sizes.collect::<Vec<_>>().join("-"))
    }

    fn comparison(run: &TspRun) -> &Comparison<Tour> {
        &run.comparison
    }

    /// A block for each size, a line for each method.
    fn summary(runs: &[TspRun]) -> Vec<TspSummary> {
        runs.chunk_by(|a, b| a.n == b.n).flat_map(block_summary).collect()
    }

    fn tables(runs: &[TspRun], summary: &[TspSummary]) -> Vec<Table> {
        let instances = runs.chunk_by(|a, b| a.n == b.n).map(instance_table);
        instances.chain([method_table(summary)]).collect()
    }

    fn page_content(runs: &[TspRun]) -> PageContent {
        let searches = runs.iter().map(|run| TspSearch {
            name: run.instance.clone(),
            points: &run.points,
            reference: &run.reference.tour,
            reference_length: run.reference.length,
            is_exact: run.reference.is_exact,
            comparison: &run.comparison,
        });
        PageContent::tsp(&searches.collect::<Vec<_>>())
    }
}

fn block_summary(block: &[TspRun]) -> Vec<TspSummary> {
    let Some(first) = block.first() else { return Vec::new() };
    let methods = first.gaps.iter().map(|gap| gap.method).enumerate();
    methods.map(|(index, method)| method_summary(index, method, block)).collect()
}

fn method_summary(index: usize, method: &'static str, block: &[TspRun]) -> TspSummary {
    let gaps: Vec<f64> =
        block.iter().filter_map(|run| Some(100.0 * run.gaps.get(index)?.gap)).collect();
    let found = block.iter().filter_map(|run| run.comparison.methods().nth(index));
    let steps = block.iter().filter_map(|run| run.comparison.model.stop_reason.solving_step());
    let steps: Vec<f64> = steps.filter(|_| method == MODEL).map(|steps| steps as f64).collect();
    TspSummary {
        n: block[0].n,
        method,
        instances: gaps.len(),
        gap_percent: Spread::of(&gaps),
        solved: found.filter(|(_, found)| found.solved_after.is_some()).count(),
        steps: Spread::of(&steps),
    }
}

/// The instances of one size.
fn instance_table(block: &[TspRun]) -> Table {
    let methods = block.iter().take(1).flat_map(|run| &run.gaps).map(|gap| gap.method);
    let title = block.first().map_or(String::new(), |run| format!("{} points", run.n));
    table::of(title, ["reference", "start"].into_iter().chain(methods), block.iter().map(row))
}

fn row(run: &TspRun) -> Vec<String> {
    let known = if run.reference.is_exact { "exact" } else { "best known" };
    let reference = format!("{:.1} {known}", run.reference.length);
    let gaps = std::iter::once(run.start_gap).chain(run.gaps.iter().map(|gap| gap.gap));
    let gaps = gaps.map(|gap| format!("{:.1} %", 100.0 * gap));
    [run.instance.clone(), reference].into_iter().chain(gaps).collect()
}

fn method_table(summary: &[TspSummary]) -> Table {
    let cells = |line: &TspSummary| {
        vec![
            line.method.to_owned(),
            line.n.to_string(),
            table::with_se(line.gap_percent),
            format!("{} of {}", line.solved, line.instances),
            table::with_se(line.steps),
        ]
    };
    let numbers = ["points", "gap %, ± se", "solved", "steps, ± se"];
    table::of("all instances".to_owned(), numbers, summary.iter().map(cells))
}
