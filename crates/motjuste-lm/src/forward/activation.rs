//! Bends of single numbers, and the soft cap of many.

use pulp::{Simd, WithSimd};

use crate::kernel::exp::exp;
use crate::kernel::vectorized;

/// x / (1 + e^−x) (SiLU, arXiv 1702.03118).
#[inline(always)]
pub(crate) fn silu(x: f32) -> f32 {
    x / (1.0 + exp(-x))
}

/// x (1 + tanh u) / 2 with u = √(2/π) (x + 0.044715 x³) (GELU, arXiv 1606.08415), by way of
/// (1 + tanh u) / 2 = 1 / (1 + e^−2u).
#[inline(always)]
pub(crate) fn gelu_tanh(x: f32) -> f32 {
    const TWICE_ROOT: f32 = 1.595_769;
    let u2 = TWICE_ROOT * x * (x * x).mul_add(0.044_715, 1.0);
    x / (1.0 + exp(-u2))
}

/// cap · tanh(x / cap) (arXiv 2408.00118, section 2).
#[inline(always)]
pub(crate) fn soft_cap(x: f32, cap: f32) -> f32 {
    let e = exp(-2.0 * (x / cap).abs());
    ((1.0 - e) / (1.0 + e) * cap).copysign(x)
}

/// The soft cap of every number, where there is one.
pub(crate) fn cap_row(x: &mut [f32], cap: Option<f32>) {
    if let Some(cap) = cap {
        vectorized(SoftCapRow { x, cap });
    }
}

struct SoftCapRow<'a> {
    x: &'a mut [f32],
    cap: f32,
}

impl WithSimd for SoftCapRow<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for x in self.x {
            *x = soft_cap(*x, self.cap);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{gelu_tanh, soft_cap};

    #[test]
    fn the_bends_agree_with_their_formulas() {
        for step in -2000..=2000 {
            let x = f64::from(step) / 100.0;
            let u = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3));
            let gelu = 0.5 * x * (1.0 + u.tanh());
            // A few units in the last place of numbers of order 10.
            assert!((f64::from(gelu_tanh(x as f32)) - gelu).abs() < 5e-6, "gelu({x})");
            let capped = 5.0 * (x / 5.0).tanh();
            assert!((f64::from(soft_cap(x as f32, 5.0)) - capped).abs() < 2e-6, "cap({x})");
        }
    }
}
