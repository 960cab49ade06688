//! `motjuste solve tsp`.

use motjuste::problem::Progress;
use motjuste::problem::tsp::{
    Instance, LARGEST_EXACT, Published, Tour, Tsp, best_known, held_karp, load, start_tours,
};
use motjuste::random::Streams;
use motjuste::solve::{self, Comparison, Spread};
use motjuste::{Error, Result};
use motjuste_page::Table;
use motjuste_page::solve::{Results, TspCase};
use serde::Serialize;

use super::{Work, table};
use crate::args::TspArgs;

/// Random tours that the best known one is looked for from, besides the constructed ones.
const RESTARTS: usize = 50;

/// Random tours that the model begins with, as published.
const START_TOURS: usize = 5;

/// What came of one instance.
#[derive(Serialize)]
pub(super) struct Run {
    instance: String,
    n: usize,
    seed: u64,
    points: Vec<[i64; 2]>,
    oracle: Oracle,
    /// By what share the best start tour is longer than the oracle's.
    start_gap: f64,
    gaps: Vec<Gap>,
    #[serde(flatten)]
    comparison: Comparison<Tour>,
}

/// The tour that gaps are measured from.
#[derive(Serialize)]
struct Oracle {
    length: f64,
    tour: Tour,
    /// Whether it is proven to be the shortest; if not, it is the best known.
    is_exact: bool,
}

/// (length − oracle) / oracle of one method.
#[derive(Serialize)]
struct Gap {
    method: &'static str,
    gap: f64,
}

/// One method on all instances of a size.
#[derive(Serialize)]
pub(super) struct Line {
    n: usize,
    method: &'static str,
    instances: usize,
    /// In per cent.
    gap: Option<Spread>,
    solved: usize,
    /// Steps of the instances that the model solved; a method without steps has none.
    steps: Option<Spread>,
}

