//! The instruction that each method came to, side by side, task by task.

use motjuste::comparison::{ComparisonReport, TaskResult};
use serde::Serialize;

use super::contestants::{Contestant, contestants};
use crate::format;
use crate::html::Html;

/// The instructions of one task.
#[derive(Debug, Serialize)]
pub(super) struct Winners {
    task: String,
    note: String,
    /// Whether it is shown at once.
    is_open: bool,
    lines: Vec<Line>,
}

#[derive(Debug, Serialize)]
struct Line {
    #[serde(flatten)]
    one: Contestant,
    is_best: bool,
    score: String,
    bar: String,
    dev: String,
    instruction: Html,
}

/// The tasks that have a complete study.
pub(super) fn winners(report: &ComparisonReport) -> Vec<Winners> {
    let methods = contestants(report);
    let of_task = |(index, task): (usize, &TaskResult)| Winners {
        task: format::visible(&task.task),
        note: format::visible(&task.metric),
        is_open: index == 0,
        lines: lines(task, &methods),
    };
    let all = report.tasks.iter().enumerate().map(of_task);
    all.filter(|task| !task.lines.is_empty()).collect()
}

fn lines(task: &TaskResult, methods: &[Contestant]) -> Vec<Line> {
    let best = task.cells.iter().flatten().map(|cell| cell.test.score).reduce(f64::max);
    let line = |one: &Contestant| {
        let cell = task.cells[one.index].as_ref()?;
        Some(Line {
            one: one.clone(),
            is_best: Some(cell.test.score) == best,
            score: format::score(cell.test.score),
            bar: format!("{:.1}", cell.test.score.clamp(0.0, 1.0) * 100.0),
            dev: format::score(cell.dev),
            instruction: format::text(&cell.instruction),
        })
    };
    methods.iter().filter_map(line).collect()
}
