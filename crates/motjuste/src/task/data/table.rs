//! Rows of CSV and TSV files.

use std::path::Path;

use csv::StringRecord;
use serde_json::Value;

use super::Record;
use crate::example::Columns;
use crate::prompt::conversation;
use crate::{Error, Result};

/// The characters that divide columns in the files of this world.
const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

/// The rows of a table with a header. The delimiter is the one that stands most often in the header,
/// unless it is given.
pub(super) fn records(text: &str, delimiter: Option<char>, path: &Path) -> Result<Vec<Record>> {
    let (named, text) = naming(text);
    let skipped = u64::from(named.is_some());
    let delimiter = delimiter.or(named).unwrap_or_else(|| delimiter_of(text));
    let byte = u8::try_from(delimiter).map_err(|_| {
        Error::configuration(format!("the delimiter {delimiter:?} is not one byte"))
            .with_help("use one such as , ; | or a tab")
    })?;
    let mut reader = csv::ReaderBuilder::new().delimiter(byte).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| malformed(path, &error))?.clone();
    refuse_repeated(&header, path)?;
    let record = |record: Result<StringRecord, csv::Error>| {
        let record = record.map_err(|error| malformed(path, &error))?;
        let line = record.position().map_or(0, |at| line(text, at)) + skipped;
        Ok(Record { place: format!("line {line}"), columns: columns(&header, &record) })
    };
    reader.records().map(record).collect()
}

/// The line that a record begins on. Behind a line that ends with \r\n the reader stands in front of the \n still.
fn line(text: &str, at: &csv::Position) -> u64 {
    let byte = usize::try_from(at.byte()).ok().and_then(|at| text.as_bytes().get(at));
    at.line() + u64::from(byte == Some(&b'\n'))
}

/// The delimiter that a first line such as `sep=;` names, which spreadsheets read, and the table below it.
fn naming(text: &str) -> (Option<char>, &str) {
    let none = (None, text);
    let Some((first, rest)) = text.split_once('\n') else { return none };
    let first = first.strip_suffix('\r').unwrap_or(first).trim_matches('"');
    let Some(("sep", named)) = first.split_once('=') else { return none };
    let mut named = named.chars();
    match (named.next(), named.next()) {
        (Some(delimiter), None) => (Some(delimiter), rest),
        _ => none,
    }
}

/// The cells by the names of their columns; a column without a name is left out.
fn columns(header: &StringRecord, record: &StringRecord) -> Columns {
    let cells = header.iter().zip(record).filter(|(name, _)| !name.trim().is_empty());
    cells.map(|(name, cell)| (name.trim().to_owned(), value(cell))).collect()
}

/// A cell: its text, or, where that is a conversation as JSON, the conversation.
fn value(cell: &str) -> Value {
    let read = || serde_json::from_str::<Value>(cell).ok();
    let list = cell.trim_start().starts_with('[').then(read).flatten();
    list.filter(|list| conversation(list).is_some()).unwrap_or_else(|| Value::from(cell))
}

/// What stands most often between the quotes of the first line; the earlier of equals.
fn delimiter_of(text: &str) -> char {
    let mut is_quoted = false;
    let mut counts = DELIMITERS.map(|delimiter| (delimiter, 0));
    for character in text.chars() {
        match character {
            '"' => is_quoted = !is_quoted,
            '\n' | '\r' if !is_quoted => break,
            _ if is_quoted => {}
            _ => counts.iter_mut().filter(|(it, _)| *it == character).for_each(|it| it.1 += 1),
        }
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or(',', |(delimiter, _)| delimiter)
}

fn refuse_repeated(header: &StringRecord, path: &Path) -> Result<()> {
    let mut names: Vec<&str> = header.iter().map(str::trim).filter(|it| !it.is_empty()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        None => Ok(()),
        Some(pair) => {
            let message = format!("{}: two columns are called \"{}\"", path.display(), pair[0]);
            Err(Error::data(message).with_help("give every column a name of its own"))
        }
    }
}

fn malformed(path: &Path, error: &csv::Error) -> Error {
    let line =
        error.position().map_or(String::new(), |position| format!(", line {}", position.line()));
    Error::data(format!("{}{line}: {error}", path.display())).with_help(
        "every row needs as many cells as the header; a cell that holds the delimiter or a line \
         break stands in double quotes; [data] delimiter = \";\" names another delimiter",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Record>> {
        records(text, None, Path::new("a.csv"))
    }

    #[test]
    fn the_delimiter_is_found_in_the_header() {
        for (text, cell) in [
            ("input;output\r\n\"a; b\";1,5\r\n", "1,5"),
            ("input\toutput\na, b\tc\n", "c"),
            ("input,output\na,\"x\ny\"\n", "x\ny"),
            ("\"in,put\";output\na;b\n", "b"),
        ] {
            assert_eq!(read(text).unwrap()[0].columns["output"], cell, "{text}");
        }
    }

    #[test]
    fn a_first_line_may_name_the_delimiter() {
        for text in ["sep=;\r\na,b;c\r\n1;2\r\n", "\"sep=;\"\na,b;c\n1;2\n"] {
            let rows = read(text).unwrap();
            assert_eq!(
                (rows[0].columns["a,b"].as_str(), &rows[0].place[..]),
                (Some("1"), "line 3")
            );
        }
        assert_eq!(read("sep=,b\n1,2\n").unwrap()[0].columns["sep="], "1");
    }

    #[test]
    fn a_cell_may_hold_a_conversation() {
        let cell = r#""[{""role"": ""user"", ""content"": ""hot?""}]""#;
        let rows = read(&format!("chat,other\n{cell},[1]\n")).unwrap();
        assert_eq!(rows[0].columns["chat"][0]["content"], "hot?");
        assert_eq!(rows[0].columns["other"], "[1]");
    }

    #[test]
    fn rows_know_their_lines() {
        let rows = read("input,output\n\"a\nb\",1\nc,2\n").unwrap();
        assert_eq!([&rows[0].place, &rows[1].place], ["line 2", "line 4"]);
        let rows = read("input,output\r\n\"a\r\nb\",1\r\nc,2\r\n").unwrap();
        assert_eq!([&rows[0].place, &rows[1].place], ["line 2", "line 4"]);
        assert!(read("a,b\n1\n").unwrap_err().to_string().contains("line 2"));
        assert!(read("a,a\n1,2\n").unwrap_err().to_string().contains("\"a\""));
    }
}
