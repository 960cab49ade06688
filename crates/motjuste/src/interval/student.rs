//! Means of few numbers: Student's t.

use super::Difference;

/// The 97.5 % points of Student's t distribution for 1, 2, … degrees of freedom.
const T: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
    2.052, 2.048, 2.045, 2.042,
];

/// The mean of numbers with its standard error, for n - 1 degrees of freedom; of fewer than two the error is 0.
pub(crate) fn mean_and_error(numbers: &[f64]) -> (f64, f64) {
    let n = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / n.max(1.0);
    let squares: f64 = numbers.iter().map(|one| (one - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0).max(1.0) / n.max(1.0)).sqrt())
}

impl Difference {
    /// The mean of one difference a task, with the 95 % interval of Student's t: tasks are a sample of tasks. One
    /// task alone says nothing of others, so its interval is everything.
    ///
    /// ```
    /// use motjuste::interval::Difference;
    /// let difference = Difference::over_tasks(&[0.1, 0.2, 0.3]);
    /// assert!((difference.value - 0.2).abs() < 1e-12 && !difference.is_above());
    /// // 0.2 ± 4.303 × 0.1 / √3
    /// assert!((difference.high - 0.4484).abs() < 1e-4);
    /// ```
    pub fn over_tasks(differences: &[f64]) -> Self {
        let (value, error) = mean_and_error(differences);
        let freedom = differences.len().saturating_sub(1);
        if freedom == 0 {
            return Self { value, low: -1.0, high: 1.0 };
        }
        let t = T.get(freedom - 1).copied().unwrap_or(super::Z);
        Self { value, low: (value - t * error).max(-1.0), high: (value + t * error).min(1.0) }
    }
}
