//! eˣ, the same on every machine, fast enough for softmax and SiLU.

/// log₂ e.
const LOG2_E: f32 = std::f32::consts::LOG2_E;

/// ln 2 in two parts: n · `LN2_HIGH` is exact for the n that occur (Cody and Waite).
const LN2_HIGH: f32 = 0.693_359_4;
const LN2_LOW: f32 = -2.121_944_4e-4;

/// Below this e^x is not a normal number; the result is that of e^−87.3.
const LOWEST: f32 = -87.3;

/// Above this 2ⁿ would overflow.
const HIGHEST: f32 = 88.3;

/// eˣ for −87.3 ≤ x ≤ 88.3, clamped outside; relative error below 2⁻²².
///
/// eˣ = 2ⁿ eʳ with n = round(x log₂ e) and |r| ≤ ln 2 / 2; eʳ is the polynomial of degree 6 of
/// Cephes' `expf`. Straight-line code, so that a loop over it becomes vector instructions.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    let x = x.clamp(LOWEST, HIGHEST);
    let n = (x * LOG2_E).round_ties_even();
    let r = n.mul_add(-LN2_LOW, n.mul_add(-LN2_HIGH, x));
    let p = 1.987_569_2e-4f32;
    let p = p.mul_add(r, 1.398_2e-3);
    let p = p.mul_add(r, 8.333_452e-3);
    let p = p.mul_add(r, 4.166_579_6e-2);
    let p = p.mul_add(r, 1.666_666_5e-1);
    let p = p.mul_add(r, 0.5);
    let exp_r = p.mul_add(r * r, r) + 1.0;
    exp_r * power_of_two(n)
}

/// 2ⁿ for a whole n from −126 to 127, written straight into the exponent bits.
#[inline(always)]
fn power_of_two(n: f32) -> f32 {
    // 1.5 · 2²³ + n has n in its lowest bits: a conversion that every vector unit has.
    let bits = (n + 12_582_912.0).to_bits();
    f32::from_bits(bits.wrapping_add(127) << 23)
}

#[cfg(test)]
mod tests {
    use super::exp;

    #[test]
    fn exp_is_within_two_units_of_the_last_place() {
        for step in -870_000..=880_000 {
            let x = step as f32 * 1e-4;
            let exact = f64::from(x).exp();
            let error = (f64::from(exp(x)) - exact).abs() / exact;
            assert!(error < 2.4e-7, "exp({x}): relative error {error:e}");
        }
    }

    #[test]
    fn exp_is_exact_at_zero_and_clamped_far_away() {
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(-1e9), exp(-87.3));
        assert!(exp(1e9).is_finite());
    }
}
