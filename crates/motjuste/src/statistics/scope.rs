//! Of which tasks a statement is.

use serde::{Deserialize, Serialize};

use super::layout::{Layout, Parts, average, error};
use super::student::{student_p_value, student_quantile};

/// Of which tasks a mean, a difference or a gap is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Scope {
    /// Of these very tasks: seeds and rows are drawn, tasks are fixed.
    TheseTasks,
    /// Of tasks like these: tasks are drawn, too.
    TasksLikeThese,
}

/// A mean over tasks, each with the same weight, and its error.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mean {
    /// What was observed.
    pub(super) value: f64,
    /// What the interval is around.
    pub(super) centre: f64,
    /// The standard error with its degrees of freedom; none where nothing tells of it.
    pub(super) error: Option<(f64, f64)>,
}

impl Mean {
    pub(super) fn over(tasks: &[Layout], scope: Scope) -> Self {
        let these = Self::over_these(tasks);
        match scope {
            Scope::TheseTasks => these,
            Scope::TasksLikeThese => {
                let means: Vec<f64> = tasks.iter().map(|task| task.mean).collect();
                these.over_others(&means)
            }
        }
    }

    fn over_these(tasks: &[Layout]) -> Self {
        let n = tasks.len().max(1) as f64;
        let sum = tasks.iter().fold(Parts::default(), |sum, task| sum.plus(task.parts));
        let (variance, degrees) = sum.times(1.0 / (n * n)).total();
        let is_known = variance > 0.0 && tasks.iter().all(Layout::is_replicated);
        Self {
            value: tasks.iter().map(|task| task.mean).sum::<f64>() / n,
            centre: tasks.iter().map(|task| task.centre).sum::<f64>() / n,
            error: is_known.then(|| (variance.sqrt(), degrees)),
        }
    }

    /// The same mean where tasks are drawn: by its tasks' means, but no surer than on these tasks.
    fn over_others(self, means: &[f64]) -> Self {
        let (error, degrees) = (error(means).variance.sqrt(), means.len().saturating_sub(1));
        let is_known = error > 0.0 || self.error.is_some();
        let known = (degrees > 0 && is_known).then_some((error, degrees as f64));
        let others = Self { value: average(means), centre: average(means), error: known };
        match (others.reach(), self.reach()) {
            (Some(reach), Some(at_least)) if reach < at_least => self,
            _ => others,
        }
    }

    /// Half the width of the 95 % interval: t × error.
    fn reach(&self) -> Option<f64> {
        self.error.map(|(error, degrees)| student_quantile(0.05, degrees) * error)
    }

    /// The 95 % interval: centre ± t × error, which holds the observed value.
    pub(super) fn interval(&self) -> Option<(f64, f64)> {
        let reach = self.reach()?;
        Some(((self.centre - reach).min(self.value), (self.centre + reach).max(self.value)))
    }

    /// The two-sided p-value of 0; 1 where nothing is known.
    pub(super) fn p_value(&self) -> f64 {
        self.error.map_or(1.0, |(error, degrees)| student_p_value(self.centre / error, degrees))
    }
}
