//! Student's t distribution, with degrees of freedom that need not be whole.

use super::beta::incomplete_beta;

/// The chance that |T| exceeds |t|: I_{ν / (ν + t²)}(ν/2, ½), Abramowitz and Stegun 26.7.1 with 26.5.27.
///
/// `degrees` of freedom, at least 1.
///
/// ```
/// use motjuste::statistics::student_p_value;
/// assert!((student_p_value(12.706, 1.0) - 0.05).abs() < 1e-5);
/// assert_eq!(student_p_value(0.0, 7.5), 1.0);
/// ```
pub fn student_p_value(t: f64, degrees: f64) -> f64 {
    if t.is_infinite() {
        return 0.0;
    }
    incomplete_beta(degrees / (degrees + t * t), degrees / 2.0, 0.5)
}

/// The t that |T| exceeds with chance `p`: the inverse of [`student_p_value`], by bisection.
///
/// ```
/// use motjuste::statistics::student_quantile;
/// assert!((student_quantile(0.05, 4.0) - 2.7764).abs() < 1e-4);
/// ```
pub fn student_quantile(p: f64, degrees: f64) -> f64 {
    let mut high = 1.0;
    while student_p_value(high, degrees) > p && high < 1e12 {
        high *= 2.0;
    }
    let mut low = 0.0;
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        *(if student_p_value(middle, degrees) > p { &mut low } else { &mut high }) = middle;
    }
    (low + high) / 2.0
}
