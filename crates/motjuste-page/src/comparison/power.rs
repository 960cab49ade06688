//! What these rows, seeds and tasks could have told.

use motjuste::comparison::{ComparisonReport, Power};

use super::contestants::{contestants, name};
use super::differing::matches;
use super::words::{NONE, or_none};
use crate::format;
use crate::{Column, Table};

/// Each method beside the reference, and the leader beside the second: the observed difference, the smallest one that
/// these rows, seeds and tasks tell from none four times in five, and the rows a task that would tell the observed
/// one.
///
/// ```
/// use motjuste::comparison::ComparisonReport;
/// fn print(report: &ComparisonReport) -> String {
///     motjuste_page::comparison::power(report).to_text()
/// }
/// ```
pub fn power(report: &ComparisonReport) -> Table {
    let columns = [
        Column::text("method"),
        Column::text("less"),
        Column::number("difference"),
        Column::number("smallest told"),
        Column::number("rows a task"),
        Column::number("rows to tell it"),
    ];
    let rows = couples(report).into_iter().filter_map(|(one, other)| {
        Some(row([name(report, one), name(report, other)], &report.power(one, other)?))
    });
    Table::new("What could have been told", columns, rows)
}

/// The leader and the second where neither is the reference; then every method and the reference.
fn couples(report: &ComparisonReport) -> Vec<(usize, usize)> {
    let among = matches(report).into_iter().filter(|(one, other)| *one != 0 && *other != 0);
    let others = contestants(report).into_iter().filter(|one| !one.is_reference);
    among.chain(others.map(|one| (one.index, 0))).collect()
}

fn row([one, other]: [String; 2], power: &Power) -> [String; 6] {
    [
        one,
        other,
        format::signed(power.observed),
        or_none(power.smallest, format::score),
        format::count(power.rows as u64),
        match power.rows_to_tell {
            Some(rows) => format::count(rows),
            None => NONE.to_owned(),
        },
    ]
}
