//! The cells of an experiment, a line each.

use motjuste::budget::Account;
use motjuste::experiment::{CellSummary, PairedDifference};
use motjuste::interval::{Difference, Estimate};
use motjuste_page::{Column, Table};

use super::{line, note, spent};

/// The cells beside the first of them.
pub(crate) fn cells(cells: &[CellSummary]) -> Table {
    let columns = [
        Column::text(""),
        Column::number("studies").at_least(8),
        Column::text("dev, 95 %").at_least(19),
        Column::text("test, 95 %").at_least(19),
        Column::number("calls").at_least(6),
        Column::text("test, difference to the first, 95 %"),
    ];
    Table::new("Cells", columns, cells.iter().map(row))
}

fn row(cell: &CellSummary) -> [String; 6] {
    [
        cell.cell.clone(),
        format!("{}/{}", cell.complete, cell.studies),
        score(cell.dev),
        score(cell.test),
        cell.target_calls.to_string(),
        cell.difference_to_baseline.as_ref().map_or("–".to_owned(), difference),
    ]
}

fn score(estimate: Option<Estimate>) -> String {
    let shown = |e: Estimate| format!("{:.2}  {:.2} to {:.2}", e.score, e.low, e.high);
    estimate.map_or("–".to_owned(), shown)
}

fn difference(PairedDifference { pairs, difference }: &PairedDifference) -> String {
    let Difference { value, low, high } = difference;
    format!("{value:+.2}  {low:+.2} to {high:+.2} ({pairs} pairs)")
}

/// What every role has used.
pub(crate) fn account(used: &Account) {
    used_lines(used).iter().for_each(|text| line(text));
}

/// What was used until a search failed, beside the output.
pub(crate) fn used_until_it_failed(used: &Account) {
    let lines = used_lines(used);
    if !lines.is_empty() {
        note("used until it failed, and kept:");
        lines.iter().for_each(|text| note(text));
    }
}

fn used_lines(used: &Account) -> Vec<String> {
    let roles = [
        ("target", &used.target),
        ("generator", &used.generator),
        ("judge", &used.judge),
        ("assessment", &used.assessment),
    ];
    let used = roles.iter().filter(|(_, spent)| spent.calls + spent.cache_hits > 0);
    used.map(|(name, spending)| spent(name, spending)).collect()
}
