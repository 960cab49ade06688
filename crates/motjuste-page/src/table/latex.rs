//! A table as LaTeX.

use super::{Table, one_line};

impl Table {
    /// The table as LaTeX's `tabular` with the rules of the package `booktabs`, which a document needs to load. Every
    /// cell reads as it stands; letters beyond Latin need a font that has them.
    ///
    /// ```
    /// use motjuste_page::{Column, Table};
    /// let columns = [Column::text("method"), Column::number("difference")];
    /// let table = Table::new("Scores", columns, [["a_b & c", "−0.03"]]);
    /// assert_eq!(
    ///     table.to_latex(),
    ///     "\\begin{tabular}{lr}\n\\toprule\nmethod & difference \\\\\n\\midrule\n\
    ///      a\\_b \\& c & $-$0.03 \\\\\n\\bottomrule\n\\end{tabular}\n"
    /// );
    /// ```
    pub fn to_latex(&self) -> String {
        let places: String =
            self.columns.iter().map(|column| if column.is_number { 'r' } else { 'l' }).collect();
        let head = line(self.columns.iter().map(|column| column.name.as_str()));
        let rows: String =
            self.rows.iter().map(|row| line(row.iter().map(String::as_str))).collect();
        format!(
            "\\begin{{tabular}}{{{places}}}\n\\toprule\n{head}\\midrule\n{rows}\\bottomrule\n\
             \\end{{tabular}}\n"
        )
    }
}

fn line<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.map(escaped).collect();
    format!("{} \\\\\n", cells.join(" & "))
}

fn escaped(cell: &str) -> String {
    one_line(cell).chars().map(letter).collect()
}

fn letter(letter: char) -> String {
    let text = match letter {
        '\\' => "\\textbackslash{}",
        '~' => "\\textasciitilde{}",
        '^' => "\\textasciicircum{}",
        '<' => "\\textless{}",
        '>' => "\\textgreater{}",
        '|' => "\\textbar{}",
        // Two of them would become one other letter; a bracket or a star may belong to the end of the line before.
        '-' | '`' | '\'' | ',' | '"' | '[' | ']' | '*' => return format!("{{{letter}}}"),
        '−' => "$-$",
        '–' => "--",
        '×' => "$\\times$",
        '·' => "$\\cdot$",
        '…' => "\\dots{}",
        '⏎' => "$\\hookleftarrow$",
        '\u{a0}' => "~",
        '&' | '%' | '$' | '#' | '_' | '{' | '}' => return format!("\\{letter}"),
        _ => return letter.to_string(),
    };
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Column;

    #[test]
    fn nothing_in_a_cell_acts() {
        let hostile = "\\input{x} % & $a_b^c$ #1 ~ [2pt] --x ``y''\n\\\\";
        let latex = Table::new("", [Column::text("x")], [[hostile]]).to_latex();
        let row = latex.lines().nth(4).unwrap();
        assert_eq!(latex.lines().count(), 7, "{latex}");
        let commands = ["textbackslash", "textasciitilde", "textasciicircum", "hookleftarrow"];
        let rest = commands.iter().fold(row.to_owned(), |row, name| row.replace(name, ""));
        for part in rest.trim_end_matches(" \\\\").split('\\').skip(1) {
            assert!(part.starts_with(['{', '&', '%', '$', '#', '_', '}']), "{part} in {row}");
        }
        assert!(!row.contains("--") && !row.contains("``"), "{row}");
    }

    #[test]
    fn a_row_that_begins_with_a_bracket_is_no_argument_of_the_line_before() {
        assert_eq!(line(["[2pt]"].into_iter()), "{[}2pt{]} \\\\\n");
    }
}
