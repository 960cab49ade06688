//! The hidden data and the pairs to start from.

use motjuste::random::Streams;
use motjuste_gp::special::{normal, uniform};

use super::Pair;

/// How many data points: x = 1, …, 50.
pub(super) const POINTS: usize = 50;

/// One line with its noise, y = w x + b + noise.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// The true w and b.
    pub truth: Pair,
    /// Standard normal noise, one value for each x from 1.
    pub noise: Vec<f64>,
    /// The distinct pairs that the search begins with, in ascending order.
    pub start: Vec<Pair>,
}

impl Instance {
    /// An instance with noise and start pairs of its own: five pairs, each coordinate uniform in
    /// [10, 20] and rounded, repeats merged.
    pub fn draw(truth: Pair, streams: Streams) -> Self {
        let mut noise = streams.stream("linear regression noise", 0);
        let noise = (0..POINTS).map(|_| normal(&mut noise)).collect();
        let mut start = streams.stream("linear regression start", 0);
        let mut coordinate = || (10.0 + 10.0 * uniform(&mut start)).round_ties_even();
        let mut pairs: Vec<Pair> = (0..5).map(|_| [coordinate(), coordinate()]).collect();
        pairs.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
        pairs.dedup();
        Self { truth, noise, start: pairs }
    }

    /// The data (x, y).
    pub(super) fn data(&self) -> impl Iterator<Item = (f64, f64)> {
        let [w, b] = self.truth;
        self.noise.iter().zip(1_u32..).map(move |(noise, x)| {
            let x = f64::from(x);
            (x, w * x + b + noise)
        })
    }
}
