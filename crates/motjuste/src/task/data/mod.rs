//! Rows from files: tables and JSON, in any common encoding, with columns of their own names.

mod encoding;
mod json;
mod parquet;
mod row;
mod table;
mod unique;

use std::path::Path;

use serde::Deserialize;

use super::text;
use crate::counted::have;
use crate::error::Setting;
use crate::example::{Columns, Example, field};
use crate::metric::Expects;
use crate::{Error, Result};
use row::Mapping;

/// One column, or several that are one input together.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "expected the name of a column, or a list of names")]
pub(super) enum Fields {
    /// A column, or a path into it, such as inputs.question.
    One(String),
    /// Several.
    Many(Vec<String>),
}

/// What to do with rows that cannot be used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(super) enum Policy {
    /// Refuse the task.
    #[default]
    Refuse,
    /// Leave them out, and tell how many.
    Drop,
}

/// How a file of rows is written, where it does not say so itself.
///
/// ```
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("rows.csv");
/// std::fs::write(&path, b"wine;price\nros\xE9;1,5\n").unwrap();
/// let format = motjuste::task::FileFormat { encoding: Some("windows-1252".into()), ..Default::default() };
/// assert_eq!(format.rows(&path).unwrap()[0]["wine"], "rosé");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileFormat {
    /// What divides the columns of a table; none: what its header says.
    pub delimiter: Option<char>,
    /// The encoding of a file that has no byte-order mark; none: UTF-8.
    pub encoding: Option<String>,
}

impl FileFormat {
    /// The rows of the file at `path`, each with its columns: of a table, of JSON or of Parquet.
    ///
    /// # Errors
    /// [`Error::is_data`] where the file cannot be read, with what to do; [`Error::is_configuration`] for an
    /// encoding that does not exist.
    pub fn rows(&self, path: &Path) -> Result<Vec<Columns>> {
        Ok(self.records(path)?.into_iter().map(|record| record.columns).collect())
    }

    /// The rows of a file in memory. Its name is in errors, and its ending says what it is: a table ends in
    /// `csv`, `tsv`, `tab` or `txt`, and anything else is JSON.
    ///
    /// ```
    /// use motjuste::task::FileFormat;
    /// let rows = FileFormat::default().rows_in(b"wine;year\nrose;2019\n".to_vec(), "wines.csv".as_ref());
    /// assert_eq!(rows.unwrap()[0]["year"], "2019");
    /// ```
    ///
    /// # Errors
    /// As [`Self::rows`].
    pub fn rows_in(&self, bytes: Vec<u8>, name: &Path) -> Result<Vec<Columns>> {
        Ok(self.records_in(bytes, name)?.into_iter().map(|record| record.columns).collect())
    }

    fn records(&self, path: &Path) -> Result<Vec<Record>> {
        let bytes = text::bytes(path).map_err(|error| {
            Error::data(format!("cannot read {}: {error}", path.display()))
                .with_help("check the path: in a task file it is relative to the task file")
        })?;
        self.records_in(bytes, path)
    }

    fn records_in(&self, bytes: Vec<u8>, path: &Path) -> Result<Vec<Record>> {
        if parquet::is_parquet(&bytes) {
            return parquet::records(bytes, path);
        }
        let text = encoding::decode(bytes, self.encoding.as_deref(), path)?;
        match is_table(path) {
            true => table::records(&text, self.delimiter, path),
            false => json::records(&text, path),
        }
    }
}

/// How files of rows are read.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    /// The columns of the input; none: `input`, or what the prompt names.
    pub input: Option<Fields>,
    /// The column of the expected output.
    pub output: String,
    /// How the files are written.
    pub format: FileFormat,
    /// What to do with rows without an expected output.
    pub unlabelled: Policy,
    /// The columns that the prompt names.
    pub prompt: Vec<String>,
    /// What the metric reads of an expected output.
    pub expects: Expects,
}

/// One record of a file.
#[derive(Debug)]
struct Record {
    /// Where it stands, such as "line 3".
    place: String,
    /// Its columns.
    columns: Columns,
}

impl Reading {
    /// Every row of the file at `path`; what was left out goes to `notes`.
    pub fn file(&self, path: &Path, notes: &mut Vec<String>) -> Result<Vec<Example>> {
        let (records, file) = (self.format.records(path)?, path.display().to_string());
        if records.is_empty() {
            return Err(Error::data(format!("{file} holds no rows"))
                .with_help("a row is a line below a table's header, or a JSON object"));
        }
        self.rows(&records, &file, notes)
    }

