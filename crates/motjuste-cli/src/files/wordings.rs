//! A pool of instructions from a file.

use std::collections::HashSet;
use std::path::Path;

use motjuste::matrix::Wording;
use motjuste::{Error, Result};

/// The instructions of a file, each once: JSON objects with `instruction` and, where it is known, `source`, one a
/// line; or one instruction a line.
pub(crate) fn wordings(path: &Path) -> Result<Vec<Wording>> {
    let text = super::text(path).map_err(|error| {
        Error::data(format!("cannot read the instructions {}: {error}", path.display()))
            .with_help("give a JSONL or a text file in UTF-8")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let all: Vec<Wording> =
        lines.map(|(number, line)| wording(path, number, line)).collect::<Result<_>>()?;
    let mut seen = HashSet::new();
    let pool: Vec<Wording> =
        all.into_iter().filter(|one| seen.insert(one.instruction.clone())).collect();
    match pool.is_empty() {
        true => Err(Error::data(format!("{} holds no instruction", path.display()))
            .with_help("write one a line")),
        false => Ok(pool),
    }
}

fn wording(path: &Path, number: usize, line: &str) -> Result<Wording> {
    if !line.trim_start().starts_with('{') {
        return Ok(Wording { instruction: line.trim().to_owned(), source: String::new() });
    }
    serde_json::from_str(line).map_err(|error| {
        Error::data(format!("{}, line {number}: {error}", path.display()))
            .with_help("write {\"instruction\": \"…\", \"source\": \"…\"} on each line, or plain text on every line")
    })
}
