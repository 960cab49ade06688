//! A linear map with a bias, or without.

use candle_core::{Device, Result, Tensor};

use super::linear::Linear;
use crate::weights::Weights;

/// y = W x + b.
pub(crate) struct Affine {
    pub(crate) linear: Linear,
    /// Shape (outputs).
    pub(crate) bias: Option<Vec<f32>>,
}

impl Affine {
    /// Several maps of the same input as one, as in [`Linear::load`].
    pub(super) fn load(
        weights: &Weights,
        names: &[&str],
        inputs: usize,
        outputs: &[usize],
        biased: bool,
    ) -> motjuste::Result<Self> {
        let linear = Linear::load(weights, names, inputs, outputs)?;
        let bias = biased.then(|| load_bias(weights, names, outputs)).transpose()?;
        Ok(Self { linear, bias })
    }

    pub(super) fn parameters(&self) -> usize {
        self.linear.parameters() + self.bias.as_ref().map_or(0, Vec::len)
    }

    /// (rows, inputs) → (rows, outputs).
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let y = self.linear.forward(x)?;
        match &self.bias {
            Some(bias) => y.broadcast_add(&Tensor::new(&bias[..], &Device::Cpu)?),
            None => Ok(y),
        }
    }
}

fn load_bias(weights: &Weights, names: &[&str], outputs: &[usize]) -> motjuste::Result<Vec<f32>> {
    let mut stacked = Vec::new();
    for (name, &outputs) in names.iter().zip(outputs) {
        stacked.extend(weights.load(&format!("{name}.bias"), &[outputs])?);
    }
    Ok(stacked)
}
