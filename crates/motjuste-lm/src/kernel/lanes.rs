//! Sixteen outputs side by side, on whatever vectors the machine has.
//!
//! Whole-number sums are exact and the floating-point operations are those of one lane, so every
//! implementation gives the same bits.

/// Outputs in a group of lanes.
pub(super) const LANES: usize = 16;

/// Neighbouring inputs that are multiplied together.
pub(super) const FOUR: usize = 4;

/// Codes of four inputs, shape (output, 4).
pub(super) type Codes = [u8; FOUR * LANES];

/// Four inputs of 16 bits; and the same in two bytes each, value = 256 · high + low.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Four<'a> {
    pub(super) values: &'a [i16; FOUR],
    pub(super) high: &'a [i8; FOUR],
    pub(super) low: &'a [i8; FOUR],
}

/// The arithmetic of a product with quantised weights.
pub(crate) trait Lanes: Copy {
    /// 16 whole numbers of 32 bits, perhaps in parts.
    type Sums: Copy;
    /// 16 times four codes.
    type Quads: Copy;
    /// 16 numbers of type f32.
    type Floats: Copy;

    /// The same number in every lane.
    fn sums_of(self, number: i32) -> Self::Sums;

    fn no_floats(self) -> Self::Floats;

    fn quads(self, codes: &Codes) -> Self::Quads;

    /// The low halves of the bytes, and the high ones.
    fn nibbles(self, codes: &Codes) -> [Self::Quads; 2];

    /// s + Σ code · value over four inputs, in every lane.
    fn add(self, sums: Self::Sums, quads: Self::Quads, x: Four) -> Self::Sums;

    /// fma(sum, scale · `x_scale`, y) in every lane.
    fn add_scaled(
        self,
        y: Self::Floats,
        sums: Self::Sums,
        scales: &[f32; LANES],
        x_scale: f32,
    ) -> Self::Floats;

    /// fma(shift, `x_sum`, y) in every lane.
    fn add_product(self, y: Self::Floats, shifts: &[f32; LANES], x_sum: f32) -> Self::Floats;

    fn spill(self, floats: Self::Floats) -> [f32; LANES];
}

/// Plain loops, for the compiler to make vectors of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Portable;

impl Lanes for Portable {
    type Sums = [i32; LANES];
    type Quads = Codes;
    type Floats = [f32; LANES];

    #[inline(always)]
    fn sums_of(self, number: i32) -> Self::Sums {
        [number; LANES]
    }

    #[inline(always)]
    fn no_floats(self) -> Self::Floats {
        [0.0; LANES]
    }

    #[inline(always)]
    fn quads(self, codes: &Codes) -> Codes {
        *codes
    }

    #[inline(always)]
    fn nibbles(self, codes: &Codes) -> [Codes; 2] {
        [codes.map(|byte| byte & 15), codes.map(|byte| byte >> 4)]
    }

    #[inline(always)]
    fn add(self, mut sums: Self::Sums, quads: Codes, x: Four) -> Self::Sums {
        let values = x.values.map(i32::from);
        for (sum, codes) in sums.iter_mut().zip(quads.as_chunks::<FOUR>().0) {
            for (&code, value) in codes.iter().zip(values) {
                *sum += i32::from(code) * value;
            }
        }
        sums
    }

    #[inline(always)]
    fn add_scaled(
        self,
        mut y: Self::Floats,
        sums: Self::Sums,
        scales: &[f32; LANES],
        x_scale: f32,
    ) -> Self::Floats {
        for ((y, sum), scale) in y.iter_mut().zip(sums).zip(scales) {
            *y = (sum as f32).mul_add(scale * x_scale, *y);
        }
        y
    }

    #[inline(always)]
    fn add_product(self, mut y: Self::Floats, shifts: &[f32; LANES], x_sum: f32) -> Self::Floats {
        for (y, shift) in y.iter_mut().zip(shifts) {
            *y = shift.mul_add(x_sum, *y);
        }
        y
    }

    #[inline(always)]
    fn spill(self, floats: Self::Floats) -> [f32; LANES] {
        floats
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) mod x86;
