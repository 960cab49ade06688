//! The same tables for programs: every number in full, in a column of its own, and nothing where there is none. Made for
//! [`Table::to_csv`].
//!
//! ```
//! use motjuste::comparison::ComparisonReport;
//! use motjuste_page::comparison::data;
//! fn files(report: &ComparisonReport) -> [(&'static str, String); 4] {
//!     [
//!         ("leaderboard.csv", data::leaderboard(report).to_csv()),
//!         ("tasks.csv", data::by_task(report).to_csv()),
//!         ("pairs.csv", data::pairs(report).to_csv()),
//!         ("studies.csv", data::studies(report).to_csv()),
//!     ]
//! }
//! ```

use motjuste::budget::Account;
use motjuste::comparison::{CellScore, ComparisonReport, MethodResult, PairResult, Versus};
use motjuste::experiment::CellRun;
use motjuste::interval::Estimate;
use motjuste::statistics::Comparison;

use super::{studies as in_words, words};
use crate::{Column, Table};

/// Cells of one row, one after the other.
type Cells = Vec<String>;

/// The methods over all tasks, the best first.
pub fn leaderboard(report: &ComparisonReport) -> Table {
    let numbers = "test test_low test_high like_these_low like_these_high dev rank rank_low rank_high \
                   interquartile_mean interquartile_mean_low interquartile_mean_high dev_less_test \
                   dev_less_test_low dev_less_test_high reference_calls_share reference_calls_median complete \
                   studies";
    let columns = texts(&["method"]).chain(named(numbers)).chain(named(VERSUS)).chain(named(USED));
    let rows = report.ranked().into_iter().map(|index| method(&report.methods[index]));
    Table::new("Leaderboard", columns, rows)
}

fn method(method: &MethodResult) -> Cells {
    let rank = method.rank.map(|rank| [rank.rank, rank.low, rank.high]);
    let middle = method.interquartile_mean;
    let gap = method.winners_curse.map(|gap| gap.difference);
    let reach = method.calls_to_reference;
    [
        vec![method.method.clone()],
        estimate(method.test),
        estimate(method.test_of_tasks_like_these)[1..].to_vec(),
        vec![number(method.dev.map(|dev| dev.score))],
        numbers(rank),
        vec![number(middle.map(|it| it.value))],
        vec![number(middle.and_then(|it| it.low)), number(middle.and_then(|it| it.high))],
        numbers(gap.map(|gap| [gap.value, gap.low, gap.high])),
        vec![number(reach.map(|it| it.share.score)), whole(reach.and_then(|it| it.median))],
        vec![method.complete.to_string(), method.studies.to_string()],
        versus(method.against_reference.as_ref()),
        used(&method.used),
    ]
    .concat()
}

/// Each method on each task, one row for each of them that has a complete study.
pub fn by_task(report: &ComparisonReport) -> Table {
    let columns = texts(&["task", "metric", "data", "method"])
        .chain(named("dev_rows test_rows test test_low test_high dev seeds"))
        .chain(texts(&["instruction"]));
    let rows = report.tasks.iter().flat_map(|task| {
        let about = [&task.task, &task.metric, &task.data].map(Clone::clone);
        let sizes = [task.dev_rows, task.test_rows].map(|rows| rows.to_string());
        let cells = report.ranked().into_iter().filter_map(|index| {
            Some((report.methods[index].method.clone(), task.cells[index].as_ref()?))
        });
        cells.map(move |(method, cell)| {
            [about.to_vec(), vec![method], sizes.to_vec(), on_task(cell)].concat()
        })
    });
    Table::new("Scores by task", columns, rows)
}

fn on_task(cell: &CellScore) -> Cells {
    let rest = [number(Some(cell.dev)), cell.seeds.len().to_string(), cell.instruction.clone()];
    [estimate(Some(cell.test)), rest.to_vec()].concat()
}

/// Every two methods in the order in which they were given, the first less the second.
pub fn pairs(report: &ComparisonReport) -> Table {
    let columns = texts(&["first", "second"]).chain(named(VERSUS));
    let name = |index: usize| report.methods[index].method.clone();
    let row = |pair: &PairResult| {
        [vec![name(pair.first), name(pair.second)], versus(Some(&pair.versus))].concat()
    };
    Table::new("Every two methods", columns, report.pairs.iter().map(row))
}

/// The studies, complete or not, in the order in which they were run.
pub fn studies(report: &ComparisonReport) -> Table {
    let columns = texts(&["method", "task", "state"])
        .chain(named("seed dev test test_low test_high test_rows trials"))
        .chain(named(USED))
        .chain(texts(&["study", "instruction", "failure"]));
    Table::new("Studies", columns, report.studies.iter().map(|run| study(report, run)))
}

fn study(report: &ComparisonReport, run: &CellRun) -> Cells {
    let scored = run.test.map(|test| test.n.to_string()).unwrap_or_default();
    [
        vec![report.methods[run.at.cell].method.clone(), run.task.clone()],
        vec![in_words::state(run.state).to_owned(), run.at.seed.to_string(), number(run.dev)],
        estimate(run.test),
        vec![scored, run.trials.to_string()],
        used(&run.account),
        [&run.study, &run.instruction, &run.failure]
            .map(|text| text.clone().unwrap_or_default())
            .to_vec(),
    ]
    .concat()
}

/// The columns of a [`Versus`].
const VERSUS: &str = "difference difference_low difference_high p corrected_p like_these_difference_low \
                      like_these_difference_high like_these_p like_these_corrected_p wins ties losses \
                      smallest_difference";

fn versus(versus: Option<&Versus>) -> Cells {
    let Some(versus) = versus else { return vec![String::new(); named(VERSUS).count()] };
    let counts = [versus.wins, versus.ties, versus.losses].map(|tasks| tasks.to_string());
    [
        comparison(versus.these_tasks, versus.corrected_p),
        comparison(versus.tasks_like_these, versus.corrected_p_of_tasks_like_these)[1..].to_vec(),
        counts.to_vec(),
        vec![number(versus.smallest_difference)],
    ]
    .concat()
}

fn comparison(comparison: Comparison, corrected_p: f64) -> Cells {
    let difference = comparison.difference;
    let values =
        [difference.value, difference.low, difference.high, comparison.p_value, corrected_p];
    values.map(|value| number(Some(value))).to_vec()
}

/// The columns of an [`Account`].
const USED: &str =
    "target_calls generator_calls judge_calls assessment_calls calls_made tokens usd usd_paid";

fn used(used: &Account) -> Cells {
    let calls = words::roles(used).map(|role| role.calls.to_string());
    let sums = [used.made_calls().to_string(), words::tokens(used).to_string()];
    let money = [used.usd(), used.paid_usd()].map(|usd| number(Some(usd.as_dollars())));
    [calls.to_vec(), sums.to_vec(), money.to_vec()].concat()
}

fn estimate(estimate: Option<Estimate>) -> Cells {
    numbers(estimate.map(|it| [it.score, it.low, it.high]))
}

fn numbers(values: Option<[f64; 3]>) -> Cells {
    values.map_or(vec![String::new(); 3], |values| values.map(|one| number(Some(one))).to_vec())
}

fn number(value: Option<f64>) -> String {
    value.filter(|value| value.is_finite()).map(|value| value.to_string()).unwrap_or_default()
}

fn whole(value: Option<u64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn texts<'a>(names: &'a [&'a str]) -> impl Iterator<Item = Column> + 'a {
    names.iter().map(|name| Column::text(*name))
}

fn named(names: &str) -> impl Iterator<Item = Column> {
    names.split_whitespace().map(Column::number)
}
