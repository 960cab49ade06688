//! The lanes of x86-64: AVX2, AVX-512, and AVX-512 with dot products of bytes.

use std::arch::x86_64::{__m256, __m256i, __m512, __m512i, _mm512_dpbusd_epi32};

use archmage::{SimdToken, X64V4xToken, arcane};
use pulp::cast;
use pulp::x86::{V3, V4};

use super::{Codes, FOUR, Four, LANES, Lanes};

/// AVX-512 with VNNI: four products of bytes at once, for values of 8 bits.
#[derive(Clone, Copy)]
pub(crate) struct Bytes {
    v4: V4,
    token: X64V4xToken,
}

/// The same for values of 16 bits, each multiplied as its two bytes.
#[derive(Clone, Copy)]
pub(crate) struct Words(Bytes);

impl Bytes {
    pub(crate) fn try_new() -> Option<Self> {
        Some(Self { v4: V4::try_new()?, token: X64V4xToken::summon()? })
    }

    /// Runs an operation compiled for this machine.
    pub(crate) fn vectorize(self, operation: impl pulp::NullaryFnOnce<Output = ()>) {
        enter(self.token, operation);
    }

    /// s + Σ code · byte over four, in every lane.
    #[inline(always)]
    fn dot(self, sums: __m512i, codes: __m512i, bytes: &[i8; FOUR]) -> __m512i {
        dot(self.token, sums, codes, self.v4.avx512f._mm512_set1_epi32(cast(*bytes)))
    }
}

impl Words {
    pub(crate) fn try_new() -> Option<Self> {
        Bytes::try_new().map(Self)
    }

    pub(crate) fn vectorize(self, operation: impl pulp::NullaryFnOnce<Output = ()>) {
        self.0.vectorize(operation);
    }
}

#[arcane]
fn enter<Op: pulp::NullaryFnOnce<Output = ()>>(_token: X64V4xToken, operation: Op) {
    operation.call();
}

#[arcane]
#[inline]
fn dot(_token: X64V4xToken, sums: __m512i, codes: __m512i, bytes: __m512i) -> __m512i {
    _mm512_dpbusd_epi32(sums, codes, bytes)
}

impl Lanes for Bytes {
    type Sums = __m512i;
    type Quads = __m512i;
    type Floats = __m512;

    #[inline(always)]
    fn sums_of(self, number: i32) -> __m512i {
        self.v4.sums_of(number)
    }

    #[inline(always)]
    fn no_floats(self) -> __m512 {
        self.v4.no_floats()
    }

    #[inline(always)]
    fn quads(self, codes: &Codes) -> __m512i {
        self.v4.quads(codes)
    }

    #[inline(always)]
    fn nibbles(self, codes: &Codes) -> [__m512i; 2] {
        self.v4.nibbles(codes)
    }

    #[inline(always)]
    fn add(self, sums: __m512i, quads: __m512i, x: Four) -> __m512i {
        self.dot(sums, quads, x.low)
    }

    #[inline(always)]
    fn add_scaled(self, y: __m512, sums: __m512i, scales: &[f32; LANES], x_scale: f32) -> __m512 {
        self.v4.add_scaled(y, sums, scales, x_scale)
    }

    #[inline(always)]
    fn add_product(self, y: __m512, shifts: &[f32; LANES], x_sum: f32) -> __m512 {
        self.v4.add_product(y, shifts, x_sum)
    }

    #[inline(always)]
    fn spill(self, floats: __m512) -> [f32; LANES] {
        cast(floats)
    }
}

impl Lanes for Words {
    /// Of the high bytes, and of the low ones.
    type Sums = [__m512i; 2];
    type Quads = __m512i;
    type Floats = __m512;

    #[inline(always)]
    fn sums_of(self, number: i32) -> Self::Sums {
        [self.0.sums_of(0), self.0.sums_of(number)]
    }

    #[inline(always)]
    fn no_floats(self) -> __m512 {
        self.0.no_floats()
    }

    #[inline(always)]
    fn quads(self, codes: &Codes) -> __m512i {
        self.0.quads(codes)
    }

    #[inline(always)]
    fn nibbles(self, codes: &Codes) -> [__m512i; 2] {
        self.0.nibbles(codes)
    }

    #[inline(always)]
    fn add(self, [high, low]: Self::Sums, quads: __m512i, x: Four) -> Self::Sums {
        [self.0.dot(high, quads, x.high), self.0.dot(low, quads, x.low)]
    }

    #[inline(always)]
    fn add_scaled(
        self,
        y: __m512,
        [high, low]: Self::Sums,
        scales: &[f32; LANES],
        x_scale: f32,
    ) -> __m512 {
        let avx = self.0.v4.avx512f;
        let sums = avx._mm512_add_epi32(avx._mm512_slli_epi32::<8>(high), low);
        self.0.add_scaled(y, sums, scales, x_scale)
    }

