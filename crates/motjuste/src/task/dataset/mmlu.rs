//! MMLU (Hendrycks et al., arXiv 2009.03300): four-way questions on 57 subjects.

use std::path::Path;

use super::{Dataset, Raw, example, read};
use crate::Result;
use crate::metric::{Mode, Published};
use crate::task::Example;

pub(super) fn load(folder: &Path, subject: &str, mode: Mode) -> Result<Dataset> {
    let path = folder.join(format!("{subject}_test.csv"));
    let text = read::text(&path)?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let rows = reader.deserialize::<(String, String, String, String, String, String)>();
    let items: Vec<Example> = rows
        .map(|row| row.map(question).map_err(|error| read::malformed(&path, error)))
        .collect::<Result<_>>()?;
    Ok(Raw::divided(format!("mmlu-{subject}"), Published::Choice, items, 0.8).finish(mode))
}

fn question(row: (String, String, String, String, String, String)) -> Example {
    let (question, a, b, c, d, answer) = row;
    let input = format!(
        "{question}\n(A) {a}\n(B) {b}\n(C) {c}\n(D) {d}\nWhat's the answer in (A) (B) (C) (D)?"
    );
    example(input, answer)
}
