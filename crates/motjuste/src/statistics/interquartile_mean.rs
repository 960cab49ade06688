//! The mean of the middle half.

use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::layout::average;
use super::resample::{RESAMPLES, percentiles};
use crate::random::{Stream, Streams};

/// An interquartile mean over tasks and seeds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InterquartileMean {
    /// The mean of the middle half of all scores.
    pub value: f64,
    /// The lower end of the 95 % interval over seeds, on these tasks; null where a task has one seed.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

/// The interquartile mean of scores, task by task and seed by seed, with a 95 % interval: Agarwal, Schwarzer,
/// Castro, Courville and Bellemare (2021, *Deep Reinforcement Learning at the Edge of the Statistical Precipice*,
/// arXiv 2108.13264, section 4.3).
///
/// Of n scores of all tasks together ⌊n/4⌋ are cut at either end. The interval is that of percentiles when seeds
/// are drawn anew within each task, 10,000 times, one less than there are (McCarthy and Snowden 1985, *The
/// Bootstrap and Finite Population Sampling*): as many would make the variance (m - 1)/m of what it is. Its
/// ends are those of their `rliable` but for that.
///
/// Found by simulation, skewed scores, 1,000 worlds a cell:
#[doc = include_str!("coverage_of_interquartile_means.md")]
///
/// ```
/// use motjuste::statistics::interquartile_mean;
/// let mean = interquartile_mean(&[vec![0.0, 0.4, 0.5], vec![0.5, 0.6, 0.7], vec![0.6, 1.0]]);
/// assert!((mean.value - (0.5 + 0.5 + 0.6 + 0.6) / 4.0).abs() < 1e-12);
/// assert!(mean.low < Some(mean.value) && Some(mean.value) < mean.high);
/// assert_eq!(interquartile_mean(&[vec![0.3], vec![0.5]]).low, None);
/// ```
pub fn interquartile_mean(tasks: &[Vec<f64>]) -> InterquartileMean {
    let value = middle_mean(tasks.concat());
    if tasks.is_empty() || tasks.iter().any(|seeds| seeds.len() < 2) {
        return InterquartileMean { value, low: None, high: None };
    }
    let mut stream = Streams::new(0).stream("interquartile-mean", tasks.len() as u64);
    let drawn = (0..RESAMPLES).map(|_| middle_mean(drawn(tasks, &mut stream)));
    let (low, high) = percentiles(drawn.collect());
    InterquartileMean { value, low: Some(low.min(value)), high: Some(high.max(value)) }
}

fn drawn(tasks: &[Vec<f64>], stream: &mut Stream) -> Vec<f64> {
    let mut scores = Vec::with_capacity(tasks.iter().map(Vec::len).sum());
    for seeds in tasks {
        scores.extend((1..seeds.len()).map(|_| seeds[stream.random_range(0..seeds.len())]));
    }
    scores
}

fn middle_mean(mut scores: Vec<f64>) -> f64 {
    scores.sort_unstable_by(f64::total_cmp);
    let cut = scores.len() / 4;
    average(&scores[cut..scores.len() - cut])
}