    #[inline(always)]
    fn add_product(self, y: __m512, shifts: &[f32; LANES], x_sum: f32) -> __m512 {
        self.0.add_product(y, shifts, x_sum)
    }

    #[inline(always)]
    fn spill(self, floats: __m512) -> [f32; LANES] {
        cast(floats)
    }
}

/// The first and the third of four values, and the second and the fourth, each as a number of 32 bits.
#[inline(always)]
fn alternate([a, b, c, d]: [i16; FOUR]) -> [i32; 2] {
    [cast([a, c]), cast([b, d])]
}

impl Lanes for V4 {
    type Sums = __m512i;
    type Quads = __m512i;
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
    fn quads(self, codes: &Codes) -> __m512i {
        cast(*codes)
    }

    #[inline(always)]
    fn nibbles(self, codes: &Codes) -> [__m512i; 2] {
        let (bytes, mask) = (cast(*codes), self.avx512f._mm512_set1_epi32(0x0f0f_0f0f));
        let high = self.avx512f._mm512_srli_epi32::<4>(bytes);
        let low = self.avx512f._mm512_and_si512(bytes, mask);
        [low, self.avx512f._mm512_and_si512(high, mask)]
    }

    /// The codes of even inputs lie in the low bytes of 16 bits, those of odd ones in the high bytes.
    #[inline(always)]
    fn add(self, sums: __m512i, quads: __m512i, x: Four) -> __m512i {
        let (avx, words) = (self.avx512f, self.avx512bw);
        let even = avx._mm512_and_si512(quads, avx._mm512_set1_epi32(0x00ff_00ff));
        let odd = words._mm512_srli_epi16::<8>(quads);
        let [first, second] = alternate(*x.values);
        let even = words._mm512_madd_epi16(even, avx._mm512_set1_epi32(first));
        let odd = words._mm512_madd_epi16(odd, avx._mm512_set1_epi32(second));
        avx._mm512_add_epi32(sums, avx._mm512_add_epi32(even, odd))
    }

    #[inline(always)]
    fn add_scaled(self, y: __m512, sums: __m512i, scales: &[f32; LANES], x_scale: f32) -> __m512 {
        let avx = self.avx512f;
        let scales = avx._mm512_mul_ps(cast(*scales), avx._mm512_set1_ps(x_scale));
        avx._mm512_fmadd_ps(avx._mm512_cvtepi32_ps(sums), scales, y)
    }

    #[inline(always)]
    fn add_product(self, y: __m512, shifts: &[f32; LANES], x_sum: f32) -> __m512 {
        self.avx512f._mm512_fmadd_ps(cast(*shifts), self.avx512f._mm512_set1_ps(x_sum), y)
    }

    #[inline(always)]
    fn spill(self, floats: __m512) -> [f32; LANES] {
        cast(floats)
    }
}

impl Lanes for V3 {
    type Sums = [__m256i; 2];
    type Quads = [__m256i; 2];
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
    fn quads(self, codes: &Codes) -> Self::Quads {
        cast(*codes)
    }

    #[inline(always)]
    fn nibbles(self, codes: &Codes) -> [Self::Quads; 2] {
        let [first, second]: [__m256i; 2] = cast(*codes);
        let high =
            [self.avx2._mm256_srli_epi32::<4>(first), self.avx2._mm256_srli_epi32::<4>(second)];
        [low_halves(self, [first, second]), low_halves(self, high)]
    }

    /// As in AVX-512, half by half.
    #[inline(always)]
    fn add(self, [a, b]: Self::Sums, [c, d]: Self::Quads, x: Four) -> Self::Sums {
        let [first, second] = alternate(*x.values);
        let pairs = [self.avx._mm256_set1_epi32(first), self.avx._mm256_set1_epi32(second)];
        [add_half(self, a, c, pairs), add_half(self, b, d, pairs)]
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
        let (c, d) = (self.avx._mm256_cvtepi32_ps(sums[0]), self.avx._mm256_cvtepi32_ps(sums[1]));
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

#[inline(always)]
fn low_halves(v3: V3, [first, second]: [__m256i; 2]) -> [__m256i; 2] {
    let mask = v3.avx._mm256_set1_epi32(0x0f0f_0f0f);
    [v3.avx2._mm256_and_si256(first, mask), v3.avx2._mm256_and_si256(second, mask)]
}

/// s + Σ code · value over four, for eight outputs.
#[inline(always)]
fn add_half(v3: V3, sums: __m256i, quads: __m256i, [first, second]: [__m256i; 2]) -> __m256i {
    let even = v3.avx2._mm256_and_si256(quads, v3.avx._mm256_set1_epi32(0x00ff_00ff));
    let odd = v3.avx2._mm256_srli_epi16::<8>(quads);
    let even = v3.avx2._mm256_madd_epi16(even, first);
    let odd = v3.avx2._mm256_madd_epi16(odd, second);
    v3.avx2._mm256_add_epi32(sums, v3.avx2._mm256_add_epi32(even, odd))
}
