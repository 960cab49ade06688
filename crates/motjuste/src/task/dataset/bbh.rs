//! BIG-Bench Hard (Suzgun et al., arXiv 2210.09261): 27 tasks of reasoning.

use std::path::Path;

use serde::Deserialize;

use super::{Dataset, Raw, example, read};
use crate::Result;
use crate::metric::{Mode, Published};

#[derive(Deserialize)]
struct File {
    examples: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    input: String,
    target: String,
}

pub(super) fn load(folder: &Path, task: &str, mode: Mode) -> Result<Dataset> {
    let file: File = read::json(&folder.join(format!("{task}.json")))?;
    let items = file.examples.into_iter().map(|item| example(item.input, item.target)).collect();
    Ok(Raw::divided(format!("bbh-{task}"), metric(task), items, 0.2).finish(mode))
}

/// The kind of answer; all tasks but these ask for a choice.
fn metric(task: &str) -> Published {
    match task {
        "object_counting" | "multistep_arithmetic_two" => Published::Number,
        "boolean_expressions"
        | "causal_judgement"
        | "formal_fallacies"
        | "navigate"
        | "sports_understanding"
        | "web_of_lies" => Published::Boolean,
        "dyck_languages" | "word_sorting" => Published::Text,
        _ => Published::Choice,
    }
}
