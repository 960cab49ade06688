//! Every two methods, as a table.

use motjuste::comparison::{ComparisonReport, PairResult};

use super::contestants::contestants;
use super::words;
use crate::format;
use crate::{Column, Table};

/// Every two methods, the better one by its mean first: the difference with its interval and corrected p-value on these
/// tasks and on tasks like these, and tasks won, tied and lost.
///
/// ```
/// use motjuste::comparison::ComparisonReport;
/// fn print(report: &ComparisonReport) -> String {
///     motjuste_page::comparison::pairs(report).to_text()
/// }
/// ```
pub fn pairs(report: &ComparisonReport) -> Table {
    let columns = [
        Column::text("method"),
        Column::text("less"),
        Column::number("difference"),
        Column::number("95 % on these tasks"),
        Column::number("corrected p"),
        Column::number("95 % on tasks like these"),
        Column::number("corrected p, like these"),
        Column::number("wins/ties/losses"),
    ];
    let rows = ordered(report).into_iter().map(|(pair, sign)| row(report, pair, sign));
    Table::new("Every two methods", columns, rows)
}

/// The pairs in the order of the leaderboard, each with -1 where the second of it is the better.
pub(super) fn ordered(report: &ComparisonReport) -> Vec<(&PairResult, f64)> {
    let order = contestants(report);
    let place = |index: usize| {
        order.iter().find(|one| one.index == index).map_or(usize::MAX, |one| one.place)
    };
    let sign = |pair: &PairResult| if place(pair.first) < place(pair.second) { 1.0 } else { -1.0 };
    let mut all: Vec<(&PairResult, f64)> =
        report.pairs.iter().map(|pair| (pair, sign(pair))).collect();
    all.sort_by_key(|(pair, _)| {
        let places = [place(pair.first), place(pair.second)];
        (places[0].min(places[1]), places[0].max(places[1]))
    });
    all
}

fn row(report: &ComparisonReport, pair: &PairResult, sign: f64) -> [String; 8] {
    let versus = &pair.versus;
    let [these, others] = [versus.these_tasks, versus.tasks_like_these]
        .map(|comparison| words::turned(comparison.difference, sign));
    let name = |index: usize| report.methods[index].method.clone();
    let [first, second] = turned([name(pair.first), name(pair.second)], sign);
    let [wins, losses] = turned([versus.wins, versus.losses], sign);
    [
        first,
        second,
        format::signed(these.value),
        words::margin(these),
        format::p_value(versus.corrected_p),
        words::margin(others),
        format::p_value(versus.corrected_p_of_tasks_like_these),
        words::tally(wins, versus.ties, losses),
    ]
}

/// Two things in the other order where `sign` is -1.
pub(super) fn turned<T>([first, second]: [T; 2], sign: f64) -> [T; 2] {
    if sign < 0.0 { [second, first] } else { [first, second] }
}
