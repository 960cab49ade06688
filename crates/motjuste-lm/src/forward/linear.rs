//! A linear map without bias.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

use super::floats;
use crate::kernel::matmul::Panels;
use crate::kernel::q8_0;
use crate::kernel::quantized::QuantizedPanels;
use crate::options::Precision;
use crate::weights::Weights;

/// y = W x.
pub(crate) enum Linear {
    F32(Panels),
    Q8_0(QuantizedPanels),
}

impl Linear {
    /// From W of shape (outputs, inputs), row-major.
    fn new(weights: &[f32], inputs: usize, precision: Precision) -> Self {
        match precision {
            Precision::Q8_0 if q8_0::fits(inputs) => {
                Self::Q8_0(QuantizedPanels::pack(weights, inputs))
            }
            _ => Self::F32(Panels::pack(weights, inputs)),
        }
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
        Ok(Self::new(&stacked, inputs, weights.precision))
    }

    pub(super) fn parameters(&self) -> usize {
        match self {
            Self::F32(panels) => panels.inputs() * panels.outputs(),
            Self::Q8_0(panels) => panels.inputs() * panels.outputs(),
        }
    }

    /// The weights of one output: what an embedding table holds for a token.
    pub(crate) fn row(&self, output: usize) -> Vec<f32> {
        match self {
            Self::F32(panels) => panels.row(output),
            Self::Q8_0(panels) => panels.row(output),
        }
    }

    pub(crate) fn inputs(&self) -> usize {
        match self {
            Self::F32(panels) => panels.inputs(),
            Self::Q8_0(panels) => panels.inputs(),
        }
    }

    pub(crate) fn outputs(&self) -> usize {
        match self {
            Self::F32(panels) => panels.outputs(),
            Self::Q8_0(panels) => panels.outputs(),
        }
    }

    /// W x for each row of plain numbers: (rows, inputs) → (rows, outputs).
    pub(crate) fn multiply(&self, x: &[f32]) -> Vec<f32> {
        match self {
            Self::F32(panels) => panels.multiply(x),
            Self::Q8_0(panels) => panels.multiply(x),
        }
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
        let x = floats(x, layout)?;
        let (y, outputs) = match self {
            Self::F32(panels) => (panels.multiply(x), panels.outputs()),
            Self::Q8_0(panels) => (panels.multiply(x), panels.outputs()),
        };
        Ok((CpuStorage::F32(y), Shape::from((rows, outputs))))
    }
}
