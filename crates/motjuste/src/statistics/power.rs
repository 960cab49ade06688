//! How many rows would tell a difference, at level .05 and 80 % power.

use serde::{Deserialize, Serialize};

use super::comparison::layouts;
use super::layout::{Layout, Part, Parts, Prior};
use super::normal::{Z, Z_POWER};
use super::scope::{Mean, Scope};
use super::student::student_quantile;
use crate::interval::Block;

/// More rows than anybody scores.
const MOST: u64 = 10_000_000;

/// The rows that tell a paired difference from zero, with one study a method: (z_.975 + z_.8)² σ² / δ² + z_.975² / 2,
/// rounded up (Guenther 1981, The American Statistician 35), for the t test.
///
/// `difference` is δ, `variance` the variance σ² of the rows' differences. None for no difference.
///
/// ```
/// use motjuste::statistics::rows_to_tell;
/// assert_eq!(rows_to_tell(0.1, 0.25), Some(199));
/// assert_eq!(rows_to_tell(0.0, 0.25), None);
/// ```
pub fn rows_to_tell(difference: f64, variance: f64) -> Option<u64> {
    let rows = (Z + Z_POWER).powi(2) * variance / difference.powi(2) + Z * Z / 2.0;
    whole(rows)
}

/// The rows that tell a paired difference of right and wrong answers from zero by McNemar's test:
/// (z_.975 √ψ + z_.8 √(ψ - δ²))² / δ², rounded up (Connor 1987, Biometrics 43).
///
/// `discordant` is the share ψ of rows that one method alone is right on; it is at least |δ|, so a smaller one
/// counts as that. None for no difference.
///
/// ```
/// use motjuste::statistics::rows_to_tell_discordant;
/// assert_eq!(rows_to_tell_discordant(0.1, 0.25), Some(194));
/// ```
pub fn rows_to_tell_discordant(difference: f64, discordant: f64) -> Option<u64> {
    let share = discordant.max(difference.abs());
    let alternative = (share - difference * difference).max(0.0).sqrt();
    whole((Z * share.sqrt() + Z_POWER * alternative).powi(2) / difference.powi(2))
}

fn whole(rows: f64) -> Option<u64> {
    (rows <= MOST as f64).then(|| rows.ceil() as u64)
}

/// The smallest true difference that the present tasks, seeds and rows tell from zero at 80 % power:
/// (t_.975 + t_.8) × standard error (Bloom 1995, Evaluation Review 19), of [`paired_difference`](super::paired_difference)
/// in the same scope. None where nothing tells of the error.
///
/// ```
/// use motjuste::statistics::{Scope, smallest_difference};
/// let task = vec![[vec![1.0; 30], vec![-1.0; 20], vec![0.0; 50]].concat()];
/// let smallest = smallest_difference(&[task], Scope::TheseTasks).unwrap();
/// assert!((smallest - 2.81 * 0.07).abs() < 0.005);
/// ```
pub fn smallest_difference(tasks: &[Block], scope: Scope) -> Option<f64> {
    let layouts = layouts(tasks, Prior::of_differences);
    Mean::over(&layouts, scope).error.map(|(error, degrees)| told(error, degrees))
}

fn told(error: f64, degrees: f64) -> f64 {
    (student_quantile(0.05, degrees) + student_quantile(0.4, degrees)) * error
}

/// How paired differences vary, on average over tasks: the components of variance of the two-way layout.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Spread {
    /// The variance between seeds.
    pub seeds: f64,
    /// The variance between rows.
    pub rows: f64,
    /// What is due to neither alone; with one seed it is among that of rows.
    pub rest: f64,
}

/// An experiment to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Plan {
    /// Tasks.
    pub tasks: u64,
    /// Seeds a task.
    pub seeds: u64,
    /// Rows a task.
    pub rows: u64,
}

