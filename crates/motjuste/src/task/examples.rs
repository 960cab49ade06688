//! Reading examples: JSONL, CSV and TSV files, each error with its file and line.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::Example;
use crate::metric::Expects;
use crate::{Error, Result};

/// The names under which a file keeps inputs and outputs.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    pub input: String,
    pub output: String,
    /// What the metric needs an output to be.
    pub expects: Expects,
}

/// Reads every example of the file at `path`, by its ending.
pub(super) fn read(path: &Path, columns: &Columns) -> Result<Vec<Example>> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Error::data(format!("cannot read {}: {error}", path.display()))
            .with_help("paths in a task file are relative to the task file")
    })?;
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("csv") => read_table(&text, b',', path, columns),
        Some("tsv") => read_table(&text, b'\t', path, columns),
        _ => read_jsonl(&text, path, columns),
    }
}

fn read_jsonl(text: &str, path: &Path, columns: &Columns) -> Result<Vec<Example>> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(index, line)| {
            parse_line(line, columns).map_err(|what| {
                Error::data(format!("{}, line {}: {what}", path.display(), index + 1)).with_help(
                    format!(
                        "each line is an object such as {{\"{}\": \"house\", \"{}\": \"h\"}}",
                        columns.input, columns.output
                    ),
                )
            })
        })
        .collect()
}

fn parse_line(line: &str, columns: &Columns) -> Result<Example, String> {
    let value: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let object = value.as_object().ok_or("expected a JSON object")?;
    let field = |name: &str| object.get(name).ok_or(format!("no field \"{name}\""));
    let input = as_text(field(&columns.input)?)
        .ok_or(format!("\"{}\" must be a text or a number", columns.input))?;
    let outputs = match object.get(&columns.output) {
        None if !columns.expects.outputs => Vec::new(),
        _ => accepted(field(&columns.output)?, columns.expects)
            .ok_or(format!("\"{}\" must be a text, or a list of accepted texts", columns.output))?,
    };
    let columns = object.clone();
    Ok(Example::new(input, outputs).with_columns(columns))
}

fn accepted(value: &Value, expects: Expects) -> Option<Vec<String>> {
    match value {
        Value::Null if !expects.outputs => Some(Vec::new()),
        Value::Array(_) | Value::Object(_) if expects.lists => Some(vec![value.to_string()]),
        Value::Array(values) if !values.is_empty() => values.iter().map(as_text).collect(),
        other => Some(vec![as_text(other)?]),
    }
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

fn read_table(text: &str, delimiter: u8, path: &Path, columns: &Columns) -> Result<Vec<Example>> {
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| table_error(path, &error))?.clone();
    let column = |name: &str| {
        header.iter().position(|title| title.trim() == name).ok_or_else(|| {
            let titles: Vec<_> = header.iter().collect();
            Error::data(format!("{}, line 1: no column \"{name}\"", path.display())).with_help(
                format!("the columns are {titles:?}; name yours with [data] input = …, output = …"),
            )
        })
    };
    let input = column(&columns.input)?;
    let output = match column(&columns.output) {
        Err(_) if !columns.expects.outputs => None,
        found => Some(found?),
    };
    reader
        .records()
        .map(|record| {
            let record = record.map_err(|error| table_error(path, &error))?;
            let cell = |index| record.get(index).unwrap_or_default().to_owned();
            let cells = header.iter().zip(record.iter());
            let cells = cells.map(|(title, cell)| (title.trim().to_owned(), Value::from(cell)));
            Ok(Example::new(cell(input), output.map(cell)).with_columns(cells.collect()))
        })
        .collect()
}

fn table_error(path: &Path, error: &csv::Error) -> Error {
    let line =
        error.position().map_or(String::new(), |position| format!(", line {}", position.line()));
    Error::data(format!("{}{line}: {error}", path.display()))
        .with_help("every row needs as many cells as the header")
}

/// An example as a task file writes it.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Inline {
    /// What the target is given.
    input: String,
    /// What it may answer.
    output: OneOrMany,
}

#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
enum OneOrMany {
    /// The one right answer.
    One(String),
    /// All right answers.
    Many(Vec<String>),
}

impl Inline {
    /// The example; a list is one answer where the metric takes it for one.
    pub(super) fn example(self, expects: Expects) -> Example {
        let outputs = match self.output {
            OneOrMany::One(output) => vec![output],
            OneOrMany::Many(items) if expects.lists => vec![Value::from(items).to_string()],
            OneOrMany::Many(outputs) => outputs,
        };
        Example::new(self.input, outputs)
    }
}
