//! Mean, standard deviation and standard error.

use serde::Serialize;

/// How numbers spread around their mean.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Spread {
    /// How many there are.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation, with n − 1; none of a single number.
    pub sd: Option<f64>,
    /// The standard error of the mean, sd / √n.
    pub se: Option<f64>,
}

impl Spread {
    /// The spread of these numbers, if there are any.
    ///
    /// ```
    /// use motjuste_problems::Spread;
    /// let spread = Spread::of(&[1.0, 2.0, 3.0, 6.0]).unwrap();
    /// assert_eq!(spread.mean, 3.0);
    /// // Squared distances 4 + 1 + 0 + 9, divided by 3.
    /// assert_eq!(spread.sd, Some((14.0_f64 / 3.0).sqrt()));
    /// assert_eq!(Spread::of(&[]), None);
    /// ```
    pub fn of(numbers: &[f64]) -> Option<Self> {
        let n = numbers.len();
        if n == 0 {
            return None;
        }
        let mean = numbers.iter().sum::<f64>() / n as f64;
        let squares: f64 = numbers.iter().map(|x| (x - mean).powi(2)).sum();
        let sd = (n > 1).then(|| (squares / (n - 1) as f64).sqrt());
        Some(Self { n, mean, sd, se: sd.map(|sd| sd / (n as f64).sqrt()) })
    }
}
