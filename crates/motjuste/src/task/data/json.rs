//! Rows of JSON files: one object a line, an array of objects, or an object that holds one.

use std::path::Path;

use serde_json::Value;

use super::Record;
use super::unique::Unique;
use crate::{Error, Result};

/// The rows of a JSONL file, of a JSON array, or of the one list of objects in a JSON object.
pub(super) fn records(text: &str, path: &Path) -> Result<Vec<Record>> {
    let mut values = values(text, path)?;
    if let [(_, only)] = values.as_mut_slice()
        && let Some(rows) = list_in(only)
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
