//! The two-way layout of one task: seeds that all answer the same rows.

use crate::interval::Block;

/// Pseudo-observations: rows at two values, of this weight together, that keep a few rows which agree from
/// being a certainty.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prior {
    values: [f64; 2],
    weight: f64,
}

impl Prior {
    /// Nothing added.
    pub(super) const NONE: Self = Self { values: [0.0; 2], weight: 0.0 };

    /// Agresti and Min (2005, Statistics in Medicine 24): two pairs at ±1/√2, over all tasks together.
    pub(super) fn of_differences(tasks: usize) -> Self {
        let half = std::f64::consts::FRAC_1_SQRT_2;
        Self { values: [-half, half], weight: 2.0 / tasks as f64 }
    }

    /// Agresti and Coull (1998, The American Statistician 52): two successes and two failures, over all tasks.
    pub(super) fn of_scores(tasks: usize) -> Self {
        Self { values: [0.0, 1.0], weight: 4.0 / tasks as f64 }
    }

    /// Agresti and Caffo (2000, The American Statistician 54): one of each for either of two samples.
    pub(super) fn of_two_samples(tasks: usize) -> Self {
        Self { values: [0.0, 1.0], weight: 2.0 / tasks as f64 }
    }
}

/// An estimated variance, and its square over its degrees of freedom.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Part {
    pub(super) variance: f64,
    pub(super) square: f64,
}

impl Part {
    pub(super) fn new(variance: f64, degrees: usize) -> Self {
        Self { variance, square: variance * variance / degrees as f64 }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self { variance: self.variance + other.variance, square: self.square + other.square }
    }

    fn times(self, factor: f64) -> Self {
        Self { variance: self.variance * factor, square: self.square * factor * factor }
    }
}

/// The variance of a mean by what it is due to; each of seeds and rows holds what is due to both, too.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Parts {
    pub(super) seeds: Part,
    pub(super) rows: Part,
    pub(super) both: Part,
}

impl Parts {
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            seeds: self.seeds.plus(other.seeds),
            rows: self.rows.plus(other.rows),
            both: self.both.plus(other.both),
        }
    }

    pub(super) fn times(self, factor: f64) -> Self {
        Self {
            seeds: self.seeds.times(factor),
            rows: self.rows.times(factor),
            both: self.both.times(factor),
        }
    }

    /// The variance of the mean, seeds + rows - both, with Satterthwaite's degrees of freedom (1946, Biometrics
    /// Bulletin 2); where a component would be negative it is 0.
    pub(super) fn total(self) -> (f64, f64) {
        let Self { seeds, rows, both } = self;
        let all = seeds.variance + rows.variance - both.variance;
        let larger = if seeds.variance > rows.variance { seeds } else { rows };
        if all > larger.variance {
            (all, all * all / (seeds.square + rows.square + both.square))
        } else {
            (larger.variance, larger.variance * larger.variance / larger.square)
        }
    }
}

/// One task's mean and how far it can be trusted.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// The plain mean.
    pub(super) mean: f64,
    /// The mean with the pseudo-observations.
    pub(super) centre: f64,
    pub(super) parts: Parts,
    pub(super) seed_means: Vec<f64>,
    pub(super) rows: usize,
}

impl Layout {
    /// Mean squares of the two-way layout without replication. Rows beyond the shortest seed are left out; none
    /// without any number.
    pub(super) fn of(task: &Block, prior: Prior) -> Option<Self> {
        let rows = task.iter().map(Vec::len).min().filter(|rows| *rows > 0)?;
        let seed_means: Vec<f64> = task.iter().map(|seed| average(&seed[..rows])).collect();
        let row_mean = |row| task.iter().map(|seed: &Vec<f64>| seed[row]).sum::<f64>();
        let row_means: Vec<f64> = (0..rows).map(|row| row_mean(row) / task.len() as f64).collect();
        let mean = average(&seed_means);
        let prior = if rows > 1 { prior } else { Prior::NONE };
        let (centre, row_part) = with_prior(&row_means, prior);
        let parts = Parts {
            seeds: error(&seed_means),
            rows: row_part,
            both: interplay(task, &seed_means, &row_means),
        };
        Some(Self { mean, centre, parts, seed_means, rows })
    }

    /// Whether anything was seen twice.
    pub(super) fn is_replicated(&self) -> bool {
        self.rows > 1 || self.seed_means.len() > 1
    }
}

pub(super) fn average(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len().max(1) as f64
}

/// The squared standard error of the mean of numbers: s² / n with n - 1 degrees of freedom; 0 for one number.
pub(super) fn error(numbers: &[f64]) -> Part {
    with_prior(numbers, Prior::NONE).1
}

/// The mean of numbers and pseudo-observations with its squared standard error.
fn with_prior(numbers: &[f64], prior: Prior) -> (f64, Part) {
    let n = numbers.len() as f64 + prior.weight;
    let added = prior.weight * average(&prior.values);
    let centre = (numbers.iter().sum::<f64>() + added) / n;
    if numbers.len() < 2 {
        return (centre, Part::default());
    }
    let square = |x: &f64| (x - centre).powi(2);
    let more = prior.weight * prior.values.iter().map(square).sum::<f64>() / 2.0;
    let squares = numbers.iter().map(square).sum::<f64>() + more;
    (centre, Part::new(squares / ((n - 1.0) * n), numbers.len() - 1))
}

/// What is due to neither seeds nor rows alone: the residual mean square over the number of scores.
fn interplay(task: &Block, seed_means: &[f64], row_means: &[f64]) -> Part {
    let (seeds, rows) = (seed_means.len(), row_means.len());
    if seeds < 2 || rows < 2 {
        return Part::default();
    }
    let mean = average(seed_means);
    let of_seed = |(seed, seed_mean): (&Vec<f64>, &f64)| {
        let residuals =
            seed.iter().zip(row_means).map(|(x, row_mean)| x - seed_mean - row_mean + mean);
        residuals.map(|residual| residual * residual).sum::<f64>()
    };
    let squares: f64 = task.iter().zip(seed_means).map(of_seed).sum();
    let degrees = (seeds - 1) * (rows - 1);
    Part::new(squares / (degrees * seeds * rows) as f64, degrees)
}
