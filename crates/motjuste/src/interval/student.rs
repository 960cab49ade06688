//! Means of few numbers: Student's t.

use super::Difference;

/// The 97.5 % points of Student's t distribution for 1, 2, … degrees of freedom.
const T: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
    2.052, 2.048, 2.045, 2.042,
];

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
        let n = differences.len();
        let value = differences.iter().sum::<f64>() / n.max(1) as f64;
        let Some(freedom) = n.checked_sub(1).filter(|freedom| *freedom > 0) else {
            return Self { value, low: -1.0, high: 1.0 };
        };
        let squares: f64 = differences.iter().map(|one| (one - value).powi(2)).sum();
        let error = (squares / freedom as f64 / n as f64).sqrt();
        let t = T.get(freedom - 1).copied().unwrap_or(super::Z);
        Self { value, low: (value - t * error).max(-1.0), high: (value + t * error).min(1.0) }
    }
}
