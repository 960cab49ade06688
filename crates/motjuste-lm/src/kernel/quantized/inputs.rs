//! Inputs rounded to whole numbers of 16 or of 8 bits.

use pulp::{Simd, WithSimd};

use super::form::STEPS;
use crate::kernel::blocks::GROUP;
use crate::kernel::lanes::{Four, LANES};

/// 32 inputs of a row: x ≈ scale · value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Inputs {
    pub(super) values: [i16; GROUP],
    /// The same in two bytes, value = 256 · high + low.
    pub(super) high: [i8; GROUP],
    pub(super) low: [i8; GROUP],
    pub(super) scale: f32,
    /// Σ value over the first half, the second, and both.
    sums: [i32; 3],
    /// The same times the scale.
    scaled: [f32; 3],
}

const NONE: Inputs = Inputs {
    values: [0; GROUP],
    high: [0; GROUP],
    low: [0; GROUP],
    scale: 0.0,
    sums: [0; 3],
    scaled: [0.0; 3],
};

/// How finely inputs are rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rounding {
    Sixteen,
    Eight,
}

impl Rounding {
    /// The largest value: of a larger one of 16 bits the high byte would be 128.
    fn largest(self) -> f32 {
        match self {
            Self::Sixteen => 32639.0,
            Self::Eight => 127.0,
        }
    }
}

impl Inputs {
    /// The inputs of a step, of the first half or of the second.
    #[inline(always)]
    pub(super) fn four(&self, half: usize, step: usize) -> Four<'_> {
        let at = half * STEPS + step;
        Four {
            values: &self.values.as_chunks().0[at],
            high: &self.high.as_chunks().0[at],
            low: &self.low.as_chunks().0[at],
        }
    }

    /// Σ value over the part of the block that has one scale, of so many; and the same times the scale.
    #[inline(always)]
    pub(super) fn sum<const SCALES: usize>(&self, part: usize) -> (i32, f32) {
        let part = if SCALES == 1 { 2 } else { part };
        (self.sums[part], self.scaled[part])
    }
}

/// Rows that a product takes together, the last ones in smaller tiles.
pub(super) const TILES: [usize; 4] = [8, 4, 2, 1];

/// Rounds rows, half to even, and lays them out tile by tile, each of shape (blocks, rows of the tile).
pub(super) struct Round<'a> {
    pub(super) x: &'a [f32],
    pub(super) inputs: usize,
    pub(super) rounding: Rounding,
}

impl WithSimd for Round<'_> {
    type Output = Vec<Inputs>;

    #[inline(always)]
    // A plain loop: an iterator's fold is compiled on its own, without the machine's vectors.
    fn with_simd<S: Simd>(self, _: S) -> Vec<Inputs> {
        let (blocks, largest) = (self.inputs / GROUP, self.rounding.largest());
        let mut rounded = vec![NONE; self.x.len() / GROUP];
        let (mut x, mut to) = (self.x, &mut rounded[..]);
        for tile in TILES {
            while x.len() >= tile * self.inputs {
                let (rows, rest) = x.split_at(tile * self.inputs);
                let (own, behind) = to.split_at_mut(tile * blocks);
                for (row, x) in rows.chunks_exact(self.inputs).enumerate() {
                    for (block, x) in x.as_chunks::<GROUP>().0.iter().enumerate() {
                        own[block * tile + row] = round(x, largest);
                    }
                }
                (x, to) = (rest, behind);
            }
        }
        rounded
    }
}

#[inline(always)]
pub(super) fn round(x: &[f32; GROUP], bound: f32) -> Inputs {
    let mut lanes = [0f32; LANES];
    for x in x.as_chunks::<LANES>().0 {
        for (lane, x) in lanes.iter_mut().zip(x) {
            *lane = lane.max(x.abs());
        }
    }
    let largest = lanes.iter().fold(0.0, |largest: f32, &x| largest.max(x));
    let scale = largest / bound;
    // The inverse of a smaller number would be infinite.
    let inverse = if scale < f32::MIN_POSITIVE { 0.0 } else { 1.0 / scale };
    let (mut values, mut high, mut low) = ([0i16; GROUP], [0i8; GROUP], [0i8; GROUP]);
    for (value, x) in values.iter_mut().zip(x) {
        *value = (x * inverse).round_ties_even() as i16;
    }
    for ((value, high), low) in values.iter().zip(&mut high).zip(&mut low) {
        (*high, *low) = (((value + 128) >> 8) as i8, *value as i8);
    }
    let [first, second] = sums(&values);
    let sums = [first, second, first + second];
    let mut scaled = [0.0; 3];
    for (scaled, sum) in scaled.iter_mut().zip(sums) {
        *scaled = scale * sum as f32;
    }
    Inputs { values, high, low, scale, sums, scaled }
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
