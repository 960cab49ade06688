//! The gated feed-forward part of a layer (SwiGLU, arXiv 2002.05202, equation 6).

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use pulp::{Simd, WithSimd};

use super::floats;
use super::linear::Linear;
use crate::config::Config;
use crate::kernel::exp::exp;
use crate::kernel::vectorized;
use crate::weights::Weights;

/// y = W_down (silu(W_gate x) ⊙ W_up x), with silu(t) = t / (1 + e^−t).
pub(super) struct FeedForward {
    gate_up: Linear,
    down: Linear,
}

impl FeedForward {
    pub(super) fn load(weights: &Weights, name: &str, c: &Config) -> motjuste::Result<Self> {
        let part = |part: &str| format!("{name}.{part}_proj");
        let gate_up = [&part("gate")[..], &part("up")];
        Ok(Self {
            gate_up: Linear::load(weights, &gate_up, c.hidden, &[c.feed_forward; 2])?,
            down: Linear::load(weights, &[&part("down")], c.feed_forward, &[c.hidden])?,
        })
    }

    pub(super) fn parameters(&self) -> usize {
        self.gate_up.parameters() + self.down.parameters()
    }

    /// (rows, hidden) → (rows, hidden).
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.down.forward(&self.gate_up.forward(x)?.apply_op1_no_bwd(&Gate)?)
    }
}

/// (rows, gate then up) → (rows, feed-forward width).
struct Gate;

impl CustomOp1 for Gate {
    fn name(&self) -> &'static str {
        "swiglu"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (rows, both) = layout.shape().dims2()?;
        let width = both / 2;
        let mut y = vec![0.0; rows * width];
        vectorized(GateRows { x: floats(x, layout)?, y: &mut y, width });
        Ok((CpuStorage::F32(y), Shape::from((rows, width))))
    }
}

struct GateRows<'a> {
    x: &'a [f32],
    y: &'a mut [f32],
    width: usize,
}

impl WithSimd for GateRows<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (x, y) in self.x.chunks_exact(2 * self.width).zip(self.y.chunks_exact_mut(self.width)) {
            let (gate, up) = x.split_at(self.width);
            for ((y, &gate), &up) in y.iter_mut().zip(gate).zip(up) {
                *y = gate / (1.0 + exp(-gate)) * up;
            }
        }
    }
}
