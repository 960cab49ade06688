//! The way back through the bend of the feed-forward part, y = bend(gate) ⊙ up.

use crate::config::Activation;
use crate::forward::activation::{gelu_tanh, silu};
use crate::kernel::exp::exp;
use crate::kernel::widest::widest;

/// ∂gate = bend′(gate) up ∂y and ∂up = bend(gate) ∂y: the gradient of gate and up, (rows, gate then up).
pub(super) fn back(
    activation: Activation,
    gate_up: &[f32],
    gradient: &[f32],
    width: usize,
) -> Vec<f32> {
    let mut result = gate_up.to_vec();
    match activation {
        Activation::Silu => each_back(&mut result, gradient, width, silu_and_slope),
        Activation::GeluTanh => each_back(&mut result, gradient, width, gelu_and_slope),
    }
    result
}

#[inline(always)]
fn each_back(
    gate_up: &mut [f32],
    gradient: &[f32],
    width: usize,
    bend_and_slope: impl Fn(f32) -> (f32, f32),
) {
    widest(
        #[inline(always)]
        || {
            let rows = gate_up.chunks_exact_mut(2 * width).zip(gradient.chunks_exact(width));
            for (x, gradient) in rows {
                let (gate, up) = x.split_at_mut(width);
                for ((gate, up), &dy) in gate.iter_mut().zip(up).zip(gradient) {
                    let (bend, slope) = bend_and_slope(*gate);
                    (*gate, *up) = (slope * *up * dy, bend * dy);
                }
            }
        },
    );
}

/// x σ(x), and σ(x) (1 + x (1 − σ(x))).
#[inline(always)]
fn silu_and_slope(x: f32) -> (f32, f32) {
    let s = 1.0 / (1.0 + exp(-x));
    (silu(x), s * (1.0 + x * (1.0 - s)))
}

/// x σ(2u) with u = √(2/π) (x + 0.044715 x³), and σ(2u) + x σ(2u) (1 − σ(2u)) (2u)′.
#[inline(always)]
fn gelu_and_slope(x: f32) -> (f32, f32) {
    const TWICE_ROOT: f32 = 1.595_769;
    let u2 = TWICE_ROOT * x * (x * x).mul_add(0.044_715, 1.0);
    let s = 1.0 / (1.0 + exp(-u2));
    let u2_slope = TWICE_ROOT * (x * x).mul_add(0.134_145, 1.0);
    (gelu_tanh(x), s + x * s * (1.0 - s) * u2_slope)
}

#[cfg(test)]
mod tests {
    use super::{gelu_and_slope, silu_and_slope};

    #[test]
    fn slopes_are_those_of_the_formulas() {
        for step in -800..=800 {
            let x = f64::from(step) / 100.0;
            let silu = |x: f64| x / (1.0 + (-x).exp());
            let gelu = |x: f64| {
                let u = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3));
                0.5 * x * (1.0 + u.tanh())
            };
            let slope = |f: &dyn Fn(f64) -> f64| (f(x + 1e-5) - f(x - 1e-5)) / 2e-5;
            assert!((f64::from(silu_and_slope(x as f32).1) - slope(&silu)).abs() < 2e-6, "{x}");
            assert!((f64::from(gelu_and_slope(x as f32).1) - slope(&gelu)).abs() < 2e-6, "{x}");
        }
    }
}
