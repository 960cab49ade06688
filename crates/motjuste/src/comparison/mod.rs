//! Methods compared: what an experiment came to, as data, with the statistics that decide. The content of
//! `compare.json` and of its page.
//!
//! Every number is of the held-out test rows unless its name says otherwise. Studies that a cap of the whole
//! experiment cut or did not reach count nowhere.

#[cfg(test)]
mod fixture;
mod methods;
mod pairs;
#[cfg(feature = "parquet")]
mod parquet;
mod rows;
mod tasks;

pub use rows::{Power, RowPair, TaskRows, pooled};

use serde::{Deserialize, Serialize};

use crate::budget::{Account, Budget};
use crate::experiment::{CellRun, End, Experiment, RunState, Runs};
use crate::interval::Estimate;
use crate::method::MethodId;
use crate::statistics::{CallsToReach, Comparison, CurvePoint, InterquartileMean, MeanRank};

/// The version of this form.
pub const FORMAT: u32 = 1;

/// Methods compared, as data.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ComparisonReport {
    /// The version of this form.
    pub format: u32,
    /// The version of motjuste that made it.
    pub version: String,
    /// What was compared on what.
    pub about: About,
    /// The methods, in the order in which they were given; the first is the reference.
    pub methods: Vec<MethodResult>,
    /// The tasks, in the order in which they were given.
    pub tasks: Vec<TaskResult>,
    /// Every two methods, the earlier one first.
    pub pairs: Vec<PairResult>,
    /// The studies.
    pub studies: Vec<CellRun>,
    /// What they used together, each as if it had paid for all of its calls.
    pub used: Account,
    /// What ended the experiment before its last study.
    pub ended_by: Option<End>,
}

/// What was compared on what.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct About {
    /// The model that is instructed.
    pub target: String,
    /// The model that writes instructions.
    pub generator: String,
    /// The seeds.
    pub seeds: Vec<u64>,
    /// What each study may use.
    pub budget: Budget,
    /// The methods with all of their settings.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<serde_json::Value>"))]
    pub methods: Vec<MethodId>,
}

/// One method over all tasks and seeds.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MethodResult {
    /// What sets it apart.
    pub method: String,
    /// Studies that came to their planned end.
    pub complete: usize,
    /// Studies that were planned.
    pub studies: usize,
    /// The mean score, each task with the same weight; the interval is of these tasks.
    pub test: Option<Estimate>,
    /// The same with an interval of tasks like these.
    pub test_of_tasks_like_these: Option<Estimate>,
    /// The mean dev score of the answers, which the search maximised.
    pub dev: Option<Estimate>,
    /// The mean rank over tasks, 1 being the best, among the methods that have as many tasks as any; none for one that lacks tasks.
    pub rank: Option<MeanRank>,
    /// The mean of the middle half of all scores of studies.
    pub interquartile_mean: Option<InterquartileMean>,
    /// The dev score of the answers less their test score: what luck added.
    pub winners_curse: Option<Comparison>,
    /// Its score less that of the reference; none for the reference itself.
    pub against_reference: Option<Versus>,
    /// Calls until the score was that of the reference's answer in the mean of the task: the test score, where curves of it were asked
    /// for; else the dev score, of instructions that were scored on all dev rows.
    pub calls_to_reference: Option<CallsToReach>,
    /// The dev score of the best so far at so many calls to the target.
    pub curve: Vec<CurvePoint>,
    /// The test score of the best so far, where it was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub test_curve: Vec<CurvePoint>,
    /// What its studies used together.
    pub used: Account,
}

/// Two methods on the same tasks, seeds and rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Versus {
    /// The difference on these tasks.
    pub these_tasks: Comparison,
    /// The difference on tasks like these.
    pub tasks_like_these: Comparison,
    /// The p-values of these tasks corrected for the number of methods (Holm).
    pub corrected_p: f64,
    /// The same of tasks like these.
    pub corrected_p_of_tasks_like_these: f64,
    /// Tasks on which it is better, with an interval above 0.
    pub wins: usize,
    /// Tasks whose interval holds 0.
    pub ties: usize,
    /// Tasks on which it is worse.
    pub losses: usize,
    /// The smallest difference that these tasks, seeds and rows would tell from none four times in five.
    pub smallest_difference: Option<f64>,
}

/// Every two methods.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PairResult {
    /// The index of the first method.
    pub first: usize,
    /// The index of the second method.
    pub second: usize,
    /// The first less the second; corrected for the number of pairs.
    #[serde(flatten)]
    pub versus: Versus,
}

/// One task.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TaskResult {
    /// Its name.
    pub task: String,
    /// Its metric.
    pub metric: String,
    /// Rows of the dev split.
    pub dev_rows: usize,
    /// Rows of the test split.
    pub test_rows: usize,
    /// A hash of its examples.
    pub data: String,
    /// Each method on it; none without a complete study.
    pub cells: Vec<Option<CellScore>>,
}

