//! What a round of Bayesian optimisation costs.
//!
//! `cargo bench -p motjuste-gp`
#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use motjuste_gp::acquisition::{log_expected_improvement, select_batch};
use motjuste_gp::network::{Data, Network, Options, Start};
use motjuste_gp::process::{FitOptions, Hyperparameters, Model, Posterior};
use motjuste_gp::sobol::Sobol;
use motjuste_gp::special::normal;
use motjuste_gp::standardise::standardise;
use motjuste_gp::{Bounds, Points, Result, cma_es};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

/// n points in \[0, 1\]^d, with m zero-one scores each that depend on the point.
fn data(n: usize, d: usize, m: usize) -> Result<(Points, Points, Vec<f64>)> {
    let points = Sobol::scrambled(d, 1)?.points(n)?;
    let limits = Sobol::scrambled(m, 2)?.points(n)?;
    let share = |x: &[f64]| 0.5 + 0.4 * (4.0 * x[0]).sin() * (3.0 * x[1]).cos();
    let scores = points.rows().zip(limits.rows()).flat_map(|(x, limit)| {
        let share = share(x);
        limit.iter().map(move |l| f64::from(*l < share)).collect::<Vec<_>>()
    });
    let scores = Points::new(m, scores.collect())?;
    let h: Vec<f64> = scores.rows().map(|s| s.iter().sum::<f64>() / m as f64).collect();
    Ok((points, scores, standardise(&h).values))
}

/// 25 runs of CMA-ES on log EI from the best points: 12,500 values.
fn climb(posterior: &Posterior, points: &Points, y: &[f64]) -> Result<f64> {
    let best = y.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let bounds = Bounds::cube(points.dim(), -1.0, 1.0)?;
    let options =
        cma_es::Options { popsize: Some(50), sigma0: 0.8, max_generations: 10, tolfun: None };
    let log_ei = |population: &Points| -> Vec<f64> {
        let all = posterior.predict_batch(population).unwrap_or_default();
        all.into_iter().map(|p| log_expected_improvement(p, best)).collect()
    };
    let mut order: Vec<usize> = (0..y.len()).collect();
    order.sort_by(|a, b| y[*b].total_cmp(&y[*a]));
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    order.truncate(25);
    order.into_iter().try_fold(0.0, |sum, start| {
        let best = cma_es::maximise(log_ei, points.row(start), &bounds, options.clone(), &mut rng)?;
        Ok(sum + best.value)
    })
}

fn round(c: &mut Criterion) -> Result<()> {
    let (points, scores, y) = data(125, 10, 20)?;
    let model = Model::coupled_by_scores(points.clone(), scores)?;
    let options = FitOptions::published(&model)?;
    let fit = model.fit(&y, &options)?;
    let posterior = model.posterior(&y, &fit.hyper)?;
    let many = Bounds::cube(10, -1.0, 1.0)?.stretch(&Sobol::scrambled(10, 4)?.points(12_500)?)?;
    let mut group = c.benchmark_group("coupled, n = 125, d = 10, m = 20");
    group.sample_size(10);
    group.bench_function("fit of 33 parameters", |b| b.iter(|| model.fit(&y, &options)));
    group.bench_function("25 CMA-ES runs, 12,500 log EI", |b| {
        b.iter(|| climb(&posterior, &points, &y));
    });
    group.bench_function("a round: fit and CMA-ES", |b| {
        b.iter(|| {
            let fit = model.fit(&y, &options)?;
            climb(&model.posterior(&y, &fit.hyper)?, &points, &y)
        });
    });
    group.bench_function("12,500 predictions", |b| b.iter(|| posterior.predict_batch(&many)));
    group.finish();
    Ok(())
}

fn plain(c: &mut Criterion) -> Result<()> {
    let (points, _, y) = data(1000, 10, 20)?;
    let model = Model::plain(points)?;
    let hyper = Hyperparameters { noise: 0.01, ..Hyperparameters::isotropic(0.7) };
    let test = Sobol::scrambled(10, 5)?.points(1000)?;
    let (few, _, few_y) = data(300, 10, 20)?;
    let few = Model::plain(few)?.posterior(&few_y, &hyper)?;
    let mut group = c.benchmark_group("plain");
    group.sample_size(10);
    group.bench_function("posterior at n = 1000", |b| b.iter(|| model.posterior(&y, &hyper)));
    let posterior = model.posterior(&y, &hyper)?;
    group.bench_function("1000 predictions at n = 1000", |b| {
        b.iter(|| posterior.predict_batch(black_box(&test)));
    });
    group.bench_function("batch of 25 from 1000 candidates at n = 300", |b| {
        b.iter(|| select_batch(&few, &test, 25, 2.0));
    });
    group.finish();
    Ok(())
}

/// One fit of a neural bandit with one hidden layer of 100 units: 1,000 steps over n points of 576 dimensions.
fn network(c: &mut Criterion) -> Result<()> {
    let mut group = c.benchmark_group("network of 576-100-1, 1,000 steps");
    group.sample_size(10);
    for n in [40, 100, 165] {
        let mut rng = ChaCha20Rng::seed_from_u64(6);
        let start = Network::new(&[576, 100, 1], Start::Uniform, &mut rng)?;
        let points = (0..n * 576).map(|_| normal(&mut rng)).collect();
        let (points, targets) = (Points::new(576, points)?, vec![0.5; n]);
        let data = Data { points: &points, targets: &targets, groups: &[] };
        let options = Options::default();
        group.bench_function(format!("n = {n}"), |b| b.iter(|| start.trained(&data, &options)));
    }
    group.finish();
    Ok(())
}

#[allow(clippy::expect_used, reason = "a bench without data has nothing to measure")]
fn all(c: &mut Criterion) {
    round(c).expect("the data of the bench are valid");
    plain(c).expect("the data of the bench are valid");
    network(c).expect("the data of the bench are valid");
}

criterion_group!(benches, all);
criterion_main!(benches);
