//! The files of a result.

use std::path::{Path, PathBuf};

use motjuste::journal::Outcome;
use motjuste::report::{Report, StepLine, TrialLine, meta_prompt};
use motjuste::task::Task;
use motjuste::{Error, Result};
use serde::Serialize;

use crate::page::{self, Asked, Page};

/// Makes sure, before anything is spent, that results can be written to `folder`.
pub(crate) fn prepare(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|error| refuse(folder, &error))?;
    let probe = folder.join(".writable");
    std::fs::write(&probe, []).map_err(|error| refuse(folder, &error))?;
    std::fs::remove_file(&probe).map_err(|error| refuse(folder, &error))
}

/// Writes everything a finished study leaves behind; returns the paths.
pub(crate) fn write_all(
    folder: &Path,
    report: &Report,
    outcome: &Outcome,
    task: &Task,
) -> Result<Vec<PathBuf>> {
    let lines = TrialLine::all(outcome);
    let settings = toml(&outcome.config)?;
    let mut trials = String::new();
    for line in &lines {
        trials += &json(line)?;
        trials.push('\n');
    }
    let page = page(report, &lines, outcome, task, &settings)?;
    let mut files = vec![
        ("result.json", pretty(report)? + "\n"),
        ("trials.jsonl", trials),
        ("config.resolved.toml", settings),
        ("report.html", page),
    ];
    if let Some(instruction) = &report.instruction {
        files.insert(0, ("prompt.txt", instruction.clone()));
    }
    files.into_iter().map(|(name, content)| write(folder.join(name), &content)).collect()
}

fn page(
    report: &Report,
    trials: &[TrialLine],
    outcome: &Outcome,
    task: &Task,
    settings_toml: &str,
) -> Result<String> {
    let dev = outcome.winner().and_then(|trial| trial.evaluation.as_ref());
    let test = outcome.assessment.as_ref().and_then(|all| all.winner.as_ref());
    let steps = StepLine::all(outcome);
    let page = Page {
        steps: &steps,
        asked: &asked(report, trials, &steps, outcome, task)?,
        report,
        trials,
        dev_details: &dev.map_or(Vec::new(), |dev| page::details(&task.dev, dev)),
        test_details: &test.map_or(Vec::new(), |winner| page::details(&task.test, &winner.test)),
        settings_toml,
    };
    drawn(page::render(&page))
}

/// The meta-prompts that the page shows.
fn asked(
    report: &Report,
    trials: &[TrialLine],
    steps: &[StepLine],
    outcome: &Outcome,
    task: &Task,
) -> Result<Vec<Asked>> {
    let shown = page::in_full(report, trials, steps).into_iter();
    let asked = shown.filter_map(|step| Some((step, meta_prompt(&outcome.history, step)?)));
    asked.map(|(step, asked)| Ok(Asked { step, text: asked.text(&task.dev)? })).collect()
}

fn drawn<E: std::fmt::Display>(page: Result<String, E>) -> Result<String> {
    page.map_err(|error| Error::output(format!("the report page cannot be drawn: {error}")))
}

/// Writes a page that stands alone; returns its path.
pub(crate) fn write_page<E: std::fmt::Display>(
    folder: &Path,
    page: Result<String, E>,
) -> Result<PathBuf> {
    write(folder.join("report.html"), &drawn(page)?)
}

/// Replaces a file in one step, so that a reader never sees half of it.
fn write(path: PathBuf, content: &str) -> Result<PathBuf> {
    let part = path.with_extension("part");
    std::fs::write(&part, content)
        .and_then(|()| std::fs::rename(&part, &path))
        .map_err(|error| refuse(&path, &error))?;
    Ok(path)
}

/// Settings as TOML.
pub(crate) fn toml(settings: &impl Serialize) -> Result<String> {
    toml::to_string(settings)
        .map_err(|error| Error::output(format!("the configuration cannot be written: {error}")))
}

/// One line of JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| Error::output(format!("a result cannot be written as JSON: {error}")))
}

fn pretty(value: &impl Serialize) -> Result<String> {
    serde_json::to_string_pretty(value)
        .map_err(|error| Error::output(format!("a result cannot be written as JSON: {error}")))
}

fn refuse(path: &Path, error: &std::io::Error) -> Error {
    Error::output(format!("cannot write to {}: {error}", path.display()))
        .with_help("choose another folder with --out; what was paid for is safe in the store")
}
