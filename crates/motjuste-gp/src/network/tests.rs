//! Gradients against finite differences, Adam against PyTorch, and what each start learns.

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::*;

fn points(n: usize, d: usize, seed: u64) -> Points {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    Points::new(d, (0..n * d).map(|_| normal(&mut rng)).collect()).unwrap()
}

fn network(widths: &[usize], start: Start) -> Network {
    Network::new(widths, start, &mut ChaCha20Rng::seed_from_u64(5)).unwrap()
}

/// The same network with one parameter moved.
fn moved(network: &Network, k: usize, by: f64) -> Network {
    let mut moved = network.clone();
    moved.parameters[k] += by;
    moved
}

/// A central difference; its error is of the order of `STEP`^2 and 1e-16 / `STEP`.
fn slope(f: impl Fn(f64) -> f64) -> f64 {
    (f(STEP) - f(-STEP)) / (2.0 * STEP)
}

const STEP: f64 = 1e-6;
/// A unit of a layer turns over within a step now and then; none does for these seeds.
const CLOSE: f64 = 1e-6;

#[test]
fn the_gradient_of_the_loss_is_that_of_finite_differences() {
    let (points, groups) = (points(9, 4, 1), [4..6, 6..9]);
    let data = Data { points: &points, targets: &[0.1, 0.9, 0.4, 0.6], groups: &groups };
    for (widths, start) in [
        (vec![4, 7, 1], Start::Uniform),
        (vec![4, 5, 3, 1], Start::Normal),
        (vec![4, 1], Start::Normal),
    ] {
        let network = network(&widths, start);
        let gradient = network.loss_gradient(&data, 0.3);
        for (k, found) in gradient.iter().enumerate() {
            let expected = slope(|by| moved(&network, k, by).loss(&data, 0.3).unwrap());
            assert!((found - expected).abs() < CLOSE * (1.0 + expected.abs()), "{widths:?} {k}");
        }
    }
}

/// All tangents, written out by finite differences: n × P.
fn tangents(network: &Network, points: &Points) -> Vec<Vec<f64>> {
    let at = |i: usize, k: usize| {
        slope(|by| moved(network, k, by).predict(&points.select(&[i])).unwrap()[0])
    };
    (0..points.len()).map(|i| (0..network.parameters.len()).map(|k| at(i, k)).collect()).collect()
}

#[test]
fn tangents_are_those_of_finite_differences() {
    let (points, network) = (points(5, 3, 2), network(&[3, 6, 4, 1], Start::Normal));
    let (found, expected) = (network.tangents(&points).unwrap(), tangents(&network, &points));
    let u: Vec<f64> = (0..network.parameters.len()).map(|k| 0.1 + k as f64 / 10.0).collect();
    for (k, square) in found.squares().iter().enumerate() {
        let expected: f64 = expected.iter().map(|g| g[k] * g[k]).sum();
        assert!((square - expected).abs() < CLOSE * (1.0 + expected), "{k}");
    }
    let widths = found.widths(&u).unwrap();
    let kernel = found.kernel(&found);
    for (i, g) in expected.iter().enumerate() {
        let width: f64 = g.iter().zip(&u).map(|(g, u)| g * g / u).sum();
        assert!((widths[i] - width).abs() < CLOSE * (1.0 + width));
        for (j, other) in expected.iter().enumerate() {
            let product: f64 = g.iter().zip(other).map(|(a, b)| a * b).sum();
            assert!((kernel[(i, j)] - product).abs() < CLOSE * (1.0 + product.abs()));
        }
    }
}

#[test]
fn the_slope_of_a_tangent_process_is_that_of_finite_differences() {
    let (points, network) = (points(6, 3, 3), network(&[3, 8, 8, 1], Start::Normal));
    let y = [0.2, 0.5, 0.1, 0.9, 0.4, 0.3];
    let process = TangentProcess::new(&network, &points, &y, 0.5).unwrap();
    let at = [0.1, -0.4, 0.3];
    let gradient = process.gradient(&at).unwrap();
    for (k, found) in gradient.iter().enumerate() {
        let expected = slope(|by| {
            let mut x = at;
            x[k] += by;
            process.predict(&x).unwrap().mean
        });
        assert!((found - expected).abs() < 1e-5 * (1.0 + expected.abs()), "{found} {expected}");
    }
}

#[test]
fn a_tangent_process_meets_its_points_and_knows_nothing_far_from_them() {
    let (points, network) = (points(4, 3, 4), network(&[3, 32, 32, 1], Start::Normal));
    let y = [0.2, 0.5, 0.1, 0.9];
    let process = TangentProcess::new(&network, &points, &y, 1e-4).unwrap();
    for (point, y) in points.rows().zip(y) {
        let found = process.predict(point).unwrap();
        assert!((found.mean - y).abs() < 1e-3 && found.variance < 1e-3, "{found:?}");
    }
    let far = [-40.0, 30.0, 20.0];
    assert!(process.predict(&far).unwrap().variance > 1.0);
}

