//! Rows of JSON files: one object a line, an array of objects, an object that holds one, or one of columns.

use std::path::Path;

use serde_json::Value;

use super::Record;
use super::unique::Unique;
use crate::{Error, Result};

/// The rows of a JSONL file, of a JSON array, of the one list of objects in a JSON object, or of an object of
/// columns.
pub(super) fn records(text: &str, path: &Path) -> Result<Vec<Record>> {
    let mut values = values(text, path)?;
    if let [(_, only)] = values.as_mut_slice()
        && let Some(rows) = list_in(only).or_else(|| of_columns(only))
    {
        let place = |index: usize| format!("record {}", index + 1);
        let rows = rows.into_iter().enumerate().map(|(index, row)| (place(index), row));
        return rows.map(|(place, row)| record(place, row, path)).collect();
    }
    values.into_iter().map(|(line, value)| record(format!("line {line}"), value, path)).collect()
}

/// Every value of the file with the line that it begins in.
fn values(text: &str, path: &Path) -> Result<Vec<(usize, Value)>> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Unique>();
    let (mut values, mut line, mut counted) = (Vec::new(), 1, 0);
    loop {
        let rest = &text[stream.byte_offset()..];
        let start = text.len() - rest.trim_start().len();
        line += text[counted..start].matches('\n').count();
        counted = start;
        match stream.next() {
            None => return Ok(values),
            Some(Ok(Unique(value))) => values.push((line, value)),
            Some(Err(error)) => return Err(malformed(path, line.max(error.line()), &error)),
        }
    }
}

/// The rows, where one value holds them all.
fn list_in(value: &mut Value) -> Option<Vec<Value>> {
    let is_rows = |value: &Value| {
        value.as_array().is_some_and(|rows| !rows.is_empty() && rows.iter().all(Value::is_object))
    };
    match value {
        Value::Array(rows) => Some(std::mem::take(rows)),
        Value::Object(members) => {
            let mut lists = members.iter_mut().filter(|(_, value)| is_rows(value));
            match (lists.next(), lists.next()) {
                (Some((_, Value::Array(rows))), None) if !is_conversation(rows) => {
                    Some(std::mem::take(rows))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// The rows of columns that are lists of one length, or objects with the same keys, as tables are written that are
/// held by column: `{"a": [1, 2], "b": [3, 4]}`, `{"a": {"0": 1, "1": 2}, …}`.
fn of_columns(value: &Value) -> Option<Vec<Value>> {
    let columns = value.as_object()?;
    let cells = columns.iter().map(|(name, column)| Some((name, cells(column)?)));
    let cells: Vec<(&String, Vec<&Value>)> = cells.collect::<Option<_>>()?;
    let length = cells.first()?.1.len();
    let is_table =
        columns.len() > 1 && length > 1 && cells.iter().all(|(_, it)| it.len() == length);
    let row =
        |index: usize| cells.iter().map(move |(name, it)| ((*name).clone(), it[index].clone()));
    is_table.then(|| (0..length).map(|index| Value::Object(row(index).collect())).collect())
}

/// The cells of a column: a list's, or those of an object whose keys count the rows.
fn cells(column: &Value) -> Option<Vec<&Value>> {
    match column {
        Value::Array(cells) => Some(cells.iter().collect()),
        Value::Object(cells) => {
            let numbered = cells.iter().map(|(key, cell)| Some((key.parse::<u64>().ok()?, cell)));
            let mut numbered: Vec<(u64, &Value)> = numbered.collect::<Option<_>>()?;
            numbered.sort_by_key(|(number, _)| *number);
            Some(numbered.into_iter().map(|(_, cell)| cell).collect())
        }
        _ => None,
    }
}

/// Whether a list is the conversation of one row, and not a list of rows.
fn is_conversation(rows: &[Value]) -> bool {
    rows.iter().all(|row| row.get("role").is_some() && row.get("content").is_some())
}

fn record(place: String, value: Value, path: &Path) -> Result<Record> {
    match value {
        Value::Object(columns) => Ok(Record { place, columns }),
        _ => Err(Error::data(format!("{}, {place}: expected a JSON object", path.display()))
            .with_help("each row is an object such as {\"input\": \"house\", \"output\": \"h\"}")),
    }
}

fn malformed(path: &Path, line: usize, error: &serde_json::Error) -> Error {
    Error::data(format!("{}, line {line}: {error}", path.display())).with_help(
        "a file of rows is one JSON object a line, or an array of objects; a table ends in .csv or \
         .tsv",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Record>> {
        records(text, Path::new("a.jsonl"))
    }

    #[test]
    fn lines_arrays_and_wrapped_lists_are_read() {
        for text in [
            "{\"a\": 1}\n\n{\"a\": 2}\n",
            "[\n {\"a\": 1},\n {\"a\": 2}]",
            "{\"object\": \"list\", \"data\": [{\"a\": 1}, {\"a\": 2}]}",
        ] {
            let rows = read(text).unwrap();
            assert_eq!((rows.len(), &rows[1].columns["a"]), (2, &2.into()), "{text}");
        }
    }

    #[test]
    fn tables_that_are_held_by_column_are_read() {
        for text in [
            "{\"a\": [1, 2, 3], \"b\": [\"x\", \"y\", \"z\"]}",
            "{\"a\": {\"0\": 1, \"1\": 2, \"10\": 3}, \"b\": {\"0\": \"x\", \"1\": \"y\", \"10\": \"z\"}}",
        ] {
            let rows = read(text).unwrap();
            assert_eq!((rows.len(), &rows[2].columns["b"]), (3, &"z".into()), "{text}");
        }
        for text in
            ["{\"a\": [1, 2], \"b\": [1]}", "{\"a\": {\"x\": 1}, \"b\": 2}", "{\"a\": [1, 2]}"]
        {
            assert_eq!(read(text).unwrap().len(), 1, "{text}");
        }
    }

    #[test]
    fn a_single_row_with_a_conversation_is_a_row() {
        let rows = read("{\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]}").unwrap();
        assert!(rows[0].columns.contains_key("messages"));
    }

    #[test]
    fn faults_are_told_with_their_line() {
        assert_eq!(read("{\"a\": 1}\n\n{\"a\": 2}").unwrap()[1].place, "line 3");
        let error = read("{\"a\": 1}\n{\"a\": }\n").unwrap_err();
        assert!(error.to_string().contains("a.jsonl, line 2"), "{error}");
        let error = read("{\"a\": 1}\n{\"b\": {\"a\": 1, \"a\": 2}}\n").unwrap_err();
        assert!(
            error.to_string().contains("line 2") && error.to_string().contains("twice"),
            "{error}"
        );
        assert!(read("{\"a\": 1}\n7\n").unwrap_err().to_string().contains("line 2: expected"));
    }
}
