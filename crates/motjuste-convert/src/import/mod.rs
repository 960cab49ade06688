//! Imports: from the files of another tool to a task folder.

mod dspy;
mod evals;
mod format;
mod langfuse;
mod messages;
mod mlflow;
mod openai;
mod promptfoo;

pub use format::Format;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use motjuste::{Error, Result};

use crate::document::Document;
use crate::draft::{Draft, MetricDraft};
use crate::folder;
use crate::judge;
use crate::notes::Notes;

/// A task folder that was made of the files of another tool.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The form that the files were in.
    pub format: Format,
    /// The task's name.
    pub name: String,
    /// The files of the folder by name: `task.toml`, `rows.jsonl`, and what else there is.
    pub files: BTreeMap<String, String>,
    /// The number of rows.
    pub rows: usize,
    /// The columns that the target is given.
    pub inputs: Vec<String>,
    /// The column of the expected output; none where nothing says what is right.
    pub output: Option<String>,
    /// The metric in a word: its name, `program` or `judge`.
    pub metric: String,
    /// The model that was asked so far, where the files name it.
    pub target: Option<String>,
    /// What was carried over, and what could not be.
    pub notes: Notes,
}

/// Makes a task folder of files in a format; without one, the format is found in the first file.
///
/// # Errors
/// [`Error::is_data`] for a file that cannot be read or holds no rows, [`Error::is_configuration`] when the
/// format is unknown.
pub fn import(format: Option<Format>, paths: &[PathBuf]) -> Result<Imported> {
    let documents = paths.iter().map(|path| Document::read(path)).collect::<Result<Vec<_>>>()?;
    let Some(first) = documents.first() else {
        return Err(Error::configuration("there is no file to import").with_help("name one"));
    };
    let format = match format {
        Some(format) => format,
        None => match documents.iter().find_map(|document| format::detect(document).ok()) {
            Some(format) => format,
            None => format::detect(first)?,
        },
    };
    let mut draft = draft(format, &documents)?;
    if draft.rows.is_empty() {
        return Err(first.refuse(
            &format!("no rows of {} were found in it", format.title()),
            "give the file with the rows, too, or name the format that it has",
        ));
    }
    if draft.name.is_empty() {
        draft.name = crate::names::task_name(first.stem());
    }
    finished(format, draft)
}

/// The tool that wrote a file, where its rows tell.
pub fn detect(path: &Path) -> Option<Format> {
    let document = Document::read(path).ok()?;
    format::detect(&document).ok()
}

fn draft(format: Format, documents: &[Document]) -> Result<Draft> {
    match format {
        Format::Promptfoo => promptfoo::draft(documents),
        Format::Openai => openai::draft(documents),
        Format::OpenaiEvals => evals::draft(documents),
        Format::Messages => messages::draft(documents),
        Format::Mlflow => mlflow::draft(documents),
        Format::Langfuse => langfuse::draft(documents),
        Format::Dspy => dspy::draft(documents),
    }
}

fn finished(format: Format, mut draft: Draft) -> Result<Imported> {
    draft.settle();
    let files = folder::files(&draft)?;
    Ok(Imported {
        format,
        name: draft.name,
        files,
        rows: draft.rows.len(),
        inputs: draft.inputs,
        output: draft.output,
        metric: draft.metric.name().to_owned(),
        target: draft.target,
        notes: draft.notes,
    })
}

/// Where nothing says what is right, a judge reads the answers.
fn judged(draft: &mut Draft, why: &str) {
    let help = "a judge scores the answers by rubric.txt, which you should write anew";
    draft.notes.lost(format!("{why}: {help}"));
    draft.metric = MetricDraft::judge(None, judge::rubric("how well it does what was asked"));
}
