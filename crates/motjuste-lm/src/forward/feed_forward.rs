//! The gated feed-forward part of a layer (SwiGLU and GeGLU, arXiv 2002.05202, equation 6).

use motjuste::Result;
use pulp::{Simd, WithSimd};

use super::activation::{gelu_tanh, silu};
use super::affine::Affine;
use crate::config::{Activation, Config};
use crate::kernel::vectorized;
use crate::weights::Weights;

/// y = W_down (bend(W_gate x) ⊙ W_up x).
pub(crate) struct FeedForward {
    pub(crate) gate_up: Affine,
    pub(crate) down: Affine,
    activation: Activation,
    width: usize,
}

impl FeedForward {
    pub(super) fn load(weights: &Weights, name: &str, c: &Config) -> Result<Self> {
        let [gate, up, both, down] =
            ["gate", "up", "gate_up", "down"].map(|part| format!("{name}.{part}_proj"));
        let (width, biased) = (c.feed_forward, c.bias.feed_forward);
        let gate_up = match c.fused {
            true => Affine::load(weights, &[&both], c.hidden, &[2 * width], biased)?,
            false => Affine::load(weights, &[&gate, &up], c.hidden, &[width; 2], biased)?,
        };
        let down = Affine::load(weights, &[&down], width, &[c.hidden], biased)?;
        Ok(Self { gate_up, down, activation: c.activation, width })
    }

    pub(super) fn parameters(&self) -> usize {
        self.gate_up.parameters() + self.down.parameters()
    }

    /// (rows, hidden) → (rows, hidden).
    pub(super) fn forward(&self, x: &[f32]) -> Vec<f32> {
        self.down.forward(&self.gated(&self.gate_up.forward(x)))
    }

    /// (rows, gate then up) → (rows, feed-forward width).
    pub(crate) fn gated(&self, x: &[f32]) -> Vec<f32> {
        let (width, activation) = (self.width, self.activation);
        let mut y = vec![0.0; x.len() / 2];
        vectorized(GateRows { x, y: &mut y, width, activation });
        y
    }
}

struct GateRows<'a> {
    x: &'a [f32],
    y: &'a mut [f32],
    width: usize,
    activation: Activation,
}

impl WithSimd for GateRows<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        match self.activation {
            Activation::Silu => self.each(silu),
            Activation::GeluTanh => self.each(gelu_tanh),
        }
    }
}

impl GateRows<'_> {
    #[inline(always)]
    fn each(self, bend: impl Fn(f32) -> f32) {
        for (x, y) in self.x.chunks_exact(2 * self.width).zip(self.y.chunks_exact_mut(self.width)) {
            let (gate, up) = x.split_at(self.width);
            for ((y, &gate), &up) in y.iter_mut().zip(gate).zip(up) {
                *y = bend(gate) * up;
            }
        }
    }
}
