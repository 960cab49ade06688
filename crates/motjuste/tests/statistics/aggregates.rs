//! How often the intervals of ranks, interquartile means, curves, calls to reach a level and gaps hold the truth.

use std::sync::LazyLock;

use motjuste::interval::Block;
use motjuste::random::Stream;
use motjuste::statistics::{
    Attempt, Scope, calls_to_reach, interquartile_mean, mean_curve, mean_ranks, mean_score, ranks,
    winners_curse,
};
use rand::RngExt;

use crate::coverage::share;
use crate::worlds::{bell, stream};

/// Skewed scores, u³, whose mean is ¼.
fn skewed(stream: &mut Stream) -> f64 {
    stream.random::<f64>().powi(3)
}

/// The scores of four methods with five seeds on one task; the first is the best on most.
fn methods(stream: &mut Stream) -> Vec<Vec<f64>> {
    let mut method = |skill: f64| {
        let here = skill + 0.1 * bell(stream);
        (0..5).map(|_| here + 0.1 * bell(stream)).collect()
    };
    [0.2, 0.1, 0.1, 0.0].map(&mut method).to_vec()
}

/// The mean rank of the first over all tasks.
static TRUE_RANK: LazyLock<f64> = LazyLock::new(|| {
    let mut stream = stream("ranks of all", 0);
    let mut rank = || {
        let means = methods(&mut stream).into_iter().map(|seeds| seeds.iter().sum::<f64>());
        ranks(&means.collect::<Vec<f64>>())[0]
    };
    (0..200_000).map(|_| rank()).sum::<f64>() / 200_000.0
});

#[test]
#[ignore = "prints a table of the documentation"]
fn coverage_of_ranks() {
    for tasks in [3, 5, 10, 30] {
        let found = share(1_000, |number| {
            let mut stream = stream("ranks", number);
            let first =
                mean_ranks(&(0..tasks).map(|_| methods(&mut stream)).collect::<Vec<_>>())[0];
            (first.low..=first.high).contains(&TRUE_RANK)
        });
        println!("ranks, {tasks} tasks: {found:.1}");
    }
}

fn runs(tasks: usize, seeds: usize, stream: &mut Stream) -> Vec<Vec<f64>> {
    let mut task = |number| (0..seeds).map(|_| skewed(stream) + 0.1 * f64::from(number)).collect();
    (0..tasks as u32).map(&mut task).collect()
}

fn interquartile_coverage(tasks: usize, seeds: usize, worlds: usize) -> f64 {
    let large = interquartile_mean(&runs(tasks, 60_000 / tasks, &mut stream("all", 0))[..]).value;
    share(worlds, |number| {
        let found = interquartile_mean(&runs(tasks, seeds, &mut stream("middle", number)));
        found.low.unwrap() <= large && large <= found.high.unwrap()
    })
}

#[test]
#[ignore = "prints a table of the documentation"]
fn coverage_of_interquartile_means() {
    for (tasks, seeds) in [(1, 5), (3, 3), (3, 5), (10, 3), (10, 5), (30, 5)] {
        println!("middle, {tasks} × {seeds}: {:.1}", interquartile_coverage(tasks, seeds, 1_000));
    }
}

fn curve_coverage(tasks: usize, seeds: usize, worlds: usize) -> f64 {
    share(worlds, |number| {
        let mut stream = stream("curve", number);
        let mut run = || vec![(10, skewed(&mut stream))];
        let runs: Vec<Vec<_>> = (0..tasks).map(|_| (0..seeds).map(|_| run()).collect()).collect();
        let point = mean_curve(&runs, &[20])[0];
        point.low.unwrap() <= 0.25 && 0.25 <= point.high.unwrap()
    })
}

