//! `motjuste import`: a task folder from the files of another tool.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use motjuste::task::load;
use motjuste::{Error, Result};
use motjuste_convert::{Format, Imported, import as read};
use motjuste_remote::Provider;

use crate::args::{AUTO, ImportArgs};
use crate::output::ImportedTask;
use crate::{files, summary, wiring};

pub(crate) fn import(args: ImportArgs, json: bool) -> Result<ExitCode> {
    let format = Format::ALL.into_iter().find(|format| format.name() == args.format);
    debug_assert!(format.is_some() || args.format == AUTO);
    let imported = read(format, &args.files)?;
    let folder = args.out.unwrap_or_else(|| PathBuf::from(&imported.name));
    let written = files::write_new(&folder, &imported.files)?;
    let task = folder.join("task.toml");
    let fault = load(&task).err();
    let next = next(&task, imported.target.as_deref())?;
    let output = told(&imported, &folder, &written, &next, fault.as_ref());
    match json {
        true => summary::json(&output),
        false => summary::imported(&output),
    }
    Ok(ExitCode::SUCCESS)
}

fn told<'a>(
    imported: &'a Imported,
    folder: &'a Path,
    files: &'a [PathBuf],
    next: &'a str,
    fault: Option<&Error>,
) -> ImportedTask<'a> {
    ImportedTask {
        format: imported.format.name(),
        folder,
        files,
        rows: imported.rows,
        inputs: &imported.inputs,
        output: imported.output.as_deref(),
        metric: &imported.metric,
        notes: &imported.notes,
        fault: fault.map(|fault| match fault.help() {
            Some(help) => format!("{fault}; {help}"),
            None => fault.to_string(),
        }),
        next,
    }
}

/// The command that comes next. A model without a known price is capped in trials, and one without a known address
/// gets one.
pub(super) fn next(task: &Path, target: Option<&str>) -> Result<String> {
    let name = target.unwrap_or("PROVIDER/MODEL");
    let has_price = target.map_or(Ok(true), wiring::has_price)?;
    let cap = if has_price { "--budget-usd 2" } else { "--budget-trials 30" };
    let is_anywhere = name.split_once('/').and_then(|(provider, _)| Provider::named(provider))
        == Some(Provider::OpenAiCompatible);
    let url = if is_anywhere { " --target-url URL" } else { "" };
    Ok(format!("motjuste run {} --target {}{url} {cap}", task.display(), quoted(name)))
}

/// A name as a shell reads it.
fn quoted(name: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/.:_-@".contains(letter);
    if name.chars().all(is_plain) {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', r"'\''"))
    }
}
