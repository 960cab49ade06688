//! AQuA (Ling et al., arXiv 1705.04146): five-way questions of algebra.

use std::path::Path;

use serde::Deserialize;

use super::{Dataset, Raw, example, read};
use crate::Result;
use crate::metric::{Mode, Published};
use crate::task::Example;

#[derive(Deserialize)]
struct Item {
    question: String,
    options: Vec<String>,
    correct: String,
}

pub(super) fn load(folder: &Path, mode: Mode) -> Result<Dataset> {
    let path = folder.join("AQuA.jsonl");
    let text = read::text(&path)?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let items = lines
        .map(|line| serde_json::from_str(line).map_err(|error| read::malformed(&path, error)))
        .map(|item| item.map(question));
    let items = items.collect::<Result<_>>()?;
    Ok(Raw::divided("aqua".into(), Published::Choice, items, 0.2).finish(mode))
}

/// Options read `A)12`.
fn question(item: Item) -> Example {
    let options: String = item.options.iter().map(|option| format!("\n({option}")).collect();
    let input = format!("{}{options}\nWhat's the answer in (A) (B) (C) (D) (E)?", item.question);
    example(input, item.correct)
}
