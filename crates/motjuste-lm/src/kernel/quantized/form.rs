//! How 32 inputs of a panel of 32 outputs lie in memory.

use crate::kernel::blocks::{GROUP, Group};
use crate::kernel::lanes::{FOUR, LANES, Lanes};
use crate::kernel::split::PANEL;

/// Groups of lanes in a panel.
pub(super) const GROUPS: usize = PANEL / LANES;

/// Steps through 32 inputs: each takes four of the first half and four of the second.
pub(super) const STEPS: usize = GROUP / (2 * FOUR);

/// 32 inputs of a panel, with so many scales and so many shifts for each output: none, one, or one for each half
/// of the inputs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Block<C, const SCALES: usize, const SHIFTS: usize> {
    pub(super) codes: [[C; STEPS]; GROUPS],
    pub(super) scales: [[[f32; LANES]; SCALES]; GROUPS],
    pub(super) shifts: [[[f32; LANES]; SHIFTS]; GROUPS],
}

/// The codes of 16 outputs for a step, each from 0 upwards.
pub(crate) trait Codes: Copy + Send + Sync + 'static {
    const EMPTY: Self;

    /// By how much a code is greater than the number that is scaled.
    const CENTRE: i32;

    /// `at` is 4 · output + input.
    fn set(&mut self, half: usize, at: usize, number: i8);

    fn get(&self, half: usize, at: usize) -> i8;

    /// The codes of both halves.
    fn quads<L: Lanes>(&self, lanes: L) -> [L::Quads; 2];
}

/// 8 bits a code, shape (half, output, 4).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bytes([[u8; FOUR * LANES]; 2]);

/// 4 bits a code, shape (output, 4): those of the first half are the low ones.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Nibbles<const CENTRE: i8>([u8; FOUR * LANES]);

impl Codes for Bytes {
    const EMPTY: Self = Self([[128; FOUR * LANES]; 2]);
    const CENTRE: i32 = 128;

    fn set(&mut self, half: usize, at: usize, number: i8) {
        self.0[half][at] = number.cast_unsigned() ^ 128;
    }

    fn get(&self, half: usize, at: usize) -> i8 {
        (self.0[half][at] ^ 128).cast_signed()
    }

    #[inline(always)]
    fn quads<L: Lanes>(&self, lanes: L) -> [L::Quads; 2] {
        [lanes.quads(&self.0[0]), lanes.quads(&self.0[1])]
    }
}

impl<const CENTRE: i8> Codes for Nibbles<CENTRE> {
    const EMPTY: Self = Self([0; FOUR * LANES]);
    const CENTRE: i32 = CENTRE as i32;

    fn set(&mut self, half: usize, at: usize, number: i8) {
        let (byte, shift) = (&mut self.0[at], 4 * half);
        *byte = *byte & !(15 << shift) | (number + CENTRE).cast_unsigned() << shift;
    }

    fn get(&self, half: usize, at: usize) -> i8 {
        (self.0[at] >> (4 * half) & 15).cast_signed() - CENTRE
    }

    #[inline(always)]
    fn quads<L: Lanes>(&self, lanes: L) -> [L::Quads; 2] {
        lanes.nibbles(&self.0)
    }
}

/// Inputs of a half.
const HALF: usize = GROUP / 2;

impl<C: Codes, const SCALES: usize, const SHIFTS: usize> Block<C, SCALES, SHIFTS> {
    pub(super) const EMPTY: Self = Self {
        codes: [[C::EMPTY; STEPS]; GROUPS],
        scales: [[[0.0; LANES]; SCALES]; GROUPS],
        shifts: [[[0.0; LANES]; SHIFTS]; GROUPS],
    };

    /// Puts down the weights of one output.
    pub(super) fn set(&mut self, output: usize, group: &Group) {
        let (of, lane) = (output / LANES, output % LANES);
        for (i, &code) in group.codes.iter().enumerate() {
            let within = i % HALF;
            self.codes[of][within / FOUR].set(i / HALF, FOUR * lane + within % FOUR, code);
        }
        self.scales[of].iter_mut().zip(group.scales).for_each(|(to, scale)| to[lane] = scale);
        self.shifts[of].iter_mut().zip(group.shifts).for_each(|(to, shift)| to[lane] = shift);
    }

    /// The weights of one output.
    pub(super) fn get(&self, output: usize) -> [f32; GROUP] {
        let (of, lane) = (output / LANES, output % LANES);
        let code = |i: usize| {
            let within = i % HALF;
            self.codes[of][within / FOUR].get(i / HALF, FOUR * lane + within % FOUR)
        };
        let scale = |half: usize| self.scales[of].get(half).map_or(0.0, |scales| scales[lane]);
        let shift = |half: usize| self.shifts[of].get(half).map_or(0.0, |shifts| shifts[lane]);
        // Where there is one for both halves, it is the first.
        let scales = [scale(0), scale(SCALES.saturating_sub(1))];
        let shifts = [shift(0), shift(SHIFTS.saturating_sub(1))];
        Group { codes: std::array::from_fn(code), scales, shifts }.numbers()
    }
}
