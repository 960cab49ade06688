//! What the intervals by resampling share.

use rand::RngExt;

use crate::random::Stream;

/// How often numbers are drawn anew.
pub(super) const RESAMPLES: usize = 10_000;

/// The mean of `size` numbers drawn with replacement.
pub(super) fn drawn_mean(numbers: &[f64], size: usize, stream: &mut Stream) -> f64 {
    let draw = |_| numbers[stream.random_range(0..numbers.len())];
    (0..size).map(draw).sum::<f64>() / size as f64
}

/// The 2.5 % and the 97.5 % point.
pub(super) fn percentiles(mut numbers: Vec<f64>) -> (f64, f64) {
    numbers.sort_by(f64::total_cmp);
    let tail = numbers.len() / 40;
    (numbers[tail], numbers[numbers.len() - 1 - tail])
}
