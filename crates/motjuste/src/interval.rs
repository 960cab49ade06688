//! How far a mean over examples can be trusted.

mod crossed;
mod student;
mod tail;

pub use crossed::Block;
pub(crate) use student::mean_and_error;
pub(crate) use tail::upper_tail;

use rand::RngExt;
use serde::{Deserialize, Serialize};

use crate::random::Streams;

/// A mean score with its 95 % confidence interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Estimate {
    /// The mean.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 1)))]
    pub score: f64,
    /// The lower end of the interval.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 1)))]
    pub low: f64,
    /// The upper end of the interval.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 1)))]
    pub high: f64,
    /// The number of examples.
    pub n: usize,
}

/// The 97.5 % point of the standard normal distribution.
const Z: f64 = 1.959_963_984_540_054;
const RESAMPLES: usize = 10_000;

impl Estimate {
    /// The mean of per-example scores in [0, 1] with a 95 % interval.
    ///
    /// Scores that are all 0 or 1 get Wilson's score interval (Wilson 1927, JASA 22), which
    /// keeps its coverage at small n and near 0 and 1; graded scores get the percentile bootstrap
    /// with 10,000 resamples and a fixed stream.
    ///
    /// ```
    /// use motjuste::interval::Estimate;
    /// let estimate = Estimate::of(&[1.0, 1.0, 1.0, 0.0]);
    /// assert_eq!(estimate.score, 0.75);
    /// assert!(estimate.low < 0.31 && estimate.high > 0.95);
    /// ```
    pub fn of(scores: &[f64]) -> Self {
        let n = scores.len();
        let score = scores.iter().sum::<f64>() / n.max(1) as f64;
        let (low, high) = match n {
            0 => (0.0, 1.0),
            _ if scores.iter().all(|&score| score == 0.0 || score == 1.0) => wilson(score, n),
            _ => bootstrap(scores),
        };
        Self { score, low, high, n }
    }
}

/// (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n)
fn wilson(p: f64, n: usize) -> (f64, f64) {
    let n = n as f64;
    let centre = p + Z * Z / (2.0 * n);
    let spread = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    (((centre - spread) / scale).max(0.0), ((centre + spread) / scale).min(1.0))
}

fn bootstrap(scores: &[f64]) -> (f64, f64) {
    let mut stream = Streams::new(0).stream("bootstrap", scores.len() as u64);
    let mut means: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let draw = |_| scores[stream.random_range(0..scores.len())];
            (0..scores.len()).map(draw).sum::<f64>() / scores.len() as f64
        })
        .collect();
    means.sort_by(f64::total_cmp);
    (means[RESAMPLES / 40], means[RESAMPLES - 1 - RESAMPLES / 40])
}

/// The difference of two mean scores with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Difference {
    /// The first mean less the second.
    #[cfg_attr(feature = "schema", schemars(range(min = -1, max = 1)))]
    pub value: f64,
    /// The lower end of the interval.
    #[cfg_attr(feature = "schema", schemars(range(min = -1, max = 1)))]
    pub low: f64,
    /// The upper end of the interval.
    #[cfg_attr(feature = "schema", schemars(range(min = -1, max = 1)))]
    pub high: f64,
}

impl Difference {
    /// Whether the interval lies above zero.
    pub fn is_above(&self) -> bool {
        self.low > 0.0
    }

    /// Whether the interval lies below zero.
    pub fn is_below(&self) -> bool {
        self.high < 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Newcombe 1998 (Statistics in Medicine 17), table I: Wilson without continuity correction.
    #[test]
    fn wilson_agrees_with_newcombes_table() {
        for (hits, n, low, high) in
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)]
        {
            let (l, h) = wilson(f64::from(hits) / f64::from(n), n as usize);
            // The table has four decimals.
            assert!((l - low).abs() < 5e-5 && (h - high).abs() < 5e-5, "{hits}/{n}: {l} {h}");
        }
    }

    #[test]
    fn graded_scores_get_an_interval_around_their_mean() {
        let scores: Vec<f64> = (0..100).map(|i| f64::from(i % 5) / 4.0).collect();
        let estimate = Estimate::of(&scores);
        assert!(estimate.low < 0.5 && 0.5 < estimate.high);
        // The normal approximation is 0.5 ± 1.96 × 0.3536 / 10.
        assert!((estimate.high - estimate.low - 0.1386).abs() < 0.01);
    }
}
