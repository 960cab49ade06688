//! The methods over all tasks, the best first, as tables.

use motjuste::comparison::{ComparisonReport, MethodResult};

use super::contestants::{Contestant, contestants};
use super::words::{self, or_none};
use crate::format;
use crate::{Column, Table};

/// The widest name of a method in the narrow table, in letters.
const NAME: usize = 20;

/// What the columns of [`leaderboard`] are, in a sentence or two.
pub const LEGEND: &str = "test: mean test score with its 95 % interval on these tasks. vs ref.: the difference \
    to the reference; p: its p-value, corrected for the number of methods (Holm); w/t/l: tasks won, tied and \
    lost. rank: mean over tasks, 1 is best. gap: dev less test score. calls: to the target. done: studies \
    complete of those planned.";

/// The methods in a table that fits 100 columns of a terminal: the mean test score with its 95 % interval on these
/// tasks, the difference to the reference with its corrected p-value, tasks won, tied and lost, the mean rank, the dev
/// score less the test score, calls to the target, and studies complete of those planned ([`LEGEND`]). Long names are cut.
///
/// ```
/// use motjuste::comparison::ComparisonReport;
/// fn print(report: &ComparisonReport) -> String {
///     motjuste_page::comparison::leaderboard(report).to_text()
/// }
/// ```
pub fn leaderboard(report: &ComparisonReport) -> Table {
    let columns = [
        Column::number(""),
        Column::text("method"),
        Column::number("test"),
        Column::number("95 %"),
        Column::number("vs ref."),
        Column::number("p"),
        Column::number("w/t/l"),
        Column::number("rank"),
        Column::number("gap"),
        Column::number("calls"),
        Column::number("done"),
    ];
    let rows = contestants(report).into_iter().map(|one| narrow(&report.methods[one.index], &one));
    Table::new("Leaderboard", columns, rows)
}

fn narrow(method: &MethodResult, one: &Contestant) -> [String; 11] {
    let against = method.against_reference.as_ref();
    [
        one.place.to_string(),
        cut(&method.method),
        or_none(method.test, |test| format::score(test.score)),
        or_none(method.test, words::interval),
        if one.is_reference { "ref.".to_owned() } else { difference(method) },
        or_none(against, |versus| format::p_value(versus.corrected_p)),
        or_none(against, |versus| words::tally(versus.wins, versus.ties, versus.losses)),
        or_none(method.rank, |rank| format!("{:.1}", rank.rank)),
        or_none(method.winners_curse, |gap| format::signed(gap.difference.value)),
        format::count(method.used.target.calls),
        format!("{}/{}", method.complete, method.studies),
    ]
}

fn difference(method: &MethodResult) -> String {
    or_none(method.against_reference.as_ref(), |versus| {
        format::signed(versus.these_tasks.difference.value)
    })
}

/// A name in the letters that there is room for.
fn cut(name: &str) -> String {
    match name.char_indices().nth(NAME) {
        None => name.to_owned(),
        Some(_) => name.chars().take(NAME - 1).chain(['…']).collect(),
    }
}

/// The methods with all intervals, and p-values on these tasks and on tasks like these.
///
/// ```
/// use motjuste::comparison::ComparisonReport;
/// fn for_a_paper(report: &ComparisonReport) -> String {
///     motjuste_page::comparison::leaderboard_in_full(report).to_latex()
/// }
/// ```
pub fn leaderboard_in_full(report: &ComparisonReport) -> Table {
    let columns = [
        Column::text("method"),
        Column::number("test score"),
        Column::number("95 % on these tasks"),
        Column::number("less reference"),
        Column::number("corrected p"),
        Column::number("corrected p, tasks like these"),
        Column::number("wins/ties/losses"),
        Column::number("95 % on tasks like these"),
        Column::number("mean rank"),
        Column::number("interquartile mean"),
        Column::number("dev less test"),
        Column::number("calls to the reference's score"),
        Column::number("complete"),
    ];
    let tasks = report.tasks.len();
    let row = |one: Contestant| in_full(&report.methods[one.index], &one, tasks);
    let rows = contestants(report).into_iter().map(row);
    Table::new("Leaderboard", columns, rows)
}

fn in_full(method: &MethodResult, one: &Contestant, tasks: usize) -> [String; 13] {
    let against = method.against_reference.as_ref();
    let reference = if one.is_reference { " (reference)" } else { "" };
    [
        format!("{}{reference}", method.method),
        or_none(method.test, |test| format::score(test.score)),
        or_none(method.test, words::interval),
        or_none(against, |versus| words::with_margin(versus.these_tasks.difference)),
        or_none(against, |versus| format::p_value(versus.corrected_p)),
        or_none(against, |versus| format::p_value(versus.corrected_p_of_tasks_like_these)),
        or_none(against, |versus| words::tally(versus.wins, versus.ties, versus.losses)),
        or_none(method.test_of_tasks_like_these, words::interval),
        or_none(method.rank, |rank| words::rank(rank, tasks)),
        or_none(method.interquartile_mean, words::middle),
        or_none(method.winners_curse, |gap| words::with_margin(gap.difference)),
        or_none(method.calls_to_reference, words::reach),
        format!("{} of {}", method.complete, method.studies),
    ]
}

/// What each method used, role by role, each study as if it had paid for all of its calls; and what was really made
/// and paid.
///
/// ```
/// use motjuste::comparison::ComparisonReport;
/// fn print(report: &ComparisonReport) -> String {
///     motjuste_page::comparison::spending(report).to_text()
/// }
/// ```
pub fn spending(report: &ComparisonReport) -> Table {
    let columns = [
        Column::text("method"),
        Column::number("target calls"),
        Column::number("generator calls"),
        Column::number("judge calls"),
        Column::number("held-out calls"),
        Column::number("tokens"),
        Column::number("money"),
        Column::number("calls made"),
        Column::number("money paid"),
    ];
    let row = |one: Contestant| spent(&one.name, &report.methods[one.index].used);
    let all = spent("in all", &report.used);
    Table::new("Spending", columns, contestants(report).into_iter().map(row).chain([all]))
}

fn spent(name: &str, used: &motjuste::budget::Account) -> [String; 9] {
    let [target, generator, judge, assessment] =
        words::roles(used).map(|role| format::count(role.calls));
    [
        name.to_owned(),
        target,
        generator,
        judge,
        assessment,
        format::count(words::tokens(used)),
        words::money(used.usd()),
        format::count(used.made_calls()),
        words::money(used.paid_usd()),
    ]
}
