//! y = W x for many rows x, with the weights W in a few bits and x rounded to 16 bits, or to 8.
//!
//! x is cut into blocks of 32 like W, each with its own scale max |x| / 32639, or max |x| / 127. Within a block the
//! product is a sum of whole numbers below 2³¹, exact in any order; y adds the blocks one after
//! the other. What 16 bits round away of x is far below what W has lost; what 8 bits do is not.
//!
//! W is kept as the file has it, code by code, in 4 or in 8 bits; its scales, and the shifts of formats that have
//! them, are kept in 32, which holds every product of two scales exactly.

mod form;
mod inputs;
mod product;
#[cfg(test)]
mod tests;

use std::ops::Range;

use super::blocks::{GROUP, Group, Kind};
use super::matrix::Matrix;
use super::split::{self, PANEL, Paneled};
use super::vectorized;
use form::{Block, Bytes, Codes, Nibbles};
pub(crate) use inputs::Rounding;
use inputs::{Inputs, Round};
use product::{Product, run};

/// A weight matrix W, shape (outputs, inputs), in whole numbers of a few bits and scales.
#[derive(Debug, Clone)]
struct Quantized<C, const SCALES: usize, const SHIFTS: usize> {
    /// Shape (panels, blocks of inputs); the last panel is filled up with zeros.
    data: Vec<Block<C, SCALES, SHIFTS>>,
    inputs: usize,
    outputs: usize,
    rounding: Rounding,
}

/// Packs rows of groups, as a tensor of type `kind` has them, in the form that holds them exactly. `inputs` is a
/// multiple of 32.
pub(crate) fn pack(
    kind: Kind,
    groups: impl Iterator<Item = Group>,
    shape: (usize, usize),
    rounding: Rounding,
) -> Box<dyn Matrix> {
    match kind {
        Kind::Q4_0 => Quantized::<Nibbles<8>, 1, 0>::boxed(groups, shape, rounding),
        Kind::Q4_1 | Kind::Q4K => Quantized::<Nibbles<0>, 1, 1>::boxed(groups, shape, rounding),
        Kind::Q2K => Quantized::<Nibbles<0>, 2, 2>::boxed(groups, shape, rounding),
        Kind::Q3K => Quantized::<Nibbles<8>, 2, 0>::boxed(groups, shape, rounding),
        Kind::Q6K => Quantized::<Bytes, 2, 0>::boxed(groups, shape, rounding),
        Kind::Q5_1 | Kind::Q5K => Quantized::<Bytes, 1, 1>::boxed(groups, shape, rounding),
        Kind::Q5_0 | Kind::Q8_0 | Kind::F32 | Kind::F16 | Kind::Bf16 => {
            Quantized::<Bytes, 1, 0>::boxed(groups, shape, rounding)
        }
    }
}

impl<C: Codes, const SCALES: usize, const SHIFTS: usize> Quantized<C, SCALES, SHIFTS> {
    fn pack(
        groups: impl Iterator<Item = Group>,
        (outputs, inputs): (usize, usize),
        rounding: Rounding,
    ) -> Self {
        let blocks = inputs / GROUP;
        let mut data = vec![Block::EMPTY; outputs.div_ceil(PANEL) * blocks];
        for (index, group) in groups.enumerate() {
            let (output, block) = (index / blocks, index % blocks);
            data[output / PANEL * blocks + block].set(output % PANEL, &group);
        }
        Self { data, inputs, outputs, rounding }
    }

    fn boxed(
        groups: impl Iterator<Item = Group>,
        shape: (usize, usize),
        rounding: Rounding,
    ) -> Box<dyn Matrix> {
        Box::new(Self::pack(groups, shape, rounding))
    }
}

impl<C: Codes, const SCALES: usize, const SHIFTS: usize> Matrix for Quantized<C, SCALES, SHIFTS> {
    fn is_exact(&self) -> bool {
        false
    }

    fn inputs(&self) -> usize {
        self.inputs
    }

    fn outputs(&self) -> usize {
        self.outputs
    }

    fn row(&self, output: usize) -> Vec<f32> {
        let blocks = self.inputs / GROUP;
        let panel = &self.data[output / PANEL * blocks..][..blocks];
        panel.iter().flat_map(|block| block.get(output % PANEL)).collect()
    }

    fn multiply(&self, x: &[f32]) -> Vec<f32> {
        split::multiply(self, x)
    }
}

impl<C: Codes, const SCALES: usize, const SHIFTS: usize> Paneled for Quantized<C, SCALES, SHIFTS> {
    type Prepared = Vec<Inputs>;

    fn inputs(&self) -> usize {
        self.inputs
    }

    fn outputs(&self) -> usize {
        self.outputs
    }

    fn prepare(&self, x: &[f32]) -> Vec<Inputs> {
        vectorized(Round { x, inputs: self.inputs, rounding: self.rounding })
    }

    fn multiply_panels(&self, panels: Range<usize>, x: &Vec<Inputs>, y: &mut [f32]) {
        let width = self.outputs.min(panels.end * PANEL) - panels.start * PANEL;
        let blocks = self.inputs / GROUP;
        let panels = &self.data[panels.start * blocks..panels.end * blocks];
        run(Product { panels, x, y, blocks, width, rounding: self.rounding });
    }
}
