//! The rows that one of two methods alone gets right.

use motjuste::comparison::{ComparisonReport, RowPair, TaskRows, pooled};
use motjuste::statistics::McNemar;
use serde::Serialize;

use super::contestants::{name, scored};
use crate::format;
use crate::html::Html;
use crate::{Column, Table};

/// Rows that are shown of a task for each of two methods.
const SHOWN: usize = 12;

/// Two methods row by row.
#[derive(Debug, Serialize)]
pub(super) struct Differing {
    title: String,
    lead: String,
    table: Html,
    first: String,
    second: String,
    /// The rows of each task, where their inputs are known.
    tasks: Vec<Rows>,
}

#[derive(Debug, Serialize)]
struct Rows {
    fold: String,
    lines: Vec<Line>,
}

/// One row.
#[derive(Debug, Serialize)]
struct Line {
    number: usize,
    input: Html,
    first: String,
    second: String,
    better: String,
}

/// The leader beside the reference and beside the second.
pub(super) fn differing(report: &ComparisonReport, inputs: &[Vec<String>]) -> Vec<Differing> {
    matches(report)
        .into_iter()
        .filter_map(|(one, other)| Differing::of(report, one, other, inputs))
        .collect()
}

/// The leader and the reference, the leader and the second.
pub(super) fn matches(report: &ComparisonReport) -> Vec<(usize, usize)> {
    let [leader, second, ..] = scored(report)[..] else { return Vec::new() };
    let reference = (leader != 0).then_some((leader, 0));
    let others = (second != 0 || leader == 0).then_some((leader, second));
    reference.into_iter().chain(others).collect()
}

impl Differing {
    fn of(
        report: &ComparisonReport,
        one: usize,
        other: usize,
        inputs: &[Vec<String>],
    ) -> Option<Self> {
        let tasks = report.rows(one, other);
        if tasks.is_empty() {
            return None;
        }
        let (first, second) = (name(report, one), name(report, other));
        Some(Self {
            title: format!("{first} and {second}"),
            lead: lead(&tasks, &first, &second),
            table: table(report, &tasks, &first, &second).to_html(),
            tasks: tasks
                .iter()
                .filter_map(|task| Rows::of(report, task, inputs, [&first, &second]))
                .collect(),
            first,
            second,
        })
    }
}

fn lead(tasks: &[TaskRows], first: &str, second: &str) -> String {
    let all: usize = tasks.iter().map(|task| task.rows.len()).sum();
    let McNemar { only_first, only_second, exact_p, .. } = pooled(tasks);
    let seeds = tasks.iter().map(|task| task.seeds).max().unwrap_or(1);
    let (more, unit) = match seeds {
        1 => ("better", "McNemar's test"),
        _ => ("better on average over seeds", "a sign test of the rows' means over seeds"),
    };
    format!(
        "Of {} that both have a score for, {first} is {more} on {}, {second} on {} ({unit}, exact p\u{a0}{}; \
         rows of all tasks pooled, of these very instructions).",
        format::counted(all, "test row"),
        format::count(only_first),
        format::count(only_second),
        format::p_value(exact_p)
    )
}

fn table(report: &ComparisonReport, tasks: &[TaskRows], first: &str, second: &str) -> Table {
    let columns = [
        Column::text("task"),
        Column::number("rows"),
        Column::number("seeds"),
        Column::number(format!("better: {first}")),
        Column::number(format!("better: {second}")),
        Column::number("alike"),
        Column::number("exact p"),
    ];
    let name = |task: &TaskRows| report.tasks[task.task].task.clone();
    let rows = tasks
        .iter()
        .map(|task| counts(name(task), task.rows.len(), task.seeds.to_string(), task.test()));
    let all = tasks.iter().map(|task| task.rows.len()).sum();
    let sum =
        (tasks.len() > 1).then(|| counts("pooled".to_owned(), all, String::new(), pooled(tasks)));
    Table::new("Rows that one of two methods is better on", columns, rows.chain(sum))
}

fn counts(name: String, rows: usize, seeds: String, test: McNemar) -> [String; 7] {
    let alike = rows as u64 - test.only_first - test.only_second;
    [
        name,
        format::count(rows as u64),
        seeds,
        format::count(test.only_first),
        format::count(test.only_second),
        format::count(alike),
        format::p_value(test.exact_p),
    ]
}

impl Rows {
    /// The rows of a task whose inputs are known; none where all are alike.
    fn of(
        report: &ComparisonReport,
        task: &TaskRows,
        inputs: &[Vec<String>],
        names: [&str; 2],
    ) -> Option<Self> {
        let inputs = inputs.get(task.task).filter(|inputs| !inputs.is_empty())?;
        let (lines, all) = lines(task, inputs, names);
        let shown = if lines.len() < all { format!("{} of ", lines.len()) } else { String::new() };
        let of = format::visible(&report.tasks[task.task].task);
        let fold = format!("{of}: {shown}{} that differ", format::counted(all, "row"));
        (!lines.is_empty()).then_some(Self { fold, lines })
    }
}

/// The rows that differ, those that differ most first, and how many there are.
fn lines(task: &TaskRows, inputs: &[String], names: [&str; 2]) -> (Vec<Line>, usize) {
    let gap = |row: &RowPair| row.first - row.second;
    let mut rows: Vec<&RowPair> = task.rows.iter().filter(|row| gap(row) != 0.0).collect();
    rows.sort_by(|a, b| gap(b).abs().total_cmp(&gap(a).abs()).then(a.row.cmp(&b.row)));
    let of = |sign: f64| rows.iter().filter(move |row| gap(row) * sign > 0.0).take(SHOWN);
    let both = of(1.0).map(|row| (row, names[0])).chain(of(-1.0).map(|row| (row, names[1])));
    let lines = both.map(|(row, better)| line(row, inputs, better)).collect();
    (lines, rows.len())
}

fn line(row: &RowPair, inputs: &[String], better: &str) -> Line {
    Line {
        number: row.row,
        input: inputs.get(row.row).map_or(Html::new("–"), |input| format::text(input)),
        first: format::score(row.first),
        second: format::score(row.second),
        better: better.to_owned(),
    }
}
