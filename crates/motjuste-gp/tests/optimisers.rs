//! Optimisers on functions with known minima.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests are tests")]

use motjuste_gp::lbfgs::{self, minimise};
use motjuste_gp::test_functions::{ackley, branin, rosenbrock, rosenbrock_gradient, sphere};
use motjuste_gp::{Bounds, Points, cma_es};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

fn cma(
    f: impl Fn(&[f64]) -> f64,
    start: &[f64],
    bounds: &Bounds,
    options: cma_es::Options,
    seed: u64,
) -> cma_es::Best {
    let objective = |all: &Points| all.rows().map(|x| -f(x)).collect();
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    cma_es::maximise(objective, start, bounds, options, &mut rng).unwrap()
}

fn exact() -> lbfgs::Options {
    lbfgs::Options { gradient_tolerance: 1e-9, value_tolerance: 0.0, ..lbfgs::Options::default() }
}

fn rosenbrock_pair(x: &[f64]) -> (f64, Vec<f64>) {
    (rosenbrock(x), rosenbrock_gradient(x))
}

#[test]
fn cma_es_solves_the_sphere_in_ten_dimensions() {
    // 10-d, lambda 10: the literature needs about 2,000 evaluations for 1e-9; 400 generations are
    // twice that.
    let options = cma_es::Options { max_generations: 400, tolfun: None, ..Default::default() };
    for seed in 0..3 {
        let best = cma(sphere, &[0.6; 10], &Bounds::unbounded(10).unwrap(), options.clone(), seed);
        assert!(best.value > -1e-9, "seed {seed}: {best:?}");
    }
}

#[test]
fn cma_es_solves_rosenbrock_in_ten_dimensions() {
    let options =
        cma_es::Options { popsize: Some(20), max_generations: 1500, ..Default::default() };
    let bounds = Bounds::cube(10, -2.0, 2.0).unwrap();
    let best = cma(rosenbrock, &[0.0; 10], &bounds, options, 1);
    assert!(best.value > -1e-9, "{best:?}");
    assert!(best.x.iter().all(|x| (x - 1.0).abs() < 1e-4), "{best:?}");
}

#[test]
fn cma_es_finds_a_minimum_on_the_side_of_the_box() {
    let bounds = Bounds::cube(4, -1.0, 1.0).unwrap();
    let shifted = |x: &[f64]| x.iter().map(|v| (v - 3.0).powi(2)).sum();
    let best = cma(shifted, &[0.0; 4], &bounds, cma_es::Options::default(), 2);
    // The fold is flat at the side: an error e inside is the square of an error outside.
    assert!(best.x.iter().all(|x| (x - 1.0).abs() < 1e-6), "{best:?}");
    assert!(bounds.contains(&best.x));
}

#[test]
fn cma_es_crosses_local_minima_of_ackley() {
    let options = cma_es::Options { popsize: Some(40), sigma0: 5.0, ..Default::default() };
    let best = cma(ackley, &[8.0; 4], &Bounds::cube(4, -20.0, 30.0).unwrap(), options, 3);
    assert!(best.value > -1e-6, "{best:?}");
}

#[test]
fn cma_es_repeats_itself_and_stops_when_told() {
    let bounds = Bounds::cube(3, -1.0, 1.0).unwrap();
    let ten = cma_es::Options { max_generations: 10, ..Default::default() };
    let run = |seed| cma(ackley, &[0.5; 3], &bounds, ten.clone(), seed);
    assert_eq!(run(4), run(4));
    assert_ne!(run(4), run(5));
    // A flat function trips tolfun in the first generation, unless it is off.
    let generations = |tolfun| {
        let options = cma_es::Options { max_generations: 10, tolfun, ..Default::default() };
        let mut cma = cma_es::CmaEs::new(&[0.5; 3], &bounds, options).unwrap();
        let mut rng = ChaCha20Rng::seed_from_u64(0);
        while !cma.is_done() {
            let n = cma.ask(&mut rng).unwrap().len();
            cma.tell(&vec![0.0; n]).unwrap();
        }
        cma.generation()
    };
    assert_eq!((generations(Some(1e-11)), generations(None)), (1, 10));
}

#[test]
fn cma_es_ranks_nan_last() {
    let bounds = Bounds::unbounded(2).unwrap();
    let half = |x: &[f64]| if x[0] > 0.0 { f64::NAN } else { sphere(x) };
    let best = cma(half, &[-0.5, 0.5], &bounds, cma_es::Options::default(), 6);
    assert!(best.value > -1e-6, "{best:?}");
}

#[test]
fn lbfgs_solves_rosenbrock() {
    let bounds = Bounds::unbounded(10).unwrap();
    let end = minimise(rosenbrock_pair, &[-1.2; 10], &bounds, &exact()).unwrap();
    assert!(end.converged, "{end:?}");
    assert!(end.x.iter().all(|x| (x - 1.0).abs() < 1e-8), "{end:?}");
    // SciPy's L-BFGS-B takes about 80 evaluations here; a broken history takes thousands.
    assert!(end.evaluations < 250, "{end:?}");
}

#[test]
fn lbfgs_solves_rosenbrock_with_an_active_bound() {
    // With x_0 <= 0.5 the minimum is at (0.5, 0.25), value 0.25.
    let bounds = Bounds::new(vec![-2.0, -2.0], vec![0.5, 2.0]).unwrap();
    let end = minimise(rosenbrock_pair, &[-1.2, 1.0], &bounds, &exact()).unwrap();
    assert!(end.converged && end.x[0] == 0.5, "{end:?}");
    assert!((end.x[1] - 0.25).abs() < 1e-9 && (end.value - 0.25).abs() < 1e-9, "{end:?}");
}

#[test]
fn lbfgs_leaves_a_bound_it_started_on() {
    let bounds = Bounds::cube(3, 0.0, 5.0).unwrap();
    let bowl = |x: &[f64]| {
        let weights = [1.0, 100.0, 0.01];
        let gradient = x.iter().zip(weights).map(|(x, w)| 2.0 * w * (x - 2.0)).collect();
        (x.iter().zip(weights).map(|(x, w)| w * (x - 2.0).powi(2)).sum(), gradient)
    };
    let end = minimise(bowl, &[0.0, 5.0, 0.0], &bounds, &exact()).unwrap();
    assert!(end.x.iter().all(|x| (x - 2.0).abs() < 1e-6), "{end:?}");
}

#[test]
fn lbfgs_backs_out_of_infinite_values() {
    let barrier = |x: &[f64]| match x[0] {
        x if x <= 0.0 => (f64::INFINITY, vec![f64::NAN]),
        x => (x - x.ln(), vec![1.0 - 1.0 / x]),
    };
    let end = minimise(barrier, &[40.0], &Bounds::unbounded(1).unwrap(), &exact()).unwrap();
    assert!((end.x[0] - 1.0).abs() < 1e-7, "{end:?}");
}

#[test]
fn branin_has_three_equal_minima() {
    let places = [[-std::f64::consts::PI, 12.275], [std::f64::consts::PI, 2.275], [9.42478, 2.475]];
    // 0.397887 is printed with six digits.
    assert!(places.iter().all(|p| (branin(*p) - 0.397887).abs() < 1e-6));
}