fn reach_coverage(runs: usize, worlds: usize) -> f64 {
    share(worlds, |number| {
        let mut stream = stream("reach", number);
        // Exponential calls with a median of 1,000; a quarter is above 2,000, which is all there is.
        let mut calls = || -1_000.0 * stream.random::<f64>().max(1e-9).log2();
        let attempt =
            |calls: f64| Attempt { calls: calls.min(2_000.0) as u64, reached: calls < 2_000.0 };
        let found = calls_to_reach(&(0..runs).map(|_| attempt(calls())).collect::<Vec<_>>());
        found.low.is_none_or(|low| low <= 1_000) && found.high.is_none_or(|high| high >= 1_000)
    })
}

/// Seeds whose answers differ by `quality`, on binary rows of their own hardness.
fn split(seeds: &[f64], rows: usize, stream: &mut Stream) -> Block {
    let hard: Vec<f64> = (0..rows).map(|_| 0.05 * bell(stream)).collect();
    let mut score = |mean: f64| f64::from(u8::from(stream.random::<f64>() < mean));
    seeds.iter().map(|seed| hard.iter().map(|hard| score(0.5 + seed + hard)).collect()).collect()
}

fn gap_coverage(tasks: usize, seeds: usize, worlds: usize) -> f64 {
    share(worlds, |number| {
        let mut stream = stream("gap", number);
        let mut task = || {
            let quality: Vec<f64> = (0..seeds).map(|_| 0.08 * bell(&mut stream)).collect();
            (split(&quality, 30, &mut stream), split(&quality, 100, &mut stream))
        };
        let (dev, test): (Vec<Block>, Vec<Block>) = (0..tasks).map(|_| task()).unzip();
        let gap = winners_curse(&dev, &test, Scope::TheseTasks).difference;
        (gap.low..=gap.high).contains(&0.0)
    })
}

fn score_coverage(tasks: usize, seeds: usize, scope: Scope, worlds: usize) -> f64 {
    share(worlds, |number| {
        let mut stream = stream("score", number);
        let mut task = || {
            let here = 0.2 + 0.05 * bell(&mut stream);
            let seed = |stream: &mut Stream| here + 0.03 * bell(stream);
            let quality: Vec<f64> = (0..seeds).map(|_| seed(&mut stream)).collect();
            (here, split(&quality, 40, &mut stream))
        };
        let (here, blocks): (Vec<f64>, Vec<Block>) = (0..tasks).map(|_| task()).unzip();
        let found = mean_score(&blocks, scope);
        let truth = match scope {
            Scope::TheseTasks => 0.5 + here.iter().sum::<f64>() / tasks as f64,
            Scope::TasksLikeThese => 0.7,
        };
        (found.low..=found.high).contains(&truth)
    })
}

#[test]
#[ignore = "prints tables of the documentation"]
fn coverage_of_curves_reach_gaps_and_scores() {
    for (tasks, seeds) in [(1, 3), (1, 5), (1, 10), (3, 3), (3, 5), (10, 3), (30, 5)] {
        println!("curve, {tasks} × {seeds}: {:.1}", curve_coverage(tasks, seeds, 4_000));
        println!("gap, {tasks} × {seeds}: {:.1}", gap_coverage(tasks, seeds, 2_000));
        for scope in [Scope::TheseTasks, Scope::TasksLikeThese] {
            let found = score_coverage(tasks, seeds, scope, 2_000);
            println!("score, {tasks} × {seeds}, {scope:?}: {found:.1}");
        }
    }
    for runs in [5, 10, 15, 30, 100] {
        println!("reach, {runs} runs: {:.1}", reach_coverage(runs, 4_000));
    }
}

/// Of 1,000 worlds 95 % are 950 ± 6.9.
#[test]
fn intervals_of_curves_calls_gaps_and_scores_hold_the_truth() {
    for (found, of) in [
        (curve_coverage(3, 5, 1_000), "curve"),
        (reach_coverage(30, 1_000), "reach"),
        (gap_coverage(3, 3, 1_000), "gap"),
        (score_coverage(3, 3, Scope::TheseTasks, 1_000), "score on these tasks"),
        (score_coverage(5, 3, Scope::TasksLikeThese, 1_000), "score on tasks like these"),
    ] {
        assert!((91.0..99.0).contains(&found), "{of}: {found}");
    }
}
