//! A table as comma-separated values.

use csv::{Terminator, WriterBuilder};

use super::Table;

impl Table {
    /// The table as CSV (RFC 4180): the names of the columns, then the rows, each ended by CR LF; a cell with a comma,
    /// a quote or a line break stands in quotes.
    ///
    /// A text that a spreadsheet would take for a formula, because it begins with `=`, `+`, `-`, `@`, a tab or a
    /// carriage return, has an apostrophe in front. Cells of number columns are as they are.
    ///
    /// ```
    /// use motjuste_page::{Column, Table};
    /// let columns = [Column::text("instruction"), Column::number("difference")];
    /// let table = Table::new("", columns, [["=1+1", "-0.5"], ["a, \"b\"", "0.25"]]);
    /// assert_eq!(
    ///     table.to_csv(),
    ///     "instruction,difference\r\n'=1+1,-0.5\r\n\"a, \"\"b\"\"\",0.25\r\n"
    /// );
    /// ```
    pub fn to_csv(&self) -> String {
        let mut writer = WriterBuilder::new()
            .terminator(Terminator::CRLF)
            .flexible(true)
            .from_writer(Vec::new());
        let head = self.columns.iter().map(|column| harmless(&column.name)).collect();
        let rows = self.rows.iter().map(|row| self.csv_row(row));
        for row in std::iter::once(head).chain(rows) {
            // Writing to memory has no way to fail.
            let _ = writer.write_record(&row);
        }
        String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
    }

    fn csv_row(&self, row: &[String]) -> Vec<String> {
        let cells = self.columns.iter().zip(row);
        cells
            .map(|(column, cell)| if column.is_number { cell.clone() } else { harmless(cell) })
            .collect()
    }
}

/// A text that no spreadsheet computes.
fn harmless(text: &str) -> String {
    // Some spreadsheets read the wide forms as the narrow ones.
    let starts = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
    if text.starts_with(starts) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use crate::{Column, Table};

    #[test]
    fn what_is_written_is_what_a_reader_reads() {
        let columns = [Column::text("name"), Column::text("text"), Column::number("n")];
        let cells = ["a;b", "two\r\nlines, \"quoted\" ␛ 翻訳", "-1.5e-7"];
        let csv = Table::new("", columns, [cells]).to_csv();
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        assert_eq!(reader.headers().unwrap(), &csv::StringRecord::from(vec!["name", "text", "n"]));
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows, [csv::StringRecord::from(cells.to_vec())]);
    }

    #[test]
    fn no_text_begins_like_a_formula() {
        for text in ["=A1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"] {
            let csv = Table::new("", [Column::text("x")], [[text]]).to_csv();
            let cell = csv.split_once("\r\n").unwrap().1.trim_start_matches('"');
            assert!(cell.starts_with('\''), "{csv:?}");
        }
    }
}
