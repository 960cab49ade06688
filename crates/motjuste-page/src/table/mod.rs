//! A table: as aligned text for a terminal, as HTML for a page, as CSV, Markdown and LaTeX for files.

mod csv;
mod latex;
mod markdown;

use unicode_width::UnicodeWidthStr;

use crate::format;
use crate::html::Html;

/// What stands between two columns of text.
const GAP: &str = "  ";

/// A table of text. The first column names the rows.
///
/// ```
/// use motjuste_page::{Column, Table};
/// let columns = [Column::text("method"), Column::number("found")];
/// let rows = [["random search", "0 of 5"], ["2-opt", "5 of 5"]];
/// let table = Table::new("What each method found", columns, rows);
/// assert_eq!(
///     table.to_text(),
///     "method          found\n\
///      random search  0 of 5\n\
///      2-opt          5 of 5"
/// );
/// assert!(table.to_html().to_string().contains("<th scope=\"row\">2-opt</th>"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    label: String,
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

/// A column of a table: its name, and how its cells are aligned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    name: String,
    is_number: bool,
    min_width: usize,
}

impl Column {
    /// A column of text, aligned to the left.
    pub fn text(name: impl Into<String>) -> Self {
        Self { name: name.into(), is_number: false, min_width: 0 }
    }

    /// A column of numbers, aligned to the right.
    pub fn number(name: impl Into<String>) -> Self {
        Self { is_number: true, ..Self::text(name) }
    }

    /// The same column, in text never narrower than `width` letters.
    pub fn at_least(self, width: usize) -> Self {
        Self { min_width: width, ..self }
    }

    /// The cell, filled up with blanks to `width`.
    fn aligned(&self, cell: &str, width: usize) -> String {
        let blanks = " ".repeat(width.saturating_sub(cell.width()));
        if self.is_number { blanks + cell } else { cell.to_owned() + &blanks }
    }
}

impl Table {
    /// A table of these rows, each with a cell for every column. `label` says what they are of to
    /// those who do not see the page.
    pub fn new<R>(
        label: impl Into<String>,
        columns: impl IntoIterator<Item = Column>,
        rows: impl IntoIterator<Item = R>,
    ) -> Self
    where
        R: IntoIterator,
        R::Item: Into<String>,
    {
        let row = |row: R| row.into_iter().map(Into::into).collect();
        Self {
            label: label.into(),
            columns: columns.into_iter().collect(),
            rows: rows.into_iter().map(row).collect(),
        }
    }

    /// The same table without some of its columns.
    pub(crate) fn without(self, names: &[&str]) -> Self {
        let is_kept = |column: &Column| !names.contains(&column.name.as_str());
        let kept: Vec<bool> = self.columns.iter().map(is_kept).collect();
        let row = |row: Vec<String>| {
            row.into_iter().zip(&kept).filter_map(|(cell, kept)| kept.then_some(cell)).collect()
        };
        Self {
            rows: self.rows.into_iter().map(row).collect(),
            columns: self.columns.into_iter().filter(is_kept).collect(),
            label: self.label,
        }
    }

    /// Lines of text, every column as wide as its widest cell on a terminal: a Chinese letter takes
    /// two columns there, a combining mark none.
    ///
    /// Line breaks and control characters in a cell are made visible, so that each row is one line
    /// and acts on no terminal.
    pub fn to_text(&self) -> String {
        let head = self.columns.iter().map(|column| one_line(&column.name)).collect();
        let rows = self.rows.iter().map(|row| row.iter().map(|cell| one_line(cell)).collect());
        let lines: Vec<Vec<String>> = std::iter::once(head).chain(rows).collect();
        let widths: Vec<usize> = self
            .columns
            .iter()
            .enumerate()
            .map(|(index, column)| width(column, index, &lines))
            .collect();
        lines.iter().map(|line| self.line(line, &widths)).collect::<Vec<_>>().join("\n")
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let cells = self.columns.iter().zip(cells).zip(widths);
        let aligned: Vec<_> =
            cells.map(|((column, cell), width)| column.aligned(cell, *width)).collect();
        aligned.join(GAP).trim_end().to_owned()
    }

