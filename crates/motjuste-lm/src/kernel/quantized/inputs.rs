//! Inputs rounded to 16 bits.

use pulp::{Simd, WithSimd};

use crate::kernel::blocks::GROUP;
use crate::kernel::lanes::LANES;

/// 32 inputs of a row: x ≈ scale · value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Inputs {
    pub(super) values: [i16; GROUP],
    pub(super) scale: f32,
    /// Σ value, for each half.
    pub(super) sums: [i32; 2],
}

const NONE: Inputs = Inputs { values: [0; GROUP], scale: 0.0, sums: [0; 2] };

/// Rounds rows to 16 bits, half to even.
pub(super) struct Round<'a>(pub(super) &'a [f32]);

impl WithSimd for Round<'_> {
    type Output = Vec<Inputs>;

    #[inline(always)]
    // A plain loop: an iterator's fold is compiled on its own, without the machine's vectors.
    fn with_simd<S: Simd>(self, _: S) -> Vec<Inputs> {
        let (blocks, _) = self.0.as_chunks::<GROUP>();
        let mut inputs = vec![NONE; blocks.len()];
        for (inputs, block) in inputs.iter_mut().zip(blocks) {
            *inputs = round(block);
        }
        inputs
    }
}

#[inline(always)]
pub(super) fn round(x: &[f32; GROUP]) -> Inputs {
    let mut lanes = [0f32; LANES];
    for x in x.as_chunks::<LANES>().0 {
        for (lane, x) in lanes.iter_mut().zip(x) {
            *lane = lane.max(x.abs());
        }
    }
    let largest = lanes.iter().fold(0.0, |largest: f32, &x| largest.max(x));
    let scale = largest / 32767.0;
    // The inverse of a smaller number would be infinite.
    let inverse = if scale < f32::MIN_POSITIVE { 0.0 } else { 1.0 / scale };
    let mut values = [0; GROUP];
    for (value, x) in values.iter_mut().zip(x) {
        *value = (x * inverse).round_ties_even() as i16;
    }
    Inputs { values, scale, sums: sums(&values) }
}

#[inline(always)]
fn sums(values: &[i16; GROUP]) -> [i32; 2] {
    let mut sums = [0; 2];
    for (sum, half) in sums.iter_mut().zip(values.as_chunks::<{ GROUP / 2 }>().0) {
        for &value in half {
            *sum += i32::from(value);
        }
    }
    sums
}
