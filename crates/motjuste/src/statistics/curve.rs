//! What runs had found after so many calls.

use serde::{Deserialize, Serialize};

use super::layout::{Layout, Prior};
use super::scope::{Mean, Scope};

/// One run: paid calls and the value from then on, in order.
pub type Steps = Vec<(u64, f64)>;

/// Runs at one number of calls.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CurvePoint {
    /// Paid calls.
    pub calls: u64,
    /// Runs that have a value by then.
    pub runs: usize,
    /// The mean of all runs, each task with the same weight; null until every run has a value.
    pub mean: Option<f64>,
    /// The lower end of the 95 % band over seeds, on these tasks; null where a task has one run.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

/// The value that a run holds at each of some numbers of calls: that of its last step by then; none before the
/// first.
///
/// ```
/// use motjuste::statistics::held;
/// assert_eq!(held(&[(10, 0.2), (30, 0.7)], &[5, 10, 29, 99]), [None, Some(0.2), Some(0.2), Some(0.7)]);
/// ```
pub fn held(steps: &[(u64, f64)], points: &[u64]) -> Vec<Option<f64>> {
    let at = |point: &u64| {
        let taken = steps.partition_point(|(calls, _)| calls <= point);
        taken.checked_sub(1).map(|last| steps[last].1)
    };
    points.iter().map(at).collect()
}

/// The first number of calls at which a run's value is at least `level`; none where it never is.
///
/// ```
/// use motjuste::statistics::calls_to;
/// assert_eq!(calls_to(&[(10, 0.2), (30, 0.7)], 0.5), Some(30));
/// assert_eq!(calls_to(&[(10, 0.2), (30, 0.7)], 0.8), None);
/// ```
pub fn calls_to(steps: &[(u64, f64)], level: f64) -> Option<u64> {
    steps.iter().find(|(_, value)| *value >= level).map(|(calls, _)| *calls)
}

/// The mean over runs, task by task and seed by seed, at each of some numbers of calls, each task with the same
/// weight, with a 95 % band.
///
/// Runs without any step are left out, and so are tasks without a run. The band is pointwise and of these tasks:
/// mean ± t √(Σ s²/m) / tasks, with Satterthwaite's degrees of freedom (1946), where s² is the variance of a
/// task's m runs. Percentiles of drawn seeds would be narrower: the variance of a mean drawn from m runs is (m - 1)/m of
/// what it is, and 1.96 takes the place of t.
///
/// Found by simulation, skewed scores, 4,000 worlds a cell:
#[doc = include_str!("coverage_of_curves.md")]
///
/// ```
/// use motjuste::statistics::mean_curve;
/// let tasks = [vec![vec![(10, 0.2), (30, 0.6)], vec![(20, 0.4)]]];
/// let curve = mean_curve(&tasks, &[10, 20, 30]);
/// assert_eq!((curve[0].runs, curve[0].mean), (1, None));
/// assert!((curve[1].mean.unwrap() - 0.3).abs() < 1e-12 && curve[1].low < Some(0.3));
/// assert!((curve[2].mean.unwrap() - 0.5).abs() < 1e-12);
/// ```
pub fn mean_curve(tasks: &[Vec<Steps>], points: &[u64]) -> Vec<CurvePoint> {
    let held_by = |run: &Steps| (!run.is_empty()).then(|| held(run, points));
    let tasks = tasks.iter().map(|runs| runs.iter().filter_map(held_by).collect());
    let tasks: Vec<Vec<Vec<Option<f64>>>> =
        tasks.filter(|runs: &Vec<_>| !runs.is_empty()).collect();
    points.iter().enumerate().map(|(index, calls)| point(&tasks, index, *calls)).collect()
}

fn point(tasks: &[Vec<Vec<Option<f64>>>], index: usize, calls: u64) -> CurvePoint {
    let values = tasks.iter().map(|runs| runs.iter().filter_map(|run| run[index]).collect());
    let values: Vec<Vec<f64>> = values.collect();
    let runs = values.iter().map(Vec::len).sum();
    let none = CurvePoint { calls, runs, mean: None, low: None, high: None };
    if runs == 0 || runs < tasks.iter().map(Vec::len).sum() {
        return none;
    }
    let (value, (low, high)) = mean_and_band(&values);
    let is_known = values.iter().all(|runs| runs.len() > 1);
    let only = |end: f64| is_known.then_some(end);
    CurvePoint { mean: Some(value), low: only(low), high: only(high), ..none }
}

fn mean_and_band(tasks: &[Vec<f64>]) -> (f64, (f64, f64)) {
    let layout =
        |runs: &Vec<f64>| Layout::of(&runs.iter().map(|x| vec![*x]).collect(), Prior::NONE);
    let layouts: Vec<Layout> = tasks.iter().filter_map(layout).collect();
    let mean = Mean::over(&layouts, Scope::TheseTasks);
    (mean.value, mean.interval().unwrap_or((mean.value, mean.value)))
}
