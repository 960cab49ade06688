//! Answers from a file: with the row that each is to, or one a line.

use std::path::Path;

use motjuste::{Error, Result};
use serde_json::{Map, Value};

/// The answers of a file, each with the index of its row, from 0.
///
/// A line is an object with `answer` and `index` (from 0; `example` is another name), or `row` (from 1); where
/// no line is such an object, every line is an answer, and they are in the order of the rows.
pub(crate) fn answers(path: &Path, rows: usize) -> Result<Vec<(usize, String)>> {
    let text = super::text(path).map_err(|error| {
        Error::data(format!("cannot read {}: {error}", path.display())).with_help(
            "give a file with one answer a line, or with JSON objects that hold `answer`",
        )
    })?;
    read(text.strip_prefix('\u{feff}').unwrap_or(&text), rows)
        .map_err(|(line, what)| refuse(path, line, &what))
}

fn refuse(path: &Path, line: usize, what: &str) -> Error {
    Error::data(format!("{}, line {line}: {what}", path.display())).with_help(
        "write {\"answer\": \"…\", \"row\": 1} on each line, or as many answers as the split has \
         rows, one a line",
    )
}

/// A line, from 1, with what is wrong with it.
type Fault = (usize, String);

fn read(text: &str, rows: usize) -> Result<Vec<(usize, String)>, Fault> {
    let objects: Vec<Option<Map<String, Value>>> = text.lines().map(object).collect();
    if objects.iter().any(Option::is_some) {
        let blank = |line: &str| line.trim().is_empty();
        let lines = text.lines().zip(objects).enumerate().filter(|(_, (line, _))| !blank(line));
        let found: Vec<_> = lines.map(|(index, (_, object))| (index + 1, object)).collect();
        return placed(found, rows);
    }
    let answers: Vec<(usize, String)> = text.lines().map(plain).enumerate().collect();
    in_order(answers, rows)
}

fn in_order(answers: Vec<(usize, String)>, rows: usize) -> Result<Vec<(usize, String)>, Fault> {
    match answers.len() == rows {
        true => Ok(answers),
        false => Err((answers.len().max(1), format!("{} answers to {rows} rows", answers.len()))),
    }
}

/// An object that holds an answer.
fn object(line: &str) -> Option<Map<String, Value>> {
    match serde_json::from_str(line) {
        Ok(Value::Object(object)) if object.contains_key("answer") => Some(object),
        _ => None,
    }
}

/// A JSON text as what it says, any other line as it stands.
fn plain(line: &str) -> String {
    serde_json::from_str(line).unwrap_or_else(|_| line.to_owned())
}

fn placed(
    lines: Vec<(usize, Option<Map<String, Value>>)>,
    rows: usize,
) -> Result<Vec<(usize, String)>, Fault> {
    let mut answers = Vec::with_capacity(lines.len());
    let mut unplaced = 0;
    for (number, object) in lines {
        let object = object.ok_or_else(|| (number, "no object with `answer`".to_owned()))?;
        let index = index(&object).map_err(|what| (number, what))?;
        unplaced += usize::from(index.is_none());
        let index = index.unwrap_or(answers.len());
        if index >= rows {
            return Err((number, format!("there is no row for it: the split has {rows}")));
        }
        answers.push((index, text(&object["answer"])));
    }
    match unplaced {
        0 => Ok(answers),
        // Without places, the order says which row is meant.
        count if count == answers.len() => in_order(answers, rows),
        _ => Err((1, "some answers say their row and others do not".to_owned())),
    }
}

/// The row that an object names, from 0.
fn index(object: &Map<String, Value>) -> Result<Option<usize>, String> {
    let number = |name: &str| match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_u64() {
            Some(number) => Ok(Some(number as usize)),
            None => Err(format!("`{name}` is no whole number")),
        },
    };
    match (number("index")?.or(number("example")?), number("row")?) {
        (Some(_), Some(_)) => Err("it has an index and a row".to_owned()),
        (Some(index), None) => Ok(Some(index)),
        (None, Some(0)) => Err("rows are counted from 1".to_owned()),
        (None, row) => Ok(row.map(|row| row - 1)),
    }
}

/// A text as it is; null, which says nothing, as nothing; any other value as JSON.
fn text(answer: &Value) -> String {
    match answer {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(usize, String)> {
        read(text, 3).unwrap()
    }

    #[test]
    fn answers_are_read_with_their_rows_or_in_order() {
        let abc = [(0, "a".to_owned()), (1, "b".to_owned()), (2, "c".to_owned())];
        assert_eq!(found("a\nb\nc\n"), abc);
        assert_eq!(found("\"a\"\n\"b\"\n\"c\"\n"), abc);
        assert_eq!(
            found("{\"answer\":\"a\"}\n{\"answer\":\"b\"}\n\n{\"answer\":\"c\",\"x\":1}"),
            abc
        );
        assert_eq!(found("a\n\nc")[1].1, "");
        let placed = "{\"answer\": {\"x\": 1}, \"row\": 3}\n{\"answer\": null, \"index\": 0}";
        assert_eq!(found(placed), [(2, "{\"x\":1}".to_owned()), (0, String::new())]);
        assert_eq!(found("{\"x\": 1}\n{}\n[]")[0].1, "{\"x\": 1}");
    }

    #[test]
    fn what_cannot_be_placed_is_named_by_its_line() {
        for (text, line, what) in [
            ("a\nb", 2, "2 answers to 3 rows"),
            ("", 1, "0 answers"),
            ("{\"answer\":\"a\",\"row\":4}", 1, "no row"),
            ("{\"answer\":\"a\",\"row\":0}", 1, "from 1"),
            ("{\"answer\":\"a\",\"row\":1}\nb", 2, "no object"),
            ("{\"answer\":\"a\",\"row\":\"x\"}", 1, "whole number"),
            ("{\"answer\":\"a\",\"row\":1,\"index\":1}", 1, "an index and a row"),
            ("{\"answer\":\"a\",\"row\":1}\n{\"answer\":\"b\"}", 1, "others do not"),
        ] {
            let (at, said) = read(text, 3).unwrap_err();
            assert!(at == line && said.contains(what), "{text}: {at} {said}");
        }
    }
}
