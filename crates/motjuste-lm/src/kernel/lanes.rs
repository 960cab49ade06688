//! Sixteen outputs side by side, on whatever vectors the machine has.
//!
//! Whole-number sums are exact and the floating-point operations are those of one lane, so every
//! implementation gives the same bits.

/// Outputs in a group of lanes.
pub(super) const LANES: usize = 16;

/// The arithmetic of a product with quantised weights.
pub(crate) trait Lanes: Copy {
    /// 16 whole numbers of 32 bits.
    type Sums: Copy;
    /// 16 pairs of weights, widened to 16 bits.
    type Pairs: Copy;
    /// 16 numbers of type f32.
    type Floats: Copy;

    /// The same number in every lane.
    fn sums_of(self, number: i32) -> Self::Sums;

    fn no_floats(self) -> Self::Floats;

    fn widen(self, weights: &[i8; 2 * LANES]) -> Self::Pairs;

    /// The low halves of the bytes, and the high ones.
    fn nibbles(self, weights: &[u8; 2 * LANES]) -> [Self::Pairs; 2];

    /// s + w₀ x₀ + w₁ x₁ in every lane.
    fn add_pairs(self, sums: Self::Sums, weights: Self::Pairs, x: [i16; 2]) -> Self::Sums;

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
    type Pairs = [[i8; 2]; LANES];
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
    fn widen(self, weights: &[i8; 2 * LANES]) -> Self::Pairs {
        std::array::from_fn(|lane| [weights[2 * lane], weights[2 * lane + 1]])
    }

    #[inline(always)]
    fn nibbles(self, weights: &[u8; 2 * LANES]) -> [Self::Pairs; 2] {
        [weights.map(|byte| byte & 15), weights.map(|byte| byte >> 4)]
            .map(|half| self.widen(&half.map(u8::cast_signed)))
    }

