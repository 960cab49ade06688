//! Which files are ours: others are not replaced unless a person says so.

use std::path::{Path, PathBuf};

use motjuste::{Error, Result};
use serde_json::Value;

/// The files of a result.
const RESULT: [&str; 6] = [
    "result.json",
    "prompt.txt",
    "messages.json",
    "trials.jsonl",
    "config.resolved.toml",
    "report.html",
];

/// What every page of ours holds.
const PAGE: &str = "<meta name=\"generator\" content=\"motjuste\">";

/// Refuses a folder in which files of a result would replace others: those beside a `result.json` of ours
/// are a result's, and so is a page of ours.
pub(super) fn refuse_foreign_result(folder: &Path) -> Result<()> {
    if is_result(&folder.join("result.json")) {
        return Ok(());
    }
    let foreign = RESULT.iter().map(|name| folder.join(name)).filter(|path| path.exists());
    refuse(foreign.filter(|path| !is_page(path)).collect())
}

/// The files of a comparison.
const COMPARISON: [&str; 13] = [
    "report.html",
    "compare.json",
    "studies.parquet",
    "leaderboard.csv",
    "tasks.csv",
    "pairs.csv",
    "studies.csv",
    "leaderboard.md",
    "leaderboard.tex",
    "tasks.md",
    "tasks.tex",
    "pairs.md",
    "pairs.tex",
];

/// Refuses a folder in which files of a comparison would replace others.
pub(super) fn refuse_foreign_comparison(folder: &Path) -> Result<()> {
    if is_comparison(&folder.join("compare.json")) {
        return Ok(());
    }
    let foreign = COMPARISON.iter().map(|name| folder.join(name)).filter(|path| path.exists());
    refuse(foreign.filter(|path| !is_page(path)).collect())
}

/// Refuses to replace a page that is not ours.
pub(super) fn refuse_foreign_page(path: &Path) -> Result<()> {
    match path.exists() && !is_page(path) {
        true => refuse(vec![path.to_owned()]),
        false => Ok(()),
    }
}

/// Refuses to replace files with these.
pub(super) fn refuse(foreign: Vec<PathBuf>) -> Result<()> {
    let Some(first) = foreign.first() else { return Ok(()) };
    let names: Vec<_> = foreign
        .iter()
        .filter_map(|path| path.file_name())
        .map(|name| name.to_string_lossy())
        .collect();
    let folder = first.parent().filter(|folder| !folder.as_os_str().is_empty());
    let place = folder.map_or_else(|| "this folder".to_owned(), |it| it.display().to_string());
    Err(Error::output(format!(
        "{} in {place} would be replaced, and not by its like",
        names.join(", ")
    ))
    .with_help(
        "nothing was written; choose another place, move it away, or replace it with --force",
    ))
}

/// Whether a file is what methods came to.
fn is_comparison(path: &Path) -> bool {
    let content = std::fs::read(path).unwrap_or_default();
    let report: Option<Value> = serde_json::from_slice(&content).ok();
    report.is_some_and(|report| report["about"]["methods"].is_array() && report["pairs"].is_array())
}

/// Whether a file is the result of a study.
fn is_result(path: &Path) -> bool {
    let content = std::fs::read(path).unwrap_or_default();
    let value: Value = serde_json::from_slice(&content).unwrap_or_default();
    value["study"].is_string() && value["format"].is_u64() && value["ledger"].is_object()
}

fn is_page(path: &Path) -> bool {
    let page = std::fs::read(path).unwrap_or_default();
    let head = &page[..page.len().min(4096)];
    path.extension().is_some_and(|it| it == "html") && String::from_utf8_lossy(head).contains(PAGE)
}
