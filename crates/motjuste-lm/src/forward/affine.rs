//! A linear map with a bias, or without.

use motjuste::Result;

use super::linear::Linear;
use crate::kernel::columns::add;
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
    ) -> Result<Self> {
        let linear = Linear::load(weights, names, inputs, outputs)?;
        let bias = biased.then(|| load_bias(weights, names, outputs)).transpose()?;
        Ok(Self { linear, bias })
    }

    pub(super) fn parameters(&self) -> usize {
        self.linear.parameters() + self.bias.as_ref().map_or(0, Vec::len)
    }

    /// (rows, inputs) → (rows, outputs).
    pub(super) fn forward(&self, x: &[f32]) -> Vec<f32> {
        let mut y = self.linear.forward(x);
        if let Some(bias) = &self.bias {
            y.chunks_exact_mut(bias.len()).for_each(|row| add(row, bias));
        }
        y
    }
}

fn load_bias(weights: &Weights, names: &[&str], outputs: &[usize]) -> Result<Vec<f32>> {
    let mut stacked = Vec::new();
    for (name, &outputs) in names.iter().zip(outputs) {
        stacked.extend(weights.load(&format!("{name}.bias"), &[outputs])?);
    }
    Ok(stacked)
}