    #[inline(always)]
    fn add_pairs(self, mut sums: Self::Sums, weights: Self::Pairs, x: [i16; 2]) -> Self::Sums {
        let x = x.map(i32::from);
        for (sum, w) in sums.iter_mut().zip(weights) {
            *sum += i32::from(w[0]) * x[0] + i32::from(w[1]) * x[1];
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
pub(super) mod x86 {
    use std::arch::x86_64::{__m256, __m256i, __m512, __m512i};

    use pulp::cast;
    use pulp::x86::{V3, V4};

    use super::{LANES, Lanes};

    pulp::simd_type! {
        /// AVX-512 with VNNI: the compiler fuses `madd` and the addition behind it.
        pub(crate) struct Vnni {
            fma: "fma",
            avx2: "avx2",
            avx512f: "avx512f",
            avx512bw: "avx512bw",
            avx512cd: "avx512cd",
            avx512dq: "avx512dq",
            avx512vl: "avx512vl",
            avx512vnni: "avx512vnni",
        }
    }

    impl Lanes for V4 {
        type Sums = __m512i;
        type Pairs = __m512i;
        type Floats = __m512;

        #[inline(always)]
        fn sums_of(self, number: i32) -> __m512i {
            self.avx512f._mm512_set1_epi32(number)
        }

        #[inline(always)]
        fn no_floats(self) -> __m512 {
            self.avx512f._mm512_setzero_ps()
        }

        #[inline(always)]
        fn widen(self, weights: &[i8; 2 * LANES]) -> __m512i {
            self.avx512bw._mm512_cvtepi8_epi16(cast(*weights))
        }

        #[inline(always)]
        fn nibbles(self, weights: &[u8; 2 * LANES]) -> [__m512i; 2] {
            let bytes = self.avx512bw._mm512_cvtepu8_epi16(cast(*weights));
            let low = self.avx512f._mm512_and_si512(bytes, self.avx512f._mm512_set1_epi16(15));
            [low, self.avx512bw._mm512_srli_epi16::<4>(bytes)]
        }

        #[inline(always)]
        fn add_pairs(self, sums: __m512i, weights: __m512i, x: [i16; 2]) -> __m512i {
            let x = self.avx512f._mm512_set1_epi32(cast(x));
            self.avx512f._mm512_add_epi32(sums, self.avx512bw._mm512_madd_epi16(weights, x))
        }

        #[inline(always)]
        fn add_scaled(
            self,
            y: __m512,
            sums: __m512i,
            scales: &[f32; LANES],
            x_scale: f32,
        ) -> __m512 {
            let avx = self.avx512f;
            let scales = avx._mm512_mul_ps(cast(*scales), avx._mm512_set1_ps(x_scale));
            avx._mm512_fmadd_ps(avx._mm512_cvtepi32_ps(sums), scales, y)
        }

        #[inline(always)]
        fn add_product(self, y: __m512, shifts: &[f32; LANES], x_sum: f32) -> __m512 {
            let x_sum = self.avx512f._mm512_set1_ps(x_sum);
            self.avx512f._mm512_fmadd_ps(cast(*shifts), x_sum, y)
        }

        #[inline(always)]
        fn spill(self, floats: __m512) -> [f32; LANES] {
            cast(floats)
        }
    }

    impl Lanes for V3 {
        type Sums = [__m256i; 2];
        type Pairs = [__m256i; 2];
        type Floats = [__m256; 2];

        #[inline(always)]
        fn sums_of(self, number: i32) -> Self::Sums {
            [self.avx._mm256_set1_epi32(number); 2]
        }

        #[inline(always)]
        fn no_floats(self) -> Self::Floats {
            [self.avx._mm256_setzero_ps(); 2]
        }

        #[inline(always)]
        fn widen(self, weights: &[i8; 2 * LANES]) -> Self::Pairs {
            let halves: [[i8; LANES]; 2] = cast(*weights);
            halves.map(
                #[inline(always)]
                |half| self.avx2._mm256_cvtepi8_epi16(cast(half)),
            )
        }

        #[inline(always)]
        fn nibbles(self, weights: &[u8; 2 * LANES]) -> [Self::Pairs; 2] {
            let halves: [[u8; LANES]; 2] = cast(*weights);
            let bytes = halves.map(
                #[inline(always)]
                |half| self.avx2._mm256_cvtepu8_epi16(cast(half)),
            );
            let mask = self.avx._mm256_set1_epi16(15);
            let low = bytes.map(
                #[inline(always)]
                |bytes| self.avx2._mm256_and_si256(bytes, mask),
            );
            let high = bytes.map(
                #[inline(always)]
                |bytes| self.avx2._mm256_srli_epi16::<4>(bytes),
            );
            [low, high]
        }

        #[inline(always)]
        fn add_pairs(self, sums: Self::Sums, weights: Self::Pairs, x: [i16; 2]) -> Self::Sums {
            let x = self.avx._mm256_set1_epi32(cast(x));
            let [a, b] = sums;
            let (low, high) = (
                self.avx2._mm256_madd_epi16(weights[0], x),
                self.avx2._mm256_madd_epi16(weights[1], x),
            );
            [self.avx2._mm256_add_epi32(a, low), self.avx2._mm256_add_epi32(b, high)]
        }

        #[inline(always)]
        fn add_scaled(
            self,
            [low, high]: Self::Floats,
            sums: Self::Sums,
            scales: &[f32; LANES],
            x_scale: f32,
        ) -> Self::Floats {
            let x_scale = self.avx._mm256_set1_ps(x_scale);
            let scales: [__m256; 2] = cast(*scales);
            let (a, b) = (
                self.avx._mm256_mul_ps(scales[0], x_scale),
                self.avx._mm256_mul_ps(scales[1], x_scale),
            );
            let (c, d) =
                (self.avx._mm256_cvtepi32_ps(sums[0]), self.avx._mm256_cvtepi32_ps(sums[1]));
            [self.fma._mm256_fmadd_ps(c, a, low), self.fma._mm256_fmadd_ps(d, b, high)]
        }

        #[inline(always)]
        fn add_product(
            self,
            [low, high]: Self::Floats,
            shifts: &[f32; LANES],
            x_sum: f32,
        ) -> Self::Floats {
            let x_sum = self.avx._mm256_set1_ps(x_sum);
            let [a, b]: [__m256; 2] = cast(*shifts);
            [self.fma._mm256_fmadd_ps(a, x_sum, low), self.fma._mm256_fmadd_ps(b, x_sum, high)]
        }

        #[inline(always)]
        fn spill(self, floats: Self::Floats) -> [f32; LANES] {
            cast(floats)
        }
    }
}
