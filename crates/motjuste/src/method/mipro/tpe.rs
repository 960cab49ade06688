//! A tree-structured Parzen estimator over one category (Bergstra et al. 2011), with the constants of Optuna 3.

use rand::RngExt;
use rand::distr::Distribution;
use rand::distr::weighted::WeightedIndex;

use crate::random::Stream;

/// Observations before the estimator is asked.
const STARTUP: usize = 10;

/// Draws from the better density, the best of which is taken.
const DRAWS: usize = 24;

/// The category to try next of `categories`, where some gave these values; larger is better.
pub(super) fn next(categories: usize, seen: &[(usize, f64)], stream: &mut Stream) -> usize {
    if seen.len() < STARTUP {
        return stream.random_range(0..categories);
    }
    let mut best_first = seen.to_vec();
    best_first.sort_by(|a, b| b.1.total_cmp(&a.1));
    // γ(n) = min(⌈n / 10⌉, 25).
    let (good, bad) = best_first.split_at(seen.len().div_ceil(10).min(25));
    let (good, bad) = (density(categories, good), density(categories, bad));
    let Ok(draws) = WeightedIndex::new(&good) else { return 0 };
    let ratio = |category: &usize| good[*category] / bad[*category];
    let drawn = (0..DRAWS).map(|_| draws.sample(stream));
    drawn.max_by(|a, b| ratio(a).total_cmp(&ratio(b))).unwrap_or(0)
}

/// How likely each category is: the share of the observations, and one more that is spread over all.
fn density(categories: usize, seen: &[(usize, f64)]) -> Vec<f64> {
    let mut counts = vec![1.0 / categories as f64; categories];
    seen.iter().for_each(|(category, _)| counts[*category] += 1.0);
    counts.iter().map(|count| count / (seen.len() + 1) as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::next;
    use crate::random::Streams;

    #[test]
    fn what_did_well_is_tried_more_often() {
        let seen: Vec<(usize, f64)> =
            (0..30).map(|index| (index % 6, if index % 6 == 4 { 0.9 } else { 0.2 })).collect();
        let pick = |seed| next(6, &seen, &mut Streams::new(seed).stream("t", 0));
        assert!((0..50).filter(|&seed| pick(seed) == 4).count() > 40);
        let few = |seed| next(6, &seen[..9], &mut Streams::new(seed).stream("t", 0));
        assert!((0..6).all(|category| (0..50).any(|seed| few(seed) == category)));
    }
}