    /// The rows that stand in the task file itself.
    pub fn inline(&self, rows: Vec<Columns>, notes: &mut Vec<String>) -> Result<Vec<Example>> {
        let place = |index: usize| format!("example {}", index + 1);
        let rows = rows.into_iter().enumerate();
        let records: Vec<Record> =
            rows.map(|(index, columns)| Record { place: place(index), columns }).collect();
        self.rows(&records, "the task file", notes)
    }

    fn rows(
        &self,
        records: &[Record],
        file: &str,
        notes: &mut Vec<String>,
    ) -> Result<Vec<Example>> {
        let has =
            |name: &&String| records.iter().any(|record| field(&record.columns, name).is_some());
        let (named, strangers): (Vec<String>, Vec<String>) =
            self.prompt.iter().cloned().partition(|name| has(&name));
        let mapping = Mapping {
            input: self.input.as_ref(),
            prompt: &named,
            strangers: &strangers,
            output: &self.output,
            expects: self.expects,
        };
        let tool = records.first().and_then(|first| row::foreign(&first.columns));
        let refuse = |place: &str, what: String| {
            let error = Error::data(format!("{file}, {place}: {what}"));
            let error = error.with_help(naming(records, tool, file));
            match tool {
                Some(tool) => error.with_setting(Setting::Import(tool.format, file.into())),
                None => error,
            }
        };
        if let (Some(what), Some(first)) =
            (row::without_outputs(records, &mapping), records.first())
        {
            return Err(refuse(&first.place, what));
        }
        if let Some(row::Tool { name, format, .. }) = tool {
            notes.push(format!(
                "{file} looks like a file of {name}: its checks, ratings or nested rows mean something only \
                 when it is imported, as {format}"
            ));
        }
        notes.extend(self.unsendable(records, file));
        let read = |record: &Record| {
            row::row(record, &mapping).map_err(|what| refuse(&record.place, what))
        };
        let rows = records.iter().map(read).collect::<Result<Vec<_>>>()?;
        self.labelled(rows, records, file, notes)
    }

    /// Tells of inputs that look like conversations and cannot go out as messages.
    fn unsendable(&self, records: &[Record], file: &str) -> Option<String> {
        let name = match &self.input {
            Some(Fields::One(name)) => name,
            Some(Fields::Many(_)) => return None,
            None => "input",
        };
        let is_one = |it: &&Record| field(&it.columns, name).is_some_and(row::is_unsendable);
        let count = records.iter().filter(is_one).count();
        (count > 0).then(|| {
            format!(
                "{count} of {} rows of {file} {} a conversation with {}: it is sent as a text, its JSON, and \
                 not as messages",
                records.len(),
                have(count),
                row::UNSENDABLE
            )
        })
    }

    /// The rows with an expected output, where the metric reads one.
    fn labelled(
        &self,
        rows: Vec<Example>,
        records: &[Record],
        file: &str,
        notes: &mut Vec<String>,
    ) -> Result<Vec<Example>> {
        let lacks = |row: &Example| self.expects.outputs && row.outputs.is_empty();
        let lacking = rows.iter().filter(|row| lacks(row)).count();
        let Some(first) = rows.iter().position(lacks) else { return Ok(rows) };
        let told = format!(
            "{lacking} of {} rows of {file} {} no expected output, the first in {}",
            rows.len(),
            have(lacking),
            records[first].place
        );
        if self.unlabelled == Policy::Refuse {
            return Err(Error::data(told).with_help(
                "fill them in; or leave them out with [data] unlabelled = \"drop\"; a program or a \
                 judge as metric needs none",
            ));
        }
        notes.push(format!("{told}: left out"));
        Ok(rows.into_iter().filter(|row| !lacks(row)).collect())
    }
}

/// What helps where a column is not there.
fn naming(records: &[Record], tool: Option<row::Tool>, file: &str) -> String {
    let is_one_column = |first: &Record| first.columns.len() == 1;
    match (tool, records.first()) {
        (Some(_), _) => "make a task of it".to_owned(),
        (None, Some(first)) if is_table(Path::new(file)) && is_one_column(first) => {
            "if it is a table with another delimiter, name that: [data] delimiter = \"^\"; or name your columns \
             with input = …, output = …"
                .to_owned()
        }
        _ => "name yours with [data] input = …, output = …: a column, or a path such as inputs.question"
            .to_owned(),
    }
}

/// Whether a file is a table by its ending.
fn is_table(file: &Path) -> bool {
    let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    ["csv", "tsv", "txt", "tab"].contains(&ending.to_ascii_lowercase().as_str())
}
