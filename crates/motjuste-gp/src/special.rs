//! Special functions of the normal distribution, and normal random numbers.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use rand_core::Rng;

/// log(2 pi) / 2.
pub(crate) const HALF_LN_2PI: f64 = 0.918_938_533_204_672_8;

/// 1 / sqrt(pi).
const INV_SQRT_PI: f64 = 0.564_189_583_547_756_3;

// Rational approximations of W. J. Cody, "Rational Chebyshev approximations for the error
// function", Math. Comp. 23 (1969), as in the public-domain routine CALERF of SPECFUN.
// Highest power first; a leading 1 in a denominator is spelled out.
const ERF_NUMERATOR: [f64; 5] = [
    1.857_777_061_846_031_5e-1,
    3.161_123_743_870_565_6,
    1.138_641_541_510_501_6e2,
    3.774_852_376_853_02e2,
    3.209_377_589_138_469_5e3,
];
const ERF_DENOMINATOR: [f64; 5] = [
    1.0,
    2.360_129_095_234_412e1,
    2.440_246_379_344_441_7e2,
    1.282_616_526_077_372_3e3,
    2.844_236_833_439_171e3,
];
const MIDDLE_NUMERATOR: [f64; 9] = [
    2.153_115_354_744_038_5e-8,
    5.641_884_969_886_701e-1,
    8.883_149_794_388_376,
    6.611_919_063_714_163e1,
    2.986_351_381_974_001e2,
    8.819_522_212_417_69e2,
    1.712_047_612_634_070_6e3,
    2.051_078_377_826_071_5e3,
    1.230_339_354_797_997_3e3,
];
const MIDDLE_DENOMINATOR: [f64; 9] = [
    1.0,
    1.574_492_611_070_983_5e1,
    1.176_939_508_913_125e2,
    5.371_811_018_620_099e2,
    1.621_389_574_566_690_2e3,
    3.290_799_235_733_459_6e3,
    4.362_619_090_143_247e3,
    3.439_367_674_143_721_6e3,
    1.230_339_354_803_749_4e3,
];
const TAIL_NUMERATOR: [f64; 6] = [
    1.631_538_713_730_209_8e-2,
    3.053_266_349_612_323_4e-1,
    3.603_448_999_498_044_4e-1,
    1.257_817_261_112_292_5e-1,
    1.608_378_514_874_228e-2,
    6.587_491_615_298_378e-4,
];
const TAIL_DENOMINATOR: [f64; 6] = [
    1.0,
    2.568_520_192_289_822,
    1.872_952_849_923_460_5,
    5.279_051_029_514_284e-1,
    6.051_834_131_244_132e-2,
    2.335_204_976_268_691_8e-3,
];

fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().fold(0.0, |sum, c| sum * x + c)
}

/// The scaled complementary error function, `erfcx(x) = exp(x^2) erfc(x)`.
///
/// Relative error below 1e-13 for x >= -1 (at a large negative x the rounding of `x^2` shows:
/// relative error about `x^2` 1e-16). Overflows to infinity below x = -26.6.
/// Cody 1969, in three ranges of |x| parted at 0.46875 and 4.
///
/// ```
/// use motjuste_gp::special::erfcx;
/// assert_eq!(erfcx(0.0), 1.0);
/// // 1 / (x sqrt(pi)) is the limit of large x.
/// assert!((erfcx(1e8) * 1e8 - 0.5641895835477563).abs() < 1e-15);
/// ```
pub fn erfcx(x: f64) -> f64 {
    if x < -0.46875 {
        return 2.0 * (x * x).exp() - erfcx(-x);
    }
    if x <= 0.46875 {
        let erf = x * polynomial(&ERF_NUMERATOR, x * x) / polynomial(&ERF_DENOMINATOR, x * x);
        return (x * x).exp() * (1.0 - erf);
    }
    if x <= 4.0 {
        return polynomial(&MIDDLE_NUMERATOR, x) / polynomial(&MIDDLE_DENOMINATOR, x);
    }
    let t = 1.0 / (x * x);
    let correction = t * polynomial(&TAIL_NUMERATOR, t) / polynomial(&TAIL_DENOMINATOR, t);
    (INV_SQRT_PI - correction) / x
}

/// The standard normal density, `exp(-x^2 / 2) / sqrt(2 pi)`.
///
/// ```
/// use motjuste_gp::special::normal_pdf;
/// assert!((normal_pdf(0.0) - 0.3989422804014327).abs() < 1e-16);
/// ```
pub fn normal_pdf(x: f64) -> f64 {
    normal_log_pdf(x).exp()
}

/// The logarithm of the standard normal density, `-x^2 / 2 - log(2 pi) / 2`.
///
/// ```
/// use motjuste_gp::special::normal_log_pdf;
/// assert!((normal_log_pdf(2.0) + 2.9189385332046727).abs() < 1e-15);
/// ```
pub fn normal_log_pdf(x: f64) -> f64 {
    -0.5 * x * x - HALF_LN_2PI
}

/// The standard normal distribution function, `erfc(-x / sqrt 2) / 2`.
///
/// ```
/// use motjuste_gp::special::normal_cdf;
/// assert_eq!(normal_cdf(0.0), 0.5);
/// assert!((normal_cdf(1.959963984540054) - 0.975).abs() < 1e-15);
/// ```
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// `log(1 - sqrt(pi / 2) t erfcx(t / sqrt 2))` for t > 0: how far Mills' ratio of the normal tail
/// stays below `1 / t`. The heart of the middle branch of log EI (Ament et al. 2023, eq. 9).
pub(crate) fn log_mills_defect(t: f64) -> f64 {
    (-(PI / 2.0).sqrt() * t * erfcx(t * FRAC_1_SQRT_2)).ln_1p()
}

/// One draw from U(0, 1) with 53 random bits, never 0 or 1.
///
/// ```
/// use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
/// let mut rng = ChaCha20Rng::seed_from_u64(1);
/// let u = motjuste_gp::special::uniform(&mut rng);
/// assert!(0.0 < u && u < 1.0);
/// ```
pub fn uniform<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    ((rng.next_u64() >> 11) as f64 + 0.5) * 2f64.powi(-53)
}

/// One draw from N(0, 1), by the polar method (Marsaglia and Bray 1964).
///
/// The second number of each pair is thrown away, so that a draw depends on the generator alone.
///
/// ```
/// use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
/// let mut rng = ChaCha20Rng::seed_from_u64(1);
/// let sum: f64 = (0..10_000).map(|_| motjuste_gp::special::normal(&mut rng)).sum();
/// assert!(sum.abs() < 400.0); // four standard deviations of the sum
/// ```
pub fn normal<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    loop {
        let (a, b) = (2.0 * uniform(rng) - 1.0, 2.0 * uniform(rng) - 1.0);
        let square = a * a + b * b;
        if 0.0 < square && square < 1.0 {
            return a * (-2.0 * square.ln() / square).sqrt();
        }
    }
}
