//! The files of a result.

mod answers;

pub(crate) use answers::answers;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use motjuste::journal::Outcome;
use motjuste::report::Report;
use motjuste::task::Task;
use motjuste::{Error, Result};
use motjuste_page::StudyPage;
use serde::Serialize;

use crate::output::Deployed;

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
    let settings = toml(&outcome.config)?;
    let page = StudyPage::of(report, outcome, task, &settings)?;
    let html = page.to_html()?;
    let mut trials = String::new();
    for line in &page.trials {
        trials += &json(line)?;
        trials.push('\n');
    }
    let mut files = vec![
        ("result.json", pretty(report)? + "\n"),
        ("trials.jsonl", trials),
        ("config.resolved.toml", settings.clone()),
        ("report.html", html),
    ];
    if let Some(prompt) = &report.prompt {
        files.insert(0, ("prompt.txt", prompt.clone()));
        files.insert(1, ("messages.json", pretty(&messages(report, outcome, task))? + "\n"));
    }
    files.into_iter().map(|(name, content)| write(folder.join(name), &content)).collect()
}

/// The messages to deploy.
pub(crate) fn messages(report: &Report, outcome: &Outcome, task: &Task) -> Deployed {
    let yours = outcome.config.task.start.first().filter(|_| report.keep_yours);
    let chosen = yours.or(report.instruction.as_ref()).map_or("", String::as_str);
    Deployed { messages: task.templates().deployed(chosen) }
}

/// A person's prompt in a file: its bytes, but for a byte-order mark and the line break that editors put at
/// the end.
pub(crate) fn prompt(path: &Path) -> Result<String> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Error::data(format!("cannot read the prompt {}: {error}", path.display()))
            .with_help("give a text file in UTF-8")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(text.strip_suffix('\n').map_or(text, |text| text.trim_end_matches('\r')).to_owned())
}

/// Writes files that are not there yet to a folder, all or none; returns their paths.
pub(crate) fn write_new(folder: &Path, files: &BTreeMap<String, String>) -> Result<Vec<PathBuf>> {
    files.keys().try_for_each(|name| refuse_existing(&folder.join(name)))?;
    std::fs::create_dir_all(folder).map_err(|error| refuse(folder, &error))?;
    files.iter().map(|(name, content)| write(folder.join(name), content)).collect()
}

/// Writes a file that is not there yet.
pub(crate) fn write_file_new(path: &Path, content: &str) -> Result<PathBuf> {
    refuse_existing(path)?;
    write(path.to_owned(), content)
}

/// Refuses a file that is there: what a person wrote is never overwritten.
pub(crate) fn refuse_existing(path: &Path) -> Result<()> {
    match path.exists() {
        false => Ok(()),
        true => Err(Error::output(format!("{} is there already", path.display()))
            .with_help("nothing was written; choose another place with --out, or move it away")),
    }
}

/// Writes a page that stands alone; returns its path.
pub(crate) fn write_page(folder: &Path, page: &str) -> Result<PathBuf> {
    write(folder.join("report.html"), page)
}

/// Replaces a file in one step, so that a reader never sees half of it.
pub(crate) fn write(path: PathBuf, content: &str) -> Result<PathBuf> {
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
