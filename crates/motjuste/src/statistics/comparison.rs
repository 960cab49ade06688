//! Two methods on the same tasks, seeds and rows.

use serde::{Deserialize, Serialize};

use super::layout::{Layout, Prior};
use super::scope::{Mean, Scope};
use crate::interval::{Block, Difference, Estimate};

/// A difference of means with a test of zero.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Comparison {
    /// The difference with its 95 % interval.
    #[serde(flatten)]
    pub difference: Difference,
    /// The two-sided p-value: below .05 if and only if the interval leaves out 0.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 1)))]
    pub p_value: f64,
    /// The standard error; null where nothing tells of it.
    pub standard_error: Option<f64>,
    /// Degrees of freedom of Student's t; null where nothing tells of the error.
    pub degrees_of_freedom: Option<f64>,
}

impl Comparison {
    pub(super) fn of(mean: &Mean) -> Self {
        let (low, high) = mean.interval().unwrap_or((-1.0, 1.0));
        let difference = Difference { value: mean.value, low: low.max(-1.0), high: high.min(1.0) };
        Self {
            difference,
            p_value: mean.p_value(),
            standard_error: mean.error.map(|(error, _)| error),
            degrees_of_freedom: mean.error.map(|(_, degrees)| degrees),
        }
    }
}

/// The rows that both methods have a score for with every seed, as differences, first less second, seed by seed.
///
/// ```
/// use motjuste::statistics::pairs;
/// let first = [vec![Some(1.0), Some(1.0)], vec![Some(0.0), Some(1.0)]];
/// let second = [vec![Some(0.0), Some(1.0)], vec![Some(0.0), None]];
/// assert_eq!(pairs(&first, &second), [[1.0], [0.0]]);
/// ```
pub fn pairs(first: &[Vec<Option<f64>>], second: &[Vec<Option<f64>>]) -> Block {
    let seeds: Vec<Vec<Option<f64>>> = first.iter().zip(second).map(differences).collect();
    let rows = seeds.iter().map(Vec::len).min().unwrap_or(0);
    let kept: Vec<usize> =
        (0..rows).filter(|row| seeds.iter().all(|seed| seed[*row].is_some())).collect();
    seeds.iter().map(|seed| kept.iter().filter_map(|row| seed[*row]).collect()).collect()
}

fn differences((first, second): (&Vec<Option<f64>>, &Vec<Option<f64>>)) -> Vec<Option<f64>> {
    first.iter().zip(second).map(|(one, other)| Some((*one)? - (*other)?)).collect()
}

/// The mean of paired differences of scores in [0, 1], each task with the same weight, with a 95 % interval and
/// a two-sided p-value. A task is seeds × rows, of which every seed answers the same; tasks without any are left
/// out.
///
/// *These tasks*: the variance of a task's mean over m seeds and n rows is that of the two-way layout with random
/// seeds and rows (Scheffé 1959, *The Analysis of Variance*, 7.4),
/// (MS_seeds + MS_rows - MS_residual) / mn, no component below 0, summed over tasks; the interval is
/// centre ± t √variance with Satterthwaite's degrees of freedom (1946). The centre and MS_rows have two pairs at
/// ±1/√2 added, over all tasks together, so that a few rows which agree are no certainty (Agresti and Min 2005,
/// Statistics in Medicine 24). One seed a task says nothing of other seeds: the interval is then of rows alone.
///
/// *Tasks like these*: Student's t over the tasks' means with one degree less than tasks. With equal numbers of seeds
/// and rows this is the mixed model with a random effect of the task, fitted by restricted maximum likelihood.
/// Where it would be narrower than that of these tasks, the interval is that one: nothing can be surer of other
/// tasks. One task says nothing of others: its interval is everything and its p-value 1.
///
/// Why no percentiles: those of few drawn tasks are too narrow; and the crossed bootstrap over seeds and rows
/// ([`Difference::paired`]) counts what is due to neither alone twice, so with several seeds it holds the truth in 99 to
/// 100 % of the worlds below.
///
#[doc = include_str!("coverage.md")]
///
/// ```
/// use motjuste::statistics::{Scope, paired_difference};
/// let task = |gain: f64| vec![[vec![gain; 8], vec![0.0; 12]].concat(); 2];
/// let tasks = [task(1.0), task(1.0), task(0.5)];
/// let these = paired_difference(&tasks, Scope::TheseTasks);
/// assert!((these.difference.value - 1.0 / 3.0).abs() < 1e-12);
/// assert!(these.difference.is_above() && these.p_value < 0.05);
/// let one = paired_difference(&tasks[..1], Scope::TasksLikeThese);
/// assert_eq!((one.difference.low, one.difference.high, one.p_value), (-1.0, 1.0, 1.0));
/// ```
pub fn paired_difference(tasks: &[Block], scope: Scope) -> Comparison {
    let layouts = layouts(tasks, Prior::of_differences);
    Comparison::of(&Mean::over(&layouts, scope))
}

/// The mean of scores in [0, 1], each task with the same weight, with a 95 % interval, by the same rules as
/// [`paired_difference`]; what is added is two successes and two failures over all tasks together (Agresti and
/// Coull 1998). One seed on one task is [`Estimate::of`].
///
/// By simulation, of 2,000 worlds of answers right or wrong, 40 rows, three seeds (five for 30 tasks), the intervals of 1, 3, 10
/// and 30 tasks hold the truth in 98.0, 96.7, 95.2 and 95.7 % on these tasks, of 3, 10 and 30 tasks like these in 97.7, 95.2
/// and 94.8 %.
///
/// ```
/// use motjuste::statistics::{Scope, mean_score};
/// let tasks = vec![vec![vec![1.0; 20], vec![1.0; 20]]; 3];
/// let score = mean_score(&tasks, Scope::TheseTasks);
/// assert!(score.score == 1.0 && score.low > 0.9 && score.low < 1.0);
/// ```
pub fn mean_score(tasks: &[Block], scope: Scope) -> Estimate {
    if let ([task], Scope::TheseTasks) = (tasks, scope)
        && let [only] = task.as_slice()
    {
        return Estimate::of(only);
    }
    let layouts = layouts(tasks, Prior::of_scores);
    let n = layouts.iter().map(|task| task.rows * task.seed_means.len()).sum();
    let mean = Mean::over(&layouts, scope);
    let (low, high) = mean.interval().unwrap_or((0.0, 1.0));
    Estimate { score: mean.value, low: low.max(0.0), high: high.min(1.0), n }
}

pub(super) fn layouts(tasks: &[Block], prior: impl Fn(usize) -> Prior) -> Vec<Layout> {
    let prior = prior(tasks.len());
    tasks.iter().filter_map(|task| Layout::of(task, prior)).collect()
}
