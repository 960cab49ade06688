//! What is predicted at one point.

/// The smallest variance that is ever reported: rounding can push a variance of nearly 0 below 0.
///
/// ```
/// assert_eq!(motjuste_gp::process::MIN_VARIANCE, 1e-12);
/// ```
pub const MIN_VARIANCE: f64 = 1e-12;

/// The posterior of the noiseless signal at one point.
///
/// ```
/// use motjuste_gp::process::Prediction;
/// let p = Prediction { mean: 1.0, variance: 0.25 };
/// assert_eq!(p.sd(), 0.5);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    /// mu, in units of y.
    pub mean: f64,
    /// sd^2, in squared units of y, at least [`MIN_VARIANCE`].
    pub variance: f64,
}

impl Prediction {
    /// The standard deviation.
    ///
    /// ```
    /// use motjuste_gp::process::Prediction;
    /// assert_eq!(Prediction { mean: 0.0, variance: 4.0 }.sd(), 2.0);
    /// ```
    pub fn sd(&self) -> f64 {
        self.variance.sqrt()
    }
}
