//! The incomplete beta function, of which the tails of Student's t and of the binomial are cases.

/// Lanczos' coefficients for g = 7 (Godfrey 2001), good to about 15 digits.
const LANCZOS: [f64; 9] = [
    0.999_999_999_999_809_9,
    676.520_368_121_885_1,
    -1_259.139_216_722_402_8,
    771.323_428_777_653_1,
    -176.615_029_162_140_6,
    12.507_343_278_686_905,
    -0.138_571_095_265_720_12,
    9.984_369_578_019_572e-6,
    1.505_632_735_149_311_6e-7,
];

/// The logarithm of Γ(x), for x ≥ ½.
pub(super) fn ln_gamma(x: f64) -> f64 {
    let x = x - 1.0;
    let terms = LANCZOS[1..].iter().zip(1..).map(|(c, k)| c / (x + f64::from(k)));
    let t = x + 7.5;
    let ln_root = 0.5 * std::f64::consts::TAU.ln();
    ln_root + (x + 0.5) * t.ln() - t + (LANCZOS[0] + terms.sum::<f64>()).ln()
}

/// The regularised incomplete beta function I_x(a, b), for a, b ≥ ½ and x in [0, 1].
pub(super) fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    let ln_front = ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p();
    // The fraction converges fast on the near side of the mean; the other side by symmetry.
    if x < (a + 1.0) / (a + b + 2.0) {
        ln_front.exp() * fraction(x, a, b) / a
    } else {
        1.0 - ln_front.exp() * fraction(1.0 - x, b, a) / b
    }
}

/// Enough for a and b up to millions, of which about the root is needed.
const TERMS: u32 = 10_000;

/// The continued fraction of Abramowitz and Stegun 26.5.8, by Lentz' method (Thompson and Barnett 1986).
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let (mut c, mut value) = (1.0, d);
    for m in (1..TERMS).map(f64::from) {
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let before = value;
        for term in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + term * d);
            c = away_from_zero(1.0 + term / c);
            value *= c * d;
        }
        if (value - before).abs() < 1e-15 * value.abs() {
            break;
        }
    }
    value
}

fn away_from_zero(x: f64) -> f64 {
    if x.abs() < 1e-300 { 1e-300 } else { x }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Γ(5) = 24, Γ(½) = √π, and polynomials that the incomplete beta function is for whole numbers.
    #[test]
    fn it_agrees_with_closed_forms() {
        assert!((ln_gamma(5.0) - 24f64.ln()).abs() < 1e-13);
        assert!((ln_gamma(0.5) - std::f64::consts::PI.sqrt().ln()).abs() < 1e-13);
        for x in [0.0, 0.01, 0.3, 0.5, 0.9, 0.999, 1.0] {
            assert!((incomplete_beta(x, 1.0, 1.0) - x).abs() < 1e-13, "{x}");
            assert!((incomplete_beta(x, 2.0, 2.0) - x * x * (3.0 - 2.0 * x)).abs() < 1e-13, "{x}");
        }
        assert!((incomplete_beta(0.5, 50_000.0, 50_000.0) - 0.5).abs() < 1e-9);
    }
}
