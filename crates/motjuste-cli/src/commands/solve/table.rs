//! Pieces that the tables of both problems are made of.

use motjuste::problem::Baseline;
use motjuste::solve::{Comparison, Counts, Spread};
use motjuste_page::{Column, Table};

/// A table of numbers, with a title above the names of its rows.
pub(super) fn of(
    title: String,
    numbers: impl IntoIterator<Item = &'static str>,
    rows: impl IntoIterator<Item = Vec<String>>,
) -> Table {
    let numbers = numbers.into_iter().map(Column::number);
    let columns = std::iter::once(Column::text(title.clone())).chain(numbers);
    Table::new(title, columns, rows)
}

/// The names of the methods of a comparison, the model's first, and what each reached.
pub(super) fn methods<P>(
    run: &Comparison<P>,
) -> impl Iterator<Item = (&'static str, &Baseline<P>)> {
    let others = run.others.iter().map(|other| (other.method, &other.reached));
    std::iter::once(("model", &run.model.reached)).chain(others)
}

/// Mean ± standard deviation.
pub(super) fn with_sd(spread: Option<Spread>) -> String {
    shown(spread, |spread| spread.sd)
}

/// Mean ± standard error.
pub(super) fn with_se(spread: Option<Spread>) -> String {
    shown(spread, |spread| spread.se)
}

fn shown(spread: Option<Spread>, width: impl Fn(&Spread) -> Option<f64>) -> String {
    let Some(spread) = spread else { return "–".to_owned() };
    match width(&spread) {
        Some(width) => format!("{:.1} ± {width:.1}", spread.mean),
        None => format!("{:.1}", spread.mean),
    }
}

/// What became of all replies, in words.
pub(super) fn replies<P>(runs: &[&Comparison<P>]) -> String {
    let Counts { replies, new, repeated, refused, reasons } =
        runs.iter().map(|run| &run.model.replies).sum();
    let most = reasons.iter().max_by_key(|(_, times)| **times);
    let why = most.map_or(String::new(), |(reason, times)| format!(" ({times} times: {reason})"));
    format!(
        "replies     {replies}: {new} new points, {repeated} known ones, {refused} without one{why}"
    )
}
