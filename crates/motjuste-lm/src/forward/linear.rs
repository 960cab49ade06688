//! A linear map without bias.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

use super::floats;
use crate::kernel::matmul::Panels;
use crate::weights::Weights;

/// y = W x.
pub(super) struct Linear {
    panels: Panels,
}

impl Linear {
    /// From W of shape (outputs, inputs), row-major.
    pub(super) fn new(weights: &[f32], inputs: usize) -> Self {
        Self { panels: Panels::pack(weights, inputs) }
    }

    /// Several maps of the same input as one: their outputs lie one behind the other.
    pub(super) fn load(
        weights: &Weights,
        names: &[&str],
        inputs: usize,
        outputs: &[usize],
    ) -> motjuste::Result<Self> {
        let mut stacked = Vec::new();
        for (name, &outputs) in names.iter().zip(outputs) {
            stacked.extend(weights.load(&format!("{name}.weight"), &[outputs, inputs])?);
        }
        Ok(Self::new(&stacked, inputs))
    }

    pub(super) fn parameters(&self) -> usize {
        self.panels.inputs() * self.panels.outputs()
    }

    /// (rows, inputs) → (rows, outputs).
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        x.apply_op1_no_bwd(self)
    }
}

impl CustomOp1 for Linear {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (rows, _) = layout.shape().dims2()?;
        let y = self.panels.multiply(floats(x, layout)?);
        Ok((CpuStorage::F32(y), Shape::from((rows, self.panels.outputs()))))
    }
}