impl Spread {
    /// The components of paired differences, of tasks of the same numbers of seeds and rows.
    ///
    /// ```
    /// use motjuste::statistics::Spread;
    /// let spread = Spread::of(&[vec![vec![1.0, 0.0, -1.0], vec![1.0, 0.0, -1.0]]]);
    /// assert_eq!((spread.seeds, spread.rows, spread.rest), (0.0, 1.0, 0.0));
    /// ```
    pub fn of(tasks: &[Block]) -> Self {
        let layouts = layouts(tasks, |_| Prior::NONE);
        let mean = |of: fn(&Layout) -> f64| {
            layouts.iter().map(of).sum::<f64>() / layouts.len().max(1) as f64
        };
        let size = |layout: &Layout| (layout.seed_means.len() * layout.rows) as f64;
        let both = mean(|layout| layout.parts.both.variance);
        let seeds = mean(|layout| {
            layout.seed_means.len() as f64
                * (layout.parts.seeds.variance - layout.parts.both.variance)
        });
        let rows = mean(|layout| {
            layout.rows as f64 * (layout.parts.rows.variance - layout.parts.both.variance)
        });
        let count = layouts.iter().map(size).sum::<f64>() / layouts.len().max(1) as f64;
        Self { seeds: seeds.max(0.0), rows: rows.max(0.0), rest: both * count }
    }

    /// The smallest true difference, on these tasks, that an experiment tells from zero at 80 % power:
    /// (t_.975 + t_.8) √((σ²_seeds/m + σ²_rows/n + σ²_rest/mn) / tasks) with Satterthwaite's degrees of freedom.
    ///
    /// By simulation it is told in 74 % (8 tasks, 3 seeds, 20 rows) to 80 %, since tests cut components below 0.
    ///
    /// ```
    /// use motjuste::statistics::{Plan, Spread};
    /// let spread = Spread { seeds: 0.0, rows: 0.25, rest: 0.0 };
    /// let smallest = spread.smallest_difference(Plan { tasks: 1, seeds: 1, rows: 100 });
    /// assert!((smallest - 2.83 * 0.05).abs() < 0.001);
    /// ```
    pub fn smallest_difference(&self, plan: Plan) -> f64 {
        let (variance, degrees) = self.parts(plan).total();
        told(variance.sqrt(), degrees)
    }

    /// The rows a task that tell a difference, on these tasks, at 80 % power; none where no number of rows does,
    /// since seeds alone vary too much.
    ///
    /// ```
    /// use motjuste::statistics::Spread;
    /// let spread = Spread { seeds: 0.001, rows: 0.2, rest: 0.05 };
    /// assert!(spread.rows_to_tell(0.1, 4, 5).unwrap() < 100);
    /// assert_eq!(spread.rows_to_tell(0.01, 1, 5), None);
    /// ```
    pub fn rows_to_tell(&self, difference: f64, tasks: u64, seeds: u64) -> Option<u64> {
        let tells =
            |rows| self.smallest_difference(Plan { tasks, seeds, rows }) <= difference.abs();
        let (mut low, mut high) = (1, 2);
        while !tells(high) {
            low = high;
            high *= 2;
            if high > MOST {
                return None;
            }
        }
        while high - low > 1 {
            let middle = (low + high) / 2;
            *(if tells(middle) { &mut high } else { &mut low }) = middle;
        }
        Some(high)
    }

    /// What [`Layout`] is expected to find.
    fn parts(&self, plan: Plan) -> Parts {
        let (seeds, rows) = (plan.seeds as f64, plan.rows as f64);
        let rest = self.rest / (seeds * rows);
        let part = |variance: f64, degrees: f64| match degrees {
            0.0 => Part::default(),
            _ => Part { variance, square: variance * variance / degrees },
        };
        let one = Parts {
            seeds: part(self.seeds / seeds + rest, seeds - 1.0),
            rows: part(self.rows / rows + rest, rows - 1.0),
            both: part(rest, (seeds - 1.0) * (rows - 1.0)),
        };
        let tasks = plan.tasks as f64;
        let sum =
            |part: Part| Part { variance: part.variance * tasks, square: part.square * tasks };
        let all = Parts { seeds: sum(one.seeds), rows: sum(one.rows), both: sum(one.both) };
        all.times(1.0 / (tasks * tasks))
    }
}
