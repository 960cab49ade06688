//! The studies, as a table.

use motjuste::comparison::ComparisonReport;
use motjuste::experiment::{CellRun, RunState};

use super::words::{self, or_none};
use crate::format;
use crate::{Column, Table};

/// The studies in the order in which they were run: how far each came, its scores and what it used.
///
/// ```
/// use motjuste::comparison::ComparisonReport;
/// fn print(report: &ComparisonReport) -> String {
///     motjuste_page::comparison::studies(report).to_text()
/// }
/// ```
pub fn studies(report: &ComparisonReport) -> Table {
    let columns = [
        Column::text("method"),
        Column::text("task"),
        Column::number("seed"),
        Column::text("state"),
        Column::number("dev"),
        Column::number("test"),
        Column::number("95 %"),
        Column::number("trials"),
        Column::number("target calls"),
        Column::number("money"),
    ];
    let rows = report.studies.iter().map(|run| row(report, run));
    Table::new("Studies", columns, rows)
}

fn row(report: &ComparisonReport, run: &CellRun) -> [String; 10] {
    [
        report.methods[run.at.cell].method.clone(),
        run.task.clone(),
        run.at.seed.to_string(),
        state(run.state).to_owned(),
        or_none(run.dev, format::score),
        or_none(run.test, |test| format::score(test.score)),
        or_none(run.test, words::interval),
        format::count(run.trials as u64),
        format::count(run.account.target.calls),
        words::money(run.account.usd()),
    ]
}

/// How far a study came, in words.
pub(super) fn state(state: RunState) -> &'static str {
    match state {
        RunState::Complete => "complete",
        RunState::Cut => "cut",
        RunState::NotReached => "not reached",
        RunState::Failed => "failed",
    }
}