pub(super) fn cases(args: &TspArgs) -> Result<Vec<Published>> {
    let Some(file) = &args.instances else {
        let seeds = (0..args.count.unwrap_or(5) as u64).map(|i| args.search.seed.wrapping_add(i));
        return seeds.map(|seed| drawn(args.n.unwrap_or(10), seed)).collect();
    };
    let mut cases: Vec<Published> = Vec::new();
    for case in load(file)? {
        let n = case.instance.points().len();
        let same = cases.iter().filter(|known| known.instance.points().len() == n).count();
        if args.n.is_none_or(|wanted| wanted == n) && args.count.is_none_or(|count| same < count) {
            cases.push(case);
        }
    }
    if cases.is_empty() {
        return Err(Error::data(format!("{} has no such instance", file.display()))
            .with_help("leave --n out to solve all it has"));
    }
    cases.sort_by_key(|case| case.instance.points().len());
    Ok(cases)
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

impl super::Run for Run {
    const PROBLEM: &'static str = "tsp";
    type Point = Tour;
    type Case = Published;
    type Line = Line;

    async fn of(work: &Work, index: usize, case: &Published) -> Result<Self> {
        let Published { name, instance, start, oracle, exact } = case;
        let length = instance.length(oracle);
        let mut problem = Tsp::new(instance.clone(), Some(length));
        problem.mode = work.mode;
        work.progress.begin(&format!("{name}, {} points", instance.points().len()));
        let (seed, settings) = (work.seed(index), work.settings);
        let watch = |progress: &Progress<Tour>| work.watch(progress);
        let comparison = solve::tsp(&work.solver, &problem, start, settings, seed, &watch).await?;
        let share = |value: f64| (value - length) / length;
        let shortest = start.iter().map(|tour| instance.length(tour)).fold(f64::INFINITY, f64::min);
        let gaps = table::methods(&comparison);
        Ok(Self {
            gaps: gaps.map(|(method, r)| Gap { method, gap: share(r.best.value) }).collect(),
            start_gap: share(shortest),
            instance: name.clone(),
            n: instance.points().len(),
            seed,
            points: instance.points().to_vec(),
            oracle: Oracle { length, tour: oracle.clone(), is_exact: *exact },
            comparison,
        })
    }

    /// The sizes.
    fn label(cases: &[Published]) -> String {
        let sizes = cases.chunk_by(|a, b| a.instance.points().len() == b.instance.points().len());
        let sizes =
            sizes.filter_map(|block| Some(block.first()?.instance.points().len().to_string()));
        format!("n{}", sizes.collect::<Vec<_>>().join("-"))
    }

    fn identity(Published { name, instance, start, .. }: &Published) -> serde_json::Value {
        serde_json::json!([name, instance.points(), start])
    }

    fn comparison(&self) -> &Comparison<Tour> {
        &self.comparison
    }

    /// A block for each size, a line for each method.
    fn lines(runs: &[Self]) -> Vec<Line> {
        runs.chunk_by(|a, b| a.n == b.n).flat_map(block_lines).collect()
    }

    fn tables(runs: &[Self], lines: &[Line]) -> Vec<Table> {
        let instances = runs.chunk_by(|a, b| a.n == b.n).map(instance_table);
        instances.chain([method_table(lines)]).collect()
    }

    fn results(runs: &[Self]) -> Results {
        let cases = runs.iter().map(|run| TspCase {
            name: run.instance.clone(),
            points: &run.points,
            oracle: &run.oracle.tour,
            oracle_length: run.oracle.length,
            is_exact: run.oracle.is_exact,
            comparison: &run.comparison,
        });
        Results::tsp(&cases.collect::<Vec<_>>())
    }
}

fn block_lines(block: &[Run]) -> Vec<Line> {
    let Some(first) = block.first() else { return Vec::new() };
    let methods = first.gaps.iter().map(|gap| gap.method).enumerate();
    methods.map(|(place, method)| line(place, method, block)).collect()
}

fn line(place: usize, method: &'static str, block: &[Run]) -> Line {
    let gaps: Vec<f64> =
        block.iter().filter_map(|run| Some(100.0 * run.gaps.get(place)?.gap)).collect();
    let reached = block.iter().filter_map(|run| table::methods(&run.comparison).nth(place));
    let steps = block.iter().filter_map(|run| run.comparison.model.ending.solved());
    let steps: Vec<f64> = steps.filter(|_| place == 0).map(|steps| steps as f64).collect();
    Line {
        n: block[0].n,
        method,
        instances: gaps.len(),
        gap: Spread::of(&gaps),
        solved: reached.filter(|(_, reached)| reached.solved_after.is_some()).count(),
        steps: Spread::of(&steps),
    }
}

/// The instances of one size.
fn instance_table(block: &[Run]) -> Table {
    let methods = block.iter().take(1).flat_map(|run| &run.gaps).map(|gap| gap.method);
    let title = block.first().map_or(String::new(), |run| format!("{} points", run.n));
    table::of(title, ["oracle", "start"].into_iter().chain(methods), block.iter().map(row))
}

fn row(run: &Run) -> Vec<String> {
    let known = if run.oracle.is_exact { "exact" } else { "best known" };
    let oracle = format!("{:.1} {known}", run.oracle.length);
    let gaps = std::iter::once(run.start_gap).chain(run.gaps.iter().map(|gap| gap.gap));
    let gaps = gaps.map(|gap| format!("{:.1} %", 100.0 * gap));
    [run.instance.clone(), oracle].into_iter().chain(gaps).collect()
}

fn method_table(lines: &[Line]) -> Table {
    let cells = |line: &Line| {
        vec![
            line.method.to_owned(),
            line.n.to_string(),
            table::with_se(line.gap),
            format!("{} of {}", line.solved, line.instances),
            table::with_se(line.steps),
        ]
    };
    let numbers = ["points", "gap %, ± se", "solved", "steps, ± se"];
    table::of("all instances".to_owned(), numbers, lines.iter().map(cells))
}
