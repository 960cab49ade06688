//! The files of a result.

mod answers;
mod moved;
mod ours;
mod place;
mod wordings;

pub(crate) use answers::answers;
pub(crate) use moved::{into_file, into_folder};
pub(crate) use place::write;
pub(crate) use wordings::wordings;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use motjuste::comparison::ComparisonReport;
use motjuste::journal::Outcome;
use motjuste::report::Report;
use motjuste::task::Task;
use motjuste::{Error, Result};
use motjuste_page::comparison::{self, data};
use motjuste_page::{ComparisonPage, StudyPage, Table};
use serde::Serialize;

use crate::letters;
use crate::output::Deployed;

/// Makes sure, before anything is spent, that a result can be written to `folder`, and that it replaces
/// nothing but another result, unless by `force`.
pub(crate) fn prepare(folder: &Path, force: bool) -> Result<()> {
    if !force {
        ours::refuse_foreign_result(folder)?;
    }
    place::make_writable(folder)
}

/// Makes sure, before anything is spent, that a file can be written to the folder that it is in.
pub(crate) fn prepare_beside(file: &Path) -> Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    place::make_writable(folder.unwrap_or(Path::new(".")))
}

/// As [`prepare`], for a page alone.
pub(crate) fn prepare_page(folder: &Path, force: bool) -> Result<()> {
    if !force {
        ours::refuse_foreign_page(&folder.join("report.html"))?;
    }
    place::make_writable(folder)
}

/// Writes everything a finished study leaves behind; returns the paths. The first file says whose the others
/// are.
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
        files.insert(1, ("prompt.txt", prompt.clone()));
        files.insert(2, ("messages.json", pretty(&messages(report, outcome, task))? + "\n"));
    }
    let written = files.into_iter().map(|(name, content)| write(folder.join(name), &content));
    let mut written: Vec<PathBuf> = written.collect::<Result<_>>()?;
    if report.prompt.is_some() {
        // What a person looks for first is told first.
        written[..3].rotate_left(1);
    }
    Ok(written)
}

/// Makes sure, before anything is spent, that a comparison can be written to `folder`, and that it replaces nothing but
/// another one, unless by `force`.
pub(crate) fn prepare_comparison(folder: &Path, force: bool) -> Result<()> {
    if !force {
        ours::refuse_foreign_comparison(folder)?;
    }
    place::make_writable(folder)
}

/// Writes what a comparison came to, with the rows of its tasks; returns the paths, the page first.
pub(crate) fn write_comparison(
    folder: &Path,
    report: &ComparisonReport,
    tasks: &[Task],
) -> Result<Vec<PathBuf>> {
    let settings = pretty(&report.about)?;
    let inputs = |task: &Task| task.test().iter().map(|row| row.input.clone()).collect();
    let inputs: Vec<Vec<String>> = tasks.iter().map(inputs).collect();
    let page = ComparisonPage { report, settings: &settings, inputs: &inputs }.to_html()?;
    let mut parquet = Vec::new();
    report.write_studies(&mut parquet)?;
    let mut files = vec![
        ("report.html".to_owned(), page.into_bytes()),
        ("compare.json".to_owned(), (pretty(report)? + "\n").into_bytes()),
        ("studies.parquet".to_owned(), parquet),
    ];
    files.extend(tables(report));
    files.into_iter().map(|(name, content)| write(folder.join(name), &content)).collect()
}

