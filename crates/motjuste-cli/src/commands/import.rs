//! `motjuste import`: a task folder from the files of another tool.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use motjuste::task::load;
use motjuste::{Error, Result};
use motjuste_convert::{Format, Imported, import as read};

use crate::args::{AUTO, ImportArgs};
use crate::output::ImportedTask;
use crate::{files, summary};

pub(crate) fn import(args: ImportArgs, json: bool) -> Result<ExitCode> {
    let format = Format::ALL.into_iter().find(|format| format.name() == args.format);
    debug_assert!(format.is_some() || args.format == AUTO);
    let imported = read(format, &args.files)?;
    let folder = args.out.unwrap_or_else(|| PathBuf::from(&imported.name));
    let written = files::write_new(&folder, &imported.files)?;
    let task = folder.join("task.toml");
    let fault = load(&task).err();
    let next = next(&task, imported.target.as_deref());
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

/// The command that comes next.
pub(super) fn next(task: &Path, target: Option<&str>) -> String {
    let target = target.unwrap_or("PROVIDER/MODEL");
    format!("motjuste run {} --target {target} --budget-usd 2", task.display())
}
