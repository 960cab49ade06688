//! The methods on each task, as a table.

use motjuste::comparison::{ComparisonReport, TaskResult};

use super::contestants::{Contestant, contestants};
use super::words::or_none;
use crate::format;
use crate::{Column, Table};

/// The mean test score of each method on each task, the best method first.
///
/// ```
/// use motjuste::comparison::ComparisonReport;
/// fn print(report: &ComparisonReport) -> String {
///     motjuste_page::comparison::by_task(report).to_text()
/// }
/// ```
pub fn by_task(report: &ComparisonReport) -> Table {
    let methods = contestants(report);
    let rows = report.tasks.iter().map(|task| scores(task, &methods)).chain([means(report)]);
    let named = methods.iter().map(|one| Column::number(&one.name));
    Table::new("Scores by task", std::iter::once(Column::text("task")).chain(named), rows)
}

fn scores(task: &TaskResult, methods: &[Contestant]) -> Vec<String> {
    let score = |one: &Contestant| {
        or_none(task.cells[one.index].as_ref(), |cell| format::score(cell.test.score))
    };
    std::iter::once(task.task.clone()).chain(methods.iter().map(score)).collect()
}

/// The means over the tasks that a method has.
fn means(report: &ComparisonReport) -> Vec<String> {
    let mean = |index: usize| or_none(report.methods[index].test, |test| format::score(test.score));
    let means = report.ranked().into_iter().map(mean);
    std::iter::once("mean".to_owned()).chain(means).collect()
}
