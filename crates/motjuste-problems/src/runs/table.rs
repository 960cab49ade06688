//! Pieces that the tables of both problems are made of.

use motjuste_page::{Column, Table};

use crate::spread::Spread;

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