/// The tables of a comparison: for programs as CSV, for people as Markdown and LaTeX.
fn tables(report: &ComparisonReport) -> impl Iterator<Item = (String, Vec<u8>)> {
    let for_programs = [
        ("leaderboard", data::leaderboard(report)),
        ("tasks", data::by_task(report)),
        ("pairs", data::pairs(report)),
        ("studies", data::studies(report)),
    ];
    let for_people = [
        ("leaderboard", comparison::leaderboard_in_full(report)),
        ("tasks", comparison::by_task(report)),
        ("pairs", comparison::pairs(report)),
    ];
    let csv = |(name, table): (&str, Table)| (format!("{name}.csv"), table.to_csv().into_bytes());
    let words = |(name, table): (&str, Table)| {
        let markdown = (format!("{name}.md"), table.to_markdown().into_bytes());
        [markdown, (format!("{name}.tex"), table.to_latex().into_bytes())]
    };
    for_programs.into_iter().map(csv).chain(for_people.into_iter().flat_map(words))
}

/// The messages to deploy.
pub(crate) fn messages(report: &Report, outcome: &Outcome, task: &Task) -> Deployed {
    let yours = outcome.config.task.start.first().filter(|_| report.keep_yours);
    let chosen = yours.or(report.instruction.as_ref()).map_or("", String::as_str);
    Deployed { messages: outcome.config.asked_with(task.templates()).deployed(chosen) }
}

/// A person's prompt in a file: its bytes, but for a byte-order mark and the line break that editors put at
/// the end.
pub(crate) fn prompt(path: &Path) -> Result<String> {
    let text = text(path).map_err(|error| {
        Error::data(format!("cannot read the prompt {}: {error}", path.display()))
            .with_help("give a text file in UTF-8, or - for what is piped in")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(text.strip_suffix('\n').map_or(text, |text| text.trim_end_matches('\r')).to_owned())
}

/// The most bytes of a text that a person gives.
const LONGEST: u64 = 64 << 20;

/// The text of a file, or, for `-`, what is piped in.
fn text(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    let length = match path.as_os_str() == "-" {
        true => std::io::stdin().take(LONGEST).read_to_string(&mut text)?,
        false => std::fs::File::open(path)?.take(LONGEST).read_to_string(&mut text)?,
    };
    match length as u64 == LONGEST {
        true => Err(std::io::Error::other("it has more than 64 MiB")),
        false => Ok(text),
    }
}

/// Writes files that are not there yet to a folder, all or none; returns their paths.
pub(crate) fn write_new(folder: &Path, files: &BTreeMap<String, String>) -> Result<Vec<PathBuf>> {
    files.keys().try_for_each(|name| refuse_existing(&folder.join(name)))?;
    place::make_writable(folder)?;
    let mut written = Vec::with_capacity(files.len());
    for (name, content) in files {
        match write(folder.join(name), content) {
            Ok(path) => written.push(path),
            Err(error) => {
                // Half a task is of no use.
                written.iter().for_each(|path| drop(std::fs::remove_file(path)));
                return Err(error);
            }
        }
    }
    Ok(written)
}

/// Writes a file that is not there yet.
pub(crate) fn write_file_new(path: &Path, content: &str) -> Result<PathBuf> {
    refuse_existing(path)?;
    write(path.to_owned(), content)
}

/// Writes a file; one of other content is replaced only by `force`.
pub(crate) fn write_file(path: &Path, content: &str, force: bool) -> Result<()> {
    let is_other = || std::fs::read(path).ok().as_deref() != Some(content.as_bytes());
    if !force && path.exists() && is_other() {
        return ours::refuse(vec![path.to_owned()]);
    }
    write(path.to_owned(), content).map(drop)
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

/// Settings as TOML.
pub(crate) fn toml(settings: &impl Serialize) -> Result<String> {
    toml::to_string(settings)
        .map_err(|error| Error::output(format!("the configuration cannot be written: {error}")))
}

/// One line of JSON, which acts on no terminal.
pub(crate) fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map(|text| letters::escaped_in_json(&text))
        .map_err(|error| Error::output(format!("a result cannot be written as JSON: {error}")))
}

fn pretty(value: &impl Serialize) -> Result<String> {
    serde_json::to_string_pretty(value)
        .map(|text| letters::escaped_in_json(&text))
        .map_err(|error| Error::output(format!("a result cannot be written as JSON: {error}")))
}
