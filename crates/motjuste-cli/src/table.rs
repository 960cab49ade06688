//! A table of text: on a terminal and on a page.

use serde::Serialize;

use crate::summary;

/// A table of text, with a title where the first column's name would be.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Table {
    /// What the rows are of.
    pub title: String,
    /// The names of all columns but the first.
    pub head: Vec<&'static str>,
    /// The rows, with their names first.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// A table of these rows.
    pub(crate) fn new(
        title: String,
        head: impl IntoIterator<Item = &'static str>,
        rows: impl IntoIterator<Item = Vec<String>>,
    ) -> Self {
        Self { title, head: head.into_iter().collect(), rows: rows.into_iter().collect() }
    }

    /// Prints it, every column as wide as it needs.
    pub(crate) fn print(&self) {
        let head = std::iter::once(self.title.as_str()).chain(self.head.iter().copied());
        let head: Vec<String> = head.map(str::to_owned).collect();
        let widths: Vec<usize> = (0..head.len()).map(|column| self.width(&head, column)).collect();
        for row in std::iter::once(&head).chain(&self.rows) {
            let (first, others) = (&row[0], row.iter().zip(&widths).skip(1));
            let others: String = others.map(|(cell, width)| format!("  {cell:>width$}")).collect();
            summary::line(&format!("{first:<0$}{others}", widths[0]));
        }
        summary::line("");
    }

    fn width(&self, head: &[String], column: usize) -> usize {
        let rows = std::iter::once(head).chain(self.rows.iter().map(Vec::as_slice));
        let cells = rows.filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    }
}
