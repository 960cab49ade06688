//! A table as Markdown.

use super::{Table, one_line};

/// What Markdown would read as more than a letter.
const SPECIAL: [char; 11] = ['\\', '|', '*', '_', '`', '[', ']', '~', '$', '#', '^'];

impl Table {
    /// The table as Markdown (GitHub's form), with numbers to the right. Every cell reads as it stands: letters that
    /// mean something to Markdown or HTML are escaped, and line breaks and control characters made visible.
    ///
    /// ```
    /// use motjuste_page::{Column, Table};
    /// let columns = [Column::text("method"), Column::number("score")];
    /// let table = Table::new("Scores", columns, [["a|b", "0.50"]]);
    /// assert_eq!(table.to_markdown(), "| method | score |\n| :-- | --: |\n| a\\|b | 0.50 |\n");
    /// ```
    pub fn to_markdown(&self) -> String {
        let head = line(self.columns.iter().map(|column| escaped(&column.name)));
        let rules = self.columns.iter().map(|column| if column.is_number { "--:" } else { ":--" });
        let rows = self.rows.iter().map(|row| line(row.iter().map(|cell| escaped(cell))));
        head + &line(rules.map(str::to_owned)) + &rows.collect::<String>()
    }
}

fn line(cells: impl Iterator<Item = String>) -> String {
    format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
}

fn escaped(cell: &str) -> String {
    let letter = |letter: char| match letter {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        _ if SPECIAL.contains(&letter) => format!("\\{letter}"),
        _ => letter.to_string(),
    };
    one_line(cell).chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use crate::{Column, Table};

    #[test]
    fn a_row_is_one_line_with_as_many_cells_as_columns() {
        let hostile = "a | b\n<script>\\| `x` **b** [l](u) $x$ \u{1b}[31m";
        let columns = [Column::text("x"), Column::number("y")];
        let markdown = Table::new("", columns, [[hostile, "1"]]).to_markdown();
        assert_eq!(markdown.lines().count(), 3);
        let row = markdown.lines().last().unwrap();
        // A bar is a border unless an odd number of backslashes stands in front.
        let bars = row.replace("\\\\", "").replace("\\|", "").matches('|').count();
        assert_eq!(bars, 3, "{row}");
        assert!(!row.contains('<') && !row.contains('\u{1b}') && !row.contains("[l](u"), "{row}");
    }
}
