//! Response matrices, and methods on them.

use std::path::Path;

use motjuste::interval::Difference;
use motjuste::matrix::{Mark, Matrix, Measured};
use motjuste_page::{Column, Table};

use super::{json as print, line};
use crate::output::WrittenMatrix;

/// A matrix that was written.
pub(crate) fn matrix(matrix: &Matrix, path: &Path, json: bool) {
    let rows = matrix.lines.first().map_or(0, |line| line.dev.len() + line.test.len());
    let written =
        WrittenMatrix { instructions: matrix.lines.len(), rows, best: matrix.best(), file: path };
    match json {
        true => print(&written),
        false => line(&format!(
            "{} instructions on {rows} rows; the best has {:.2} on test: {}",
            written.instructions,
            written.best,
            path.display()
        )),
    }
}

/// Every method, a line each.
pub(crate) fn measured(methods: &[Measured]) -> Table {
    let marks = methods.first().map(|first| first.at.as_slice()).unwrap_or_default();
    let mut columns = vec![Column::text("")];
    for mark in marks {
        columns.push(Column::number(format!("at {}", mark.calls)));
        columns.push(Column::text("first ahead by, 95 %").at_least(28));
    }
    columns.push(Column::number("calls to 95 %"));
    columns.push(Column::number("reached"));
    Table::new("Test score of the answer so far", columns, methods.iter().map(row))
}

fn row(method: &Measured) -> Vec<String> {
    let mut row = vec![method.method.clone()];
    for mark in &method.at {
        row.push(format!("{:.3}", mark.test));
        row.push(ahead(mark));
    }
    row.push(method.calls_to_95.map_or("–".to_owned(), |calls| calls.to_string()));
    row.push(format!("{:.0} %", 100.0 * method.reached_95));
    row
}

fn ahead(mark: &Mark) -> String {
    let (Some(Difference { value, low, high }), Some([better, worse])) =
        (mark.behind_the_first, mark.tasks)
    else {
        return "–".to_owned();
    };
    format!("{value:+.3}  {low:+.3} to {high:+.3} ({better}:{worse})")
}
