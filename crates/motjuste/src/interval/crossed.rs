//! Means over tasks, seeds and examples at once: every seed answers the same examples of a task.

use rand::RngExt;

use super::{Difference, Estimate, RESAMPLES};
use crate::random::{Stream, Streams};

/// What one task brought: seed by seed, a number for each example, of which each seed has as many.
pub type Block = Vec<Vec<f64>>;

/// Two successes and two failures: Agresti and Coull (1998, The American Statistician 52).
const SCORES: [f64; 4] = [0.0, 0.0, 1.0, 1.0];

/// Two pairs with the sum and the sum of squares of half a pair in each cell of a two-by-two table:
/// Agresti and Min (2005, Statistics in Medicine 24).
const DIFFERENCES: [f64; 2] = [-std::f64::consts::FRAC_1_SQRT_2, std::f64::consts::FRAC_1_SQRT_2];

impl Estimate {
    /// The mean of scores in [0, 1], each task with the same weight, with a 95 % interval.
    ///
    /// One seed on one task is [`Estimate::of`]; else seeds and examples are both drawn anew
    /// (Owen 2007, Annals of Applied Statistics 1), 10,000 times, from the scores and two successes
    /// and two failures a task, so that a few scores that agree are no certainty.
    ///
    /// ```
    /// use motjuste::interval::Estimate;
    /// let estimate = Estimate::over_seeds(&[vec![vec![1.0; 20], vec![1.0; 20]]]);
    /// assert!(estimate.score == 1.0 && estimate.low < 1.0);
    /// ```
    pub fn over_seeds(tasks: &[Block]) -> Self {
        if let [task] = tasks
            && let [only] = task.as_slice()
        {
            return Self::of(only);
        }
        let score = mean(tasks);
        let (low, high) = interval(tasks, &SCORES);
        Self { score, low: low.min(score), high: high.max(score), n: count(tasks) }
    }
}

impl Difference {
    /// The differences of scores of the same examples, those left out that either lacks.
    ///
    /// ```
    /// use motjuste::interval::Difference;
    /// let pairs = Difference::of_pairs(&[Some(1.0), None, Some(0.5)], &[Some(0.0), Some(1.0), Some(0.5)]);
    /// assert_eq!(pairs, [1.0, 0.0]);
    /// ```
    pub fn of_pairs(these: &[Option<f64>], those: &[Option<f64>]) -> Vec<f64> {
        let pairs = these.iter().zip(those);
        pairs.filter_map(|(this, that)| Some((*this)? - (*that)?)).collect()
    }

    /// The mean of paired differences in [-1, 1], each task with the same weight, with a 95 %
    /// interval: seeds and examples are both drawn anew, as in [`Estimate::over_seeds`], with half a
    /// pair added for each way in which a pair may come out.
    ///
    /// ```
    /// use motjuste::interval::Difference;
    /// let better = Difference::paired(&[vec![[vec![1.0; 10], vec![0.0; 10]].concat()]]);
    /// assert!(better.value == 0.5 && better.is_above());
    /// assert!(!Difference::paired(&[vec![vec![1.0]]]).is_above());
    /// ```
    pub fn paired(tasks: &[Block]) -> Self {
        let value = mean(tasks);
        let (low, high) = interval(tasks, &DIFFERENCES);
        Self { value, low: low.min(value), high: high.max(value) }
    }
}

fn count(tasks: &[Block]) -> usize {
    tasks.iter().flatten().map(Vec::len).sum()
}

fn mean(tasks: &[Block]) -> f64 {
    let means = tasks.iter().map(|task| {
        let numbers = || task.iter().flatten();
        numbers().sum::<f64>() / numbers().count().max(1) as f64
    });
    means.sum::<f64>() / tasks.len().max(1) as f64
}

/// The percentile interval over resamples of the seeds and, with `more` among them, the examples.
fn interval(tasks: &[Block], more: &[f64]) -> (f64, f64) {
    let mut stream = Streams::new(0).stream("crossed", count(tasks) as u64);
    let mut means: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let drawn = tasks.iter().map(|task| resampled(task, more, &mut stream));
            drawn.sum::<f64>() / tasks.len().max(1) as f64
        })
        .collect();
    means.sort_by(f64::total_cmp);
    (means[RESAMPLES / 40], means[RESAMPLES - 1 - RESAMPLES / 40])
}

fn resampled(task: &Block, more: &[f64], stream: &mut Stream) -> f64 {
    let seeds: Vec<&Vec<f64>> =
        task.iter().map(|_| &task[stream.random_range(0..task.len())]).collect();
    let examples = task.first().map_or(0, Vec::len);
    let all = examples + more.len();
    let draw = |_| match stream.random_range(0..all) {
        index if index < examples => {
            seeds.iter().map(|seed| seed[index]).sum::<f64>() / seeds.len() as f64
        }
        index => more[index - examples],
    };
    (0..all).map(draw).sum::<f64>() / all as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differences(better: usize, worse: usize, same: usize) -> Vec<f64> {
        [vec![1.0; better], vec![-1.0; worse], vec![0.0; same]].concat()
    }

    /// Agresti and Min 2005: d = (b - c) / (n + 2) ± z √(b + c + 1 - (b - c)² / (n + 2)) / (n + 2).
    fn agresti_min(b: f64, c: f64, n: f64) -> (f64, f64) {
        let d = (b - c) / (n + 2.0);
        let spread = 1.96 * (b + c + 1.0 - (b - c).powi(2) / (n + 2.0)).sqrt() / (n + 2.0);
        (d - spread, d + spread)
    }

    #[test]
    fn one_seed_agrees_with_agresti_and_min() {
        for (b, c, same) in [(20, 10, 70), (5, 0, 95), (0, 0, 100)] {
            let paired = Difference::paired(&[vec![differences(b, c, same)]]);
            let (low, high) = agresti_min(b as f64, c as f64, (b + c + same) as f64);
            // A hundred pairs are steps of 0.01; a percentile lies within one of the normal limit.
            assert!((paired.low - low).abs() < 0.012, "{paired:?} {low}");
            assert!((paired.high - high).abs() < 0.012, "{paired:?} {high}");
        }
    }

    #[test]
    fn seeds_that_disagree_widen_the_interval_and_copies_do_not_narrow_it() {
        let one = differences(12, 2, 6);
        let width = |task: Block| {
            let difference = Difference::paired(&[task]);
            difference.high - difference.low
        };
        let single = width(vec![one.clone()]);
        let copied = width(vec![one.clone(), one.clone(), one.clone()]);
        // The same numbers, other draws.
        assert!((single - copied).abs() < 0.02, "{single} {copied}");
        let apart = width(vec![differences(20, 0, 0), one, differences(0, 20, 0)]);
        assert!(apart > 1.5 * single, "{apart} {single}");
    }

    #[test]
    fn every_task_has_the_same_weight() {
        let tasks = [vec![vec![1.0; 90]], vec![vec![0.0; 10]]];
        assert_eq!(Estimate::over_seeds(&tasks).score, 0.5);
        assert_eq!(Estimate::over_seeds(&tasks).n, 100);
    }
}
