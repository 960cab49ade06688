//! Functions with known minima, for trying optimisers.

use std::f64::consts::{E, PI};

/// `sum_i x_i^2`; minimum 0 at the origin.
///
/// ```
/// assert_eq!(motjuste_gp::test_functions::sphere(&[1.0, 2.0]), 5.0);
/// ```
pub fn sphere(x: &[f64]) -> f64 {
    x.iter().map(|v| v * v).sum()
}

/// `sum_i 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2`; minimum 0 at (1, ..., 1), at the end of a curved
/// valley (Rosenbrock 1960).
///
/// ```
/// assert_eq!(motjuste_gp::test_functions::rosenbrock(&[1.0; 4]), 0.0);
/// ```
pub fn rosenbrock(x: &[f64]) -> f64 {
    x.windows(2).map(|w| 100.0 * (w[1] - w[0] * w[0]).powi(2) + (1.0 - w[0]).powi(2)).sum()
}

/// The gradient of [`rosenbrock`].
///
/// ```
/// assert_eq!(motjuste_gp::test_functions::rosenbrock_gradient(&[0.0, 0.0]), [-2.0, 0.0]);
/// ```
pub fn rosenbrock_gradient(x: &[f64]) -> Vec<f64> {
    let mut gradient = vec![0.0; x.len()];
    for i in 0..x.len().saturating_sub(1) {
        let valley = x[i + 1] - x[i] * x[i];
        gradient[i] += -400.0 * x[i] * valley - 2.0 * (1.0 - x[i]);
        gradient[i + 1] += 200.0 * valley;
    }
    gradient
}

/// Ackley's function: minimum 0 at the origin among many local ones (Ackley 1987).
/// `-20 exp(-0.2 sqrt(mean x^2)) - exp(mean cos 2 pi x) + 20 + e`.
///
/// ```
/// assert!(motjuste_gp::test_functions::ackley(&[0.0; 5]).abs() < 1e-14);
/// ```
pub fn ackley(x: &[f64]) -> f64 {
    let n = x.len().max(1) as f64;
    let waves = x.iter().map(|v| (2.0 * PI * v).cos()).sum::<f64>() / n;
    20.0 + E - 20.0 * (-0.2 * (sphere(x) / n).sqrt()).exp() - waves.exp()
}

/// Branin's function on \[-5, 10\] × \[0, 15\]: minimum 0.397887 at three places, one of them
/// (pi, 2.275) (Dixon and Szego 1978).
///
/// ```
/// let at_minimum = motjuste_gp::test_functions::branin([std::f64::consts::PI, 2.275]);
/// assert!((at_minimum - 0.397887).abs() < 1e-6);
/// ```
pub fn branin([x, y]: [f64; 2]) -> f64 {
    let valley = y - 5.1 / (4.0 * PI * PI) * x * x + 5.0 / PI * x - 6.0;
    valley * valley + 10.0 * (1.0 - 1.0 / (8.0 * PI)) * x.cos() + 10.0
}
