//! The tail of Student's t distribution.

/// The chance that Student's t with so many degrees of freedom is above `t`: a finite sum of sines and cosines
/// (Abramowitz and Stegun, *Handbook of Mathematical Functions*, 1964, 26.7.3 and 26.7.4).
pub(crate) fn upper_tail(t: f64, freedom: usize) -> f64 {
    let angle = (t / (freedom.max(1) as f64).sqrt()).atan();
    0.5 - 0.5 * between(angle, freedom)
}

/// The chance of a value between -t and t, with its sign; `angle` is the arc tangent of t / √ν.
fn between(angle: f64, freedom: usize) -> f64 {
    let (sin, cos) = angle.sin_cos();
    let is_odd = freedom % 2 == 1;
    let first = if is_odd { cos } else { 1.0 };
    let mut sum = 0.0;
    let mut term = first;
    // Each term is cos² θ times (k - 1) / k of the one before.
    for k in (if is_odd { 3 } else { 2 }..=freedom).step_by(2) {
        sum += term;
        term *= cos * cos * (k - 1) as f64 / k as f64;
    }
    if is_odd { (angle + sin * sum) * std::f64::consts::FRAC_2_PI } else { sin * sum }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The 97.5 % points are those of the tables, to three digits.
    #[test]
    fn it_agrees_with_tables() {
        for (freedom, point) in
            [(1, 12.706), (2, 4.303), (3, 3.182), (8, 2.306), (29, 2.045), (120, 1.980)]
        {
            assert!((upper_tail(point, freedom) - 0.025).abs() < 5e-5, "{freedom}");
            assert!((upper_tail(-point, freedom) - 0.975).abs() < 5e-5, "{freedom}");
        }
        // t with one degree is Cauchy's, with two it is ½ + t / 2√(2 + t²).
        assert!((upper_tail(1.0, 1) - 0.25).abs() < 1e-15);
        assert!((upper_tail(1.0, 2) - (0.5 - 0.5 / 3f64.sqrt())).abs() < 1e-15);
        // The 80 % point for 29 degrees, from tables.
        assert!((upper_tail(0.854, 29) - 0.2).abs() < 2e-4);
        assert_eq!(upper_tail(0.0, 299), 0.5);
        assert!(upper_tail(f64::INFINITY, 7).abs() < 1e-15);
    }
}
