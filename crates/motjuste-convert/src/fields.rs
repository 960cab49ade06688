//! Columns by the names that people give them.

use motjuste::task::Columns;
use serde_json::Value;

/// Names of the column that holds what is right, the likeliest first.
const EXPECTED: [&str; 18] = [
    "expected_output",
    "expected_response",
    "expected_answer",
    "expected",
    "expectedOutput",
    "ground_truth",
    "groundtruth",
    "reference_output",
    "reference_answer",
    "reference",
    "correct_label",
    "correct_answer",
    "ideal",
    "target",
    "label",
    "answer",
    "gold",
    "output",
];

/// The column of the expected output, by its name.
pub(crate) fn expected_in(rows: &[Columns]) -> Option<String> {
    let there = |name: &&str| rows.iter().any(|row| row.get(*name).is_some_and(|it| !it.is_null()));
    EXPECTED.iter().find(|name| there(name)).map(|name| (*name).to_owned())
}

/// A value that is an object as columns; another stands under a name.
pub(crate) fn columns(value: &Value, name: &str) -> Columns {
    match value {
        Value::Object(columns) => columns.clone(),
        Value::Null => Columns::new(),
        other => Columns::from_iter([(name.to_owned(), other.clone())]),
    }
}

/// A column's name that no row has yet: the name itself, or with a number behind it.
pub(crate) fn free(name: &str, rows: &[Columns]) -> String {
    let is_taken = |name: &str| rows.iter().any(|row| row.contains_key(name));
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(|name| !is_taken(name)).unwrap_or_else(|| name.to_owned())
}

/// A text in the member of an object.
pub(crate) fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}

/// A text in a column, or at a path.
pub(crate) fn text_in<'a>(row: &'a Columns, name: &str) -> Option<&'a str> {
    motjuste::task::field(row, name).and_then(Value::as_str)
}
