//! A tree-structured Parzen estimator over one category (Bergstra et al. 2011), as Optuna has it.

use rand::RngExt;
use rand::distr::Distribution;
use rand::distr::weighted::WeightedIndex;

use crate::random::Stream;

/// Observations before the estimator is asked.
const STARTUP: usize = 10;

/// Draws from the better density, the best of which is taken.
const DRAWS: usize = 24;

/// The latest observations, which count in full.
const FULL_WEIGHT: usize = 25;

/// The category to try next of `categories`, where some gave these values; larger is better.
pub(super) fn next(categories: usize, seen: &[(usize, f64)], stream: &mut Stream) -> usize {
    if seen.len() < STARTUP {
        return stream.random_range(0..categories);
    }
    let (good, other) = densities(categories, seen);
    let Ok(draws) = WeightedIndex::new(&good) else { return 0 };
    let ratio = |category: &usize| good[*category] / other[*category];
    let drawn = (0..DRAWS).map(|_| draws.sample(stream));
    drawn.max_by(|a, b| ratio(a).total_cmp(&ratio(b))).unwrap_or(0)
}

/// How likely each category is among those that did best, γ(n) = min(⌈n / 10⌉, 25) of them, and among the others.
pub(super) fn densities(categories: usize, seen: &[(usize, f64)]) -> (Vec<f64>, Vec<f64>) {
    let mut best_first: Vec<usize> = (0..seen.len()).collect();
    best_first.sort_by(|&a, &b| seen[b].1.total_cmp(&seen[a].1));
    let (good, other) = best_first.split_at_mut(seen.len().div_ceil(10).min(25));
    let of = |places: &mut [usize]| {
        places.sort_unstable();
        let seen: Vec<usize> = places.iter().map(|&place| seen[place].0).collect();
        density(categories, &seen)
    };
    (of(good), of(other))
}

/// How likely each category is: the mean of a kernel for each observation, the oldest first, and of one that is even. A
/// kernel has 1 at what was observed, and everywhere as much as one kernel of all.
fn density(categories: usize, seen: &[usize]) -> Vec<f64> {
    let weights = weights(seen.len());
    let (all, kernels) = (weights.iter().sum::<f64>(), (seen.len() + 1) as f64);
    let kernel = 1.0 + categories as f64 / kernels;
    let mut density = vec![all / (kernels * kernel) + 1.0 / categories as f64; categories];
    seen.iter().zip(&weights).for_each(|(category, weight)| density[*category] += weight / kernel);
    density.iter().map(|value| value / (all + 1.0)).collect()
}

/// How much each of so many observations counts, the oldest first: those before the last 25 less, from 1 / n up.
fn weights(count: usize) -> Vec<f64> {
    let old = count.saturating_sub(FULL_WEIGHT);
    let (least, steps) = (1.0 / count.max(1) as f64, old.saturating_sub(1).max(1) as f64);
    let ramp = |place| least + (1.0 - least) * place as f64 / steps;
    (0..old).map(ramp).chain(std::iter::repeat_n(1.0, count - old)).collect()
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