/// Adam's first steps on f(x) = w x + b, as PyTorch's are: the first is the learning rate in each direction,
/// whatever the gradient.
#[test]
fn adam_begins_with_the_learning_rate_and_decays_what_it_is_told_to() {
    let mut start = network(&[1, 1], Start::Uniform);
    start.parameters = vec![0.5, -0.25];
    let points = Points::from_rows(&[[1.0], [3.0]]).unwrap();
    let data = Data { points: &points, targets: &[2.0, -1.0], groups: &[] };
    let after = |steps, decay| {
        let options = Options { steps, decay, learning_rate: 0.01, consistency: 0.0 };
        start.trained(&data, &options).unwrap().parameters
    };
    let one = after(1, 0.0);
    assert!((one[0] - 0.49).abs() < 1e-9 && (one[1] + 0.26).abs() < 1e-9, "{one:?}");
    // Worked by hand from Kingma and Ba's algorithm 1 with PyTorch's constants.
    let mut by_hand = ([0.5, -0.25], [0.0; 2], [0.0; 2]);
    for t in 1..=3 {
        let (w, b) = (by_hand.0[0], by_hand.0[1]);
        let errors = [w + b - 2.0, 3.0 * w + b + 1.0];
        let slopes = [errors[0] + 3.0 * errors[1] + 0.1 * w, errors[0] + errors[1] + 0.1 * b];
        for (k, slope) in slopes.into_iter().enumerate() {
            by_hand.1[k] = 0.9 * by_hand.1[k] + 0.1 * slope;
            by_hand.2[k] = 0.999 * by_hand.2[k] + 0.001 * slope * slope;
            let mean = by_hand.1[k] / (1.0 - 0.9f64.powi(t));
            let square: f64 = by_hand.2[k] / (1.0 - 0.999f64.powi(t));
            by_hand.0[k] -= 0.01 * mean / (square.sqrt() + 1e-8);
        }
    }
    let three = after(3, 0.1);
    assert!(three.iter().zip(by_hand.0).all(|(a, b)| (a - b).abs() < 1e-12), "{three:?}");
}

/// Ranks from 0, of numbers without ties.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    order.into_iter().enumerate().for_each(|(rank, index)| ranks[index] = rank as f64);
    ranks
}

/// Spearman's rank correlation.
fn agreement(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len() as f64;
    let squares: f64 = ranks(a).iter().zip(ranks(b)).map(|(a, b)| (a - b) * (a - b)).sum();
    1.0 - 6.0 * squares / (n * (n * n - 1.0))
}

/// 120 points of 300 dimensions behind which stand ten, and an outcome that hangs on one direction of those.
fn hidden_landscape(n: usize) -> (Points, Vec<f64>) {
    const BEHIND: usize = 10;
    const WIDTH: usize = 300;
    let latent = points(n, BEHIND, 6);
    let map = points(WIDTH, BEHIND, 7);
    let of = |z: &[f64]| -> Vec<f64> {
        map.rows()
            .map(|row| row.iter().zip(z).map(|(a, b)| a * b / 3.0).sum::<f64>().tanh())
            .collect()
    };
    let rows: Vec<Vec<f64>> = latent.rows().map(of).collect();
    let outcome = |z: &[f64]| 1.0 / (1.0 + (-(z[0] + z[1] - z[2])).exp());
    (Points::from_rows(&rows).unwrap(), latent.rows().map(outcome).collect())
}

/// The published start of INSTINCT (N(0, 1) weights) predicts next to nothing about unseen points, and
/// PyTorch's default start nearly everything.
#[test]
fn the_uniform_start_learns_and_the_normal_one_does_not() {
    let (points, outcomes) = hidden_landscape(400);
    let known = points.select(&(0..80).collect::<Vec<_>>());
    let unseen = points.select(&(80..400).collect::<Vec<_>>());
    let correlation = |start| {
        let network = Network::new(&[300, 100, 1], start, &mut ChaCha20Rng::seed_from_u64(8));
        let data = Data { points: &known, targets: &outcomes[..80], groups: &[] };
        let options = Options { steps: 300, decay: 0.1 / 80.0, ..Options::default() };
        let trained = network.unwrap().trained(&data, &options).unwrap();
        agreement(&trained.predict(&unseen).unwrap(), &outcomes[80..])
    };
    let (uniform, normal) = (correlation(Start::Uniform), correlation(Start::Normal));
    assert!(uniform > 0.85 && normal < 0.5, "uniform {uniform}, normal {normal}");
}

#[test]
fn points_of_a_group_get_one_outcome() {
    let (points, start) = (points(12, 6, 9), network(&[6, 50, 1], Start::Uniform));
    let data = Data { points: &points, targets: &[0.0, 1.0, 0.5, 0.2], groups: &[4..8, 8..12] };
    let spread = |consistency| {
        let options = Options { consistency, ..Options::default() };
        let trained = start.trained(&data, &options).unwrap();
        trained.loss(&data, 1.0).unwrap() - trained.loss(&data, 0.0).unwrap()
    };
    assert!(spread(1.0) < 0.01 * spread(0.0), "{} {}", spread(1.0), spread(0.0));
}

#[test]
fn what_does_not_fit_is_refused() {
    let (points, start) = (points(4, 2, 10), network(&[2, 3, 1], Start::Uniform));
    let loss = |targets: &[f64], groups: &[std::ops::Range<usize>]| {
        start.loss(&Data { points: &points, targets, groups }, 0.0)
    };
    assert!(loss(&[], &[]).unwrap_err().is_shape());
    assert!(loss(&[0.0; 5], &[]).unwrap_err().is_shape());
    assert!(loss(&[f64::NAN], &[]).unwrap_err().is_not_finite());
    assert!(loss(&[0.0], &[0..2, 1..2]).unwrap_err().is_shape());
    assert!(loss(&[0.0], &[0..2, 3..5]).unwrap_err().is_shape());
    let tangents = start.tangents(&points).unwrap();
    assert!(tangents.widths(&[1.0]).unwrap_err().is_shape());
    let zeros = vec![0.0; start.parameters().len()];
    assert!(tangents.widths(&zeros).unwrap_err().is_invalid_parameter());
}
