//! Outcomes in units of their own spread.

/// Below this ratio of the standard deviation to the largest |h|, outcomes count as all equal.
///
/// Rounding alone gives a ratio of 1e-16; dividing by it would turn noise into signal.
///
/// ```
/// assert_eq!(motjuste_gp::standardise::ALL_EQUAL, 1e-6);
/// ```
pub const ALL_EQUAL: f64 = 1e-6;

/// Outcomes `h` as `y = (h - mean) / (sd + 1e-9)`.
///
/// ```
/// use motjuste_gp::standardise::standardise;
///
/// let s = standardise(&[1.0, 2.0, 3.0]);
/// assert_eq!((s.mean, s.sd), (2.0, 1.0));
/// assert!((s.restore(s.values[2]) - 3.0).abs() < 1e-12);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Standardised {
    /// y, of the length of h.
    pub values: Vec<f64>,
    /// Mean of h.
    pub mean: f64,
    /// Standard deviation of h, with n - 1; 0 where all are equal or n < 2.
    pub sd: f64,
}

impl Standardised {
    /// A value of y back in the units of h: `y (sd + 1e-9) + mean`.
    ///
    /// ```
    /// let s = motjuste_gp::standardise::standardise(&[4.0, 4.0]);
    /// assert_eq!(s.restore(0.0), 4.0);
    /// ```
    pub fn restore(&self, y: f64) -> f64 {
        y * (self.sd + 1e-9) + self.mean
    }
}

/// Standardise outcomes: `y = (h - mean) / (sd + 1e-9)`, sd with n - 1.
///
/// `y = 0` where the spread is nothing but rounding (sd at most [`ALL_EQUAL`] times the largest
/// |h|) and where n < 2: a Gaussian process on such y returns its prior mean, and no NaN.
/// Shapes: h and y have length n; n may be 0.
///
/// ```
/// use motjuste_gp::standardise::standardise;
/// assert_eq!(standardise(&[0.35; 7]).values, vec![0.0; 7]);
/// ```
pub fn standardise(h: &[f64]) -> Standardised {
    let n = h.len().max(1) as f64;
    let mean = h.iter().sum::<f64>() / n;
    let sum_of_squares: f64 = h.iter().map(|v| (v - mean) * (v - mean)).sum();
    let sd = (sum_of_squares / (n - 1.0).max(1.0)).sqrt();
    let largest = h.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
    if sd <= ALL_EQUAL * largest || h.len() < 2 {
        return Standardised { values: vec![0.0; h.len()], mean, sd: 0.0 };
    }
    let values = h.iter().map(|v| (v - mean) / (sd + 1e-9)).collect();
    Standardised { values, mean, sd }
}
