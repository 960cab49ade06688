//! Steps of Adam (arXiv 1412.6980, algorithm 1), and the clipping of gradients.

use crate::kernel::reduce;
use crate::kernel::widest::widest;

/// Decays of the two moments, and what keeps the quotient finite: the paper's.
const DECAY: [f64; 2] = [0.9, 0.999];
const EPSILON: f32 = 1e-8;

/// The moments of a gradient: w ← w − α m̂ / (√v̂ + ε).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Adam {
    rate: f64,
    mean: Vec<f32>,
    square: Vec<f32>,
    /// β₁ᵗ and β₂ᵗ.
    decayed: [f64; 2],
}

impl Adam {
    pub(super) fn new(rate: f64, weights: usize) -> Self {
        Self { rate, mean: vec![0.0; weights], square: vec![0.0; weights], decayed: [1.0; 2] }
    }

    /// One step down the gradient.
    pub(super) fn step(&mut self, weights: &mut [f32], gradient: &[f32]) {
        self.decayed = [self.decayed[0] * DECAY[0], self.decayed[1] * DECAY[1]];
        let rate = (self.rate / (1.0 - self.decayed[0])) as f32;
        let unbiased = (1.0 - self.decayed[1]).sqrt() as f32;
        let [keep_mean, keep_square] = DECAY.map(|decay| decay as f32);
        widest(
            #[inline(always)]
            || {
                let moments = self.mean.iter_mut().zip(&mut self.square);
                for ((w, &g), (mean, square)) in weights.iter_mut().zip(gradient).zip(moments) {
                    *mean = keep_mean * *mean + (1.0 - keep_mean) * g;
                    *square = keep_square * *square + (1.0 - keep_square) * g * g;
                    *w -= rate * *mean / (square.sqrt() / unbiased + EPSILON);
                }
            },
        );
    }
}

/// Shortens a gradient to a norm, if it is longer.
pub(super) fn clip(gradient: &mut [f32], longest: f64) {
    let square = widest(
        #[inline(always)]
        || reduce::dot(gradient, gradient),
    );
    // As in PyTorch: a little shorter, so that rounding does not make it longer.
    let factor = (longest / (f64::from(square).sqrt() + 1e-6)) as f32;
    if factor < 1.0 {
        gradient.iter_mut().for_each(|g| *g *= factor);
    }
}

#[cfg(test)]
mod tests {
    use super::{Adam, clip};

    #[test]
    fn first_steps_have_the_length_of_the_rate_whatever_the_gradient() {
        let mut weights = [0.0, 0.0, 0.0];
        let mut adam = Adam::new(0.1, 3);
        adam.step(&mut weights, &[5.0, -1e-3, 0.0]);
        assert!((weights[0] + 0.1).abs() < 1e-6 && (weights[1] - 0.1).abs() < 1e-5, "{weights:?}");
        // By hand: m̂ = (0.09 · 5 + 0.1 · 1) / 0.19 · …, for the gradient 5, then 1.
        adam.step(&mut weights, &[1.0, 0.0, 0.0]);
        let (m, v) = ((0.9 * 0.5 + 0.1) / 0.19, (0.999 * 0.025 + 0.001) / 0.001_999);
        let expected = -0.1 - 0.1 * m / f64::sqrt(v);
        assert!((f64::from(weights[0]) - expected).abs() < 1e-5, "{weights:?}, {expected}");
        assert_eq!(weights[2], 0.0);
    }

    #[test]
    fn a_long_gradient_is_shortened_and_a_short_one_is_left() {
        let mut long = [3.0, 4.0];
        clip(&mut long, 1.0);
        assert!((long[0] - 0.6).abs() < 1e-6 && (long[1] - 0.8).abs() < 1e-6);
        let mut short = [0.3, 0.4];
        clip(&mut short, 1.0);
        assert_eq!(short, [0.3, 0.4]);
    }
}
