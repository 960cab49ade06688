//! A linear map and the way back through it.

use super::columns::add;
use super::packed::PackedMap;
use crate::forward::Linear;

/// y = W x + b, in f32 on the values that the weights stand for.
#[derive(Clone, Copy)]
pub(crate) struct Map<'a> {
    pub(super) linear: &'a Linear,
    pub(super) bias: Option<&'a [f32]>,
    pub(super) packed: &'a PackedMap,
}

impl Map<'_> {
    /// (rows, inputs) → (rows, outputs).
    pub(crate) fn forward(&self, x: &[f32]) -> Vec<f32> {
        let mut y = match self.linear {
            Linear::F32(panels) => panels.multiply(x),
            Linear::Q8_0(_) => self.packed.open(self.linear).multiply(x),
        };
        if let Some(bias) = self.bias {
            y.chunks_exact_mut(bias.len()).for_each(|row| add(row, bias));
        }
        y
    }

    /// ∂x = Wᵀ ∂y: (rows, outputs) → (rows, inputs).
    pub(crate) fn back(&self, gradient: &[f32]) -> Vec<f32> {
        self.packed.transpose(self.linear).multiply(gradient)
    }
}