/// A method on a task, over the seeds.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CellScore {
    /// The mean score.
    pub test: Estimate,
    /// The mean dev score of the answers.
    pub dev: f64,
    /// The score of each complete study.
    pub seeds: Vec<f64>,
    /// The instruction of the study with the median score.
    pub instruction: String,
    /// The dev score of the best so far at so many calls to the target.
    pub curve: Vec<CurvePoint>,
    /// The test score of the best so far, where it was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub test_curve: Vec<CurvePoint>,
}

impl ComparisonReport {
    /// What these runs came to, with these models.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use std::sync::Arc;
    /// use motjuste::budget::Budget;
    /// use motjuste::comparison::ComparisonReport;
    /// use motjuste::experiment::{Cell, Experiment};
    /// use motjuste::method::Registry;
    /// use motjuste::model::Scripted;
    /// use motjuste::study::Study;
    /// use motjuste::task::{Example, Task};
    ///
    /// let example = |input: &str| Example::new(input, ["x"]);
    /// let task = Task::new("t", vec![example("a")], vec![example("b")], vec![example("c")]).unwrap();
    /// let registry = Registry::built_in();
    /// let cells = ["uniform", "random-pick"].map(|name| Cell::named(&registry, name).unwrap());
    /// let budget = Budget { trials: Some(3), ..Budget::default() };
    /// let experiment = Experiment::new(vec![task], cells.into(), 0..2, budget).unwrap();
    /// let model = Arc::new(Scripted::new("m", |_| "x".into()));
    /// let study = |task| Ok(Study::of(task, model.clone()));
    /// let runs = experiment.run(&study, &()).await.unwrap();
    /// let report = ComparisonReport::of(&runs, "m", "m");
    /// assert_eq!(report.methods[0].test.unwrap().score, 1.0);
    /// assert_eq!(report.pairs[0].versus.corrected_p, 1.0);
    /// # });
    /// ```
    pub fn of(runs: &Runs<'_>, target: &str, generator: &str) -> Self {
        let experiment = runs.experiment;
        let table = Table { experiment, runs: &runs.runs };
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            about: About {
                target: target.to_owned(),
                generator: generator.to_owned(),
                seeds: experiment.seeds().collect(),
                budget: *experiment.each(),
                methods: experiment.cells().iter().map(|cell| cell.method.id()).collect(),
            },
            methods: methods::results(&table),
            tasks: tasks::results(&table),
            pairs: pairs::results(&table),
            studies: runs.runs.clone(),
            used: runs.used,
            ended_by: runs.end.clone(),
        }
    }

    /// The indices of the methods, the highest score first; behind them those that lack a task which others have,
    /// since theirs is the mean of other tasks; those without a score last.
    pub fn ranked(&self) -> Vec<usize> {
        let most = (0..self.methods.len()).map(|method| self.covered(method)).max();
        let key = |method: &usize| {
            let score = self.methods[*method].test.map_or(-1.0, |test| test.score);
            (Some(self.covered(*method)) == most, score)
        };
        let mut order: Vec<usize> = (0..self.methods.len()).collect();
        let by = |(whole, score): (bool, f64), (other, less): (bool, f64)| {
            other.cmp(&whole).then(less.total_cmp(&score))
        };
        order.sort_by(|a, b| by(key(a), key(b)));
        order
    }

    /// The number of tasks that a method has a score on.
    pub fn covered(&self, method: usize) -> usize {
        self.tasks.iter().filter(|task| task.cells[method].is_some()).count()
    }
}

/// The runs by method, task and seed.
struct Table<'a> {
    experiment: &'a Experiment,
    runs: &'a [CellRun],
}

impl<'a> Table<'a> {
    fn methods(&self) -> usize {
        self.experiment.cells().len()
    }

    fn tasks(&self) -> usize {
        self.experiment.tasks().len()
    }

    /// The complete studies of a method on a task, seed by seed.
    fn complete(&self, method: usize, task: usize) -> Vec<&'a CellRun> {
        let is_it = |run: &&CellRun| {
            run.state == RunState::Complete && (run.at.cell, run.at.task) == (method, task)
        };
        self.runs.iter().filter(is_it).collect()
    }

    /// The complete studies of two methods on a task that have the same seed.
    fn paired(&self, first: usize, second: usize, task: usize) -> Vec<(&'a CellRun, &'a CellRun)> {
        let others = self.complete(second, task);
        let pair = |run: &'a CellRun| {
            let other = others.iter().find(|other| other.at.seed == run.at.seed)?;
            Some((run, *other))
        };
        self.complete(first, task).into_iter().filter_map(pair).collect()
    }
}
