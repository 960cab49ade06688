//! `motjuste solve tsp`.

use std::path::Path;
use std::process::ExitCode;

use motjuste::problem::Progress;
use motjuste::problem::tsp::{
    Instance, LARGEST_EXACT, Published, Tour, Tsp, best_known, held_karp, load, start_tours,
};
use motjuste::random::Streams;
use motjuste::solve::{self, Comparison, Spread};
use motjuste::{Error, Result};
use serde::Serialize;

use super::{Work, table};
use crate::args::TspArgs;
use crate::summary;

/// Random tours that the best known one is looked for from, besides the constructed ones.
const RESTARTS: usize = 50;

/// Random tours that the model begins with, as published.
const START_TOURS: usize = 5;

/// What came of one instance.
#[derive(Serialize)]
struct Run {
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
struct Line {
    n: usize,
    method: &'static str,
    instances: usize,
    /// In per cent.
    gap: Option<Spread>,
    solved: usize,
    /// Steps of the instances that the model solved; a method without steps has none.
    steps: Option<Spread>,
}

pub(super) async fn solve(args: TspArgs, store: &Path, json: bool) -> Result<ExitCode> {
    let cases = cases(&args)?;
    let work = Work::begin(args.search, cases.len(), store, json).await?;
    let mut runs: Vec<Run> = Vec::new();
    for (index, case) in cases.iter().enumerate() {
        runs.push(run(&work, index, case).await.map_err(|error| work.explained(error))?);
        if runs.last().is_some_and(|run| run.is_cut()) {
            break;
        }
    }
    let done: Vec<_> = runs.iter().map(|run| &run.comparison).collect();
    let cap = work.cap(&done)?;
    let lines = lines(&runs);
    if work.json {
        work.json("tsp", &runs, &lines, cap)?;
    } else {
        print(&runs, &lines);
        work.footer(&done, cases.len(), cap);
    }
    Ok(super::code(cap))
}

fn cases(args: &TspArgs) -> Result<Vec<Published>> {
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

async fn run(work: &Work, index: usize, case: &Published) -> Result<Run> {
    let Published { name, instance, start, oracle, exact } = case;
    let length = instance.length(oracle);
    let mut problem = Tsp::new(instance.clone(), Some(length));
    problem.mode = work.mode;
    work.progress.begin(&format!("{name}, {} points", instance.points().len()));
    let watch = |progress: &Progress<Tour>| {
        work.progress.step(progress.steps.len(), progress.best().map(|best| best.value));
    };
    let (seed, settings) = (work.seed(index), work.settings);
    let comparison = solve::tsp(&work.solver, &problem, start, settings, seed, &watch).await?;
    let share = |value: f64| (value - length) / length;
    let gaps = table::methods(&comparison);
    Ok(Run {
        gaps: gaps.map(|(method, r)| Gap { method, gap: share(r.best.value) }).collect(),
        start_gap: share(start.iter().map(|t| instance.length(t)).fold(f64::INFINITY, f64::min)),
        instance: name.clone(),
        n: instance.points().len(),
        seed,
        points: instance.points().to_vec(),
        oracle: Oracle { length, tour: oracle.clone(), is_exact: *exact },
        comparison,
    })
}

impl Run {
    fn is_cut(&self) -> bool {
        matches!(self.comparison.model.ending, solve::Ending::Cap(_))
    }
}

/// A block for each size, a line for each method.
fn lines(runs: &[Run]) -> Vec<Line> {
    runs.chunk_by(|a, b| a.n == b.n).flat_map(block_lines).collect()
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

fn print(runs: &[Run], lines: &[Line]) {
    for block in runs.chunk_by(|a, b| a.n == b.n) {
        let names = block[0].gaps.iter().map(|gap| format!("{:>20}", gap.method));
        let names: String = names.collect();
        summary::line(&format!("{:<18}{:>18}{:>10}{names}", "instance", "oracle", "start"));
        for run in block {
            summary::line(&row(run));
        }
        summary::line("");
    }
    summary::line(&format!(
        "{:<32}{:>4}{:>18}{:>10}{:>16}",
        "method", "n", "gap %, ± se", "solved", "steps, ± se"
    ));
    for line in lines {
        let solved = format!("{} of {}", line.solved, line.instances);
        let (gap, steps) = (table::with_se(line.gap), table::with_se(line.steps));
        summary::line(&format!("{:<32}{:>4}{gap:>18}{solved:>10}{steps:>16}", line.method, line.n));
    }
    summary::line("");
}

fn row(run: &Run) -> String {
    let known = if run.oracle.is_exact { "exact" } else { "best known" };
    let oracle = format!("{:.1} {known}", run.oracle.length);
    let gaps: String = run.gaps.iter().map(|gap| format!("{:>18.1} %", 100.0 * gap.gap)).collect();
    let start = format!("{:.1} %", 100.0 * run.start_gap);
    format!("{:<18}{oracle:>18}{start:>10}{gaps}", run.instance)
}