    /// A `<table>` in a frame that scrolls where it is too wide.
    pub fn to_html(&self) -> Html {
        let head: String = self.columns.iter().map(head_cell).collect();
        let rows: String = self.rows.iter().map(|row| self.html_row(row)).collect();
        Html::new(format!(
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">\n\
             <table class=\"ledger plain\">\n<thead><tr>{head}</tr></thead>\n\
             <tbody>\n{rows}</tbody>\n</table>\n</div>\n",
            format::escaped(&self.label)
        ))
    }

    fn html_row(&self, row: &[String]) -> String {
        let cells = self.columns.iter().zip(row).enumerate();
        let cells = cells.map(|(index, (column, cell))| match (index, column.is_number) {
            (0, _) => format!("<th scope=\"row\">{}</th>", format::escaped(cell)),
            (_, true) => format!("<td class=\"value\">{}</td>", format::escaped(cell)),
            (_, false) => format!("<td>{}</td>", format::escaped(cell)),
        });
        format!("<tr>{}</tr>\n", cells.collect::<String>())
    }
}

fn head_cell(column: &Column) -> String {
    let class = if column.is_number { " class=\"value\"" } else { "" };
    format!("<th scope=\"col\"{class}>{}</th>", format::escaped(&column.name))
}

/// How wide a column is on a terminal.
fn width(column: &Column, index: usize, lines: &[Vec<String>]) -> usize {
    let cells = lines.iter().filter_map(|line| line.get(index));
    cells.map(|cell| cell.width()).max().unwrap_or_default().max(column.min_width)
}

/// A cell on one line, without anything that acts on a terminal.
fn one_line(cell: &str) -> String {
    let is_break = |letter| matches!(letter, '\n' | '\r' | '\t');
    format::visible(&cell.replace("\r\n", "\n").replace(is_break, "⏎"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(names: &[&str]) -> Table {
        let columns = [Column::text("name"), Column::number("score"), Column::text("")];
        let row = |name: &&str| [(*name).to_owned(), "0.5".to_owned(), "|".to_owned()];
        Table::new("Names", columns, names.iter().map(row))
    }

    /// Where the last column begins, in columns of a terminal.
    fn last_column(line: &str) -> usize {
        line.strip_suffix('|').unwrap().width()
    }

    #[test]
    fn columns_align_whatever_the_letters() {
        // Two columns a letter; a letter with a mark behind it; one picture from three letters.
        let wide = ["plain", "翻訳する", "e\u{301}te\u{301}", "👩\u{200d}🚀 go", "اكتب"];
        let text = table(&wide).to_text();
        let columns: Vec<usize> = text.lines().skip(1).map(last_column).collect();
        assert_eq!(columns, [17; 5], "{text}");
    }

    #[test]
    fn the_known_widths_of_letters_are_those_of_a_terminal() {
        assert_eq!(
            ["翻訳", "e\u{301}", "👩\u{200d}🚀", "ab"].map(UnicodeWidthStr::width),
            [4, 1, 2, 2]
        );
    }

    #[test]
    fn a_row_is_one_line_and_acts_on_no_terminal() {
        let text = table(&["a\r\nb\tc", "\u{1b}[31mred", "\u{202e}olleh"]).to_text();
        assert_eq!(text.lines().count(), 4);
        assert!(text.contains("a⏎b⏎c") && text.contains("␛[31mred") && !text.contains('\u{202e}'));
    }

    #[test]
    fn a_column_keeps_its_least_width_and_lines_end_without_blanks() {
        let columns =
            [Column::text("").at_least(10), Column::number("dev").at_least(5), Column::text("")];
        let table = Table::new("", columns, [["winner", "1.00", ""], ["manual", "0.55", "x"]]);
        assert_eq!(table.to_text(), "              dev\nwinner       1.00\nmanual       0.55  x");
    }

    #[test]
    fn the_page_shows_text_as_text() {
        let html =
            Table::new("<i>", [Column::text("<b>")], [["a & <script>"]]).to_html().to_string();
        assert!(html.contains("&lt;b&gt;") && html.contains("a &amp; &lt;script&gt;"));
        assert!(!html.contains("<script") && !html.contains("<i>"));
    }
}
