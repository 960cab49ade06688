//! A small comparison.

use std::sync::Arc;

use super::ComparisonReport;
use crate::budget::Budget;
use crate::experiment::{Cell, CellRun, Experiment};
use crate::interval::Estimate;
use crate::method::Registry;
use crate::model::Scripted;
use crate::study::Study;
use crate::task::{Example, Task};

/// Two methods on two tasks with two seeds, whose studies are changed before they are compared.
pub(super) async fn report(change: impl Fn(&mut CellRun)) -> ComparisonReport {
    let registry = Registry::built_in();
    let cells = ["manual", "uniform"].map(|name| Cell::named(&registry, name).unwrap());
    let budget = Budget { trials: Some(2), ..Budget::default() };
    let tasks = ["t", "u"].map(task).into();
    let experiment = Experiment::new(tasks, cells.into(), 0..2, budget).unwrap();
    let model = Arc::new(Scripted::new("m", |_| "x".into()));
    let study = |task| Ok(Study::of(task, model.clone()));
    let mut runs = experiment.run(&study, &()).await.unwrap();
    runs.runs.iter_mut().for_each(change);
    ComparisonReport::of(&runs, "m", "m")
}

fn task(name: &str) -> Task {
    let example = |input: &str| Example::new(input, ["x"]);
    let test = ["c", "d", "e", "f"].map(example);
    Task::new(name, vec![example("a")], vec![example("b")], test.into()).unwrap()
}

/// The test scores of a study.
pub(super) fn score(run: &mut CellRun, scores: [Option<f64>; 4]) {
    run.test_scores = scores.to_vec();
    run.test = Some(Estimate::of(&scores.into_iter().flatten().collect::<Vec<_>>()));
}
