//! A linear map without bias.

use half::{bf16, f16};
use motjuste::Result;

use crate::kernel::blocks::{Group, Kind};
use crate::kernel::columns::join;
use crate::kernel::matmul::Panels;
use crate::kernel::matrix::Matrix;
use crate::kernel::q8_0;
use crate::kernel::quantized::{self, Rounding};
use crate::options::{Activations, Precision};
use crate::weights::{Stored, Weights};

/// y = W x.
pub(crate) struct Linear {
    /// The rows of W, some after the others: tensors that are kept alike are one matrix.
    parts: Vec<Box<dyn Matrix>>,
}

impl Linear {
    /// Several maps of the same input as one: their outputs lie one behind the other.
    pub(super) fn load(
        weights: &Weights,
        names: &[&str],
        inputs: usize,
        outputs: &[usize],
    ) -> Result<Self> {
        let mut stored = Vec::new();
        for (name, &outputs) in names.iter().zip(outputs) {
            stored.push(weights.stored(&format!("{name}.weight"), &[outputs, inputs])?);
        }
        let alike = stored.chunk_by(|a, b| a.kind == b.kind);
        let parts = alike.map(|tensors| matrix(tensors, inputs, weights));
        Ok(Self { parts: parts.collect() })
    }

    pub(super) fn parameters(&self) -> usize {
        self.parts.iter().map(|part| part.inputs() * part.outputs()).sum()
    }

    /// The weights of one output: what an embedding table holds for a token.
    pub(crate) fn row(&self, mut output: usize) -> Vec<f32> {
        for part in &self.parts {
            if output < part.outputs() {
                return part.row(output);
            }
            output -= part.outputs();
        }
        Vec::new()
    }

    pub(crate) fn inputs(&self) -> usize {
        self.parts.first().map_or(0, |part| part.inputs())
    }

    pub(crate) fn outputs(&self) -> usize {
        self.parts.iter().map(|part| part.outputs()).sum()
    }

    /// Whether its products are those of 32 bits: no input is rounded.
    pub(crate) fn is_exact(&self) -> bool {
        self.parts.iter().all(|part| part.is_exact())
    }

    /// (rows, inputs) → (rows, outputs).
    pub(crate) fn forward(&self, x: &[f32]) -> Vec<f32> {
        match &self.parts[..] {
            [whole] => whole.multiply(x),
            parts => {
                let (columns, widths): (Vec<_>, Vec<_>) =
                    parts.iter().map(|part| (part.multiply(x), part.outputs())).unzip();
                join(&columns, &widths)
            }
        }
    }
}

/// Tensors of one type as one matrix.
fn matrix(tensors: &[Stored], inputs: usize, weights: &Weights) -> Box<dyn Matrix> {
    let kind = tensors.first().map_or(Kind::F32, |tensor| tensor.kind);
    let outputs = tensors.iter().map(Stored::numbers).sum::<usize>() / inputs;
    let shape = (outputs, inputs);
    let rounding = match weights.activations {
        Activations::Sixteen => Rounding::Sixteen,
        Activations::Eight => Rounding::Eight,
    };
    let rows = || tensors.iter().flat_map(|tensor| tensor.rows(inputs));
    match (weights.precision, kind) {
        (Precision::AsStored, Kind::F16) => {
            Box::new(Panels::pack(rows().map(|row| narrow(&row, f16::from_f32)), shape))
        }
        (Precision::AsStored, Kind::Bf16) => {
            Box::new(Panels::pack(rows().map(|row| narrow(&row, bf16::from_f32)), shape))
        }
        (Precision::AsStored, kind) if kind.is_quantized() => {
            quantized::pack(kind, groups(tensors), shape, rounding)
        }
        (Precision::Q8_0, Kind::Q8_0) => {
            quantized::pack(Kind::Q8_0, groups(tensors), shape, rounding)
        }
        (Precision::Q8_0, _) if q8_0::fits(inputs) => {
            quantized::pack(Kind::Q8_0, rows().flat_map(|row| q8_0::groups(&row)), shape, rounding)
        }
        _ => Box::new(Panels::pack(rows(), shape)),
    }
}

/// Numbers that are exact in 16 bits, in 16 bits.
fn narrow<T>(row: &[f32], narrow: impl Fn(f32) -> T) -> Vec<T> {
    row.iter().map(|&number| narrow(number)).collect()
}

fn groups(tensors: &[Stored]) -> impl Iterator<Item = Group> {
    tensors.iter().flat_map(|tensor| tensor.kind.groups(&tensor.bytes))
}
