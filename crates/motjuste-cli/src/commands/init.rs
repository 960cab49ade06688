//! `motjuste init`: a task file for a person's own rows.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use motjuste::task::{FileFormat, load};
use motjuste::{Error, Result};
use motjuste_convert::{Survey, Wishes, survey};

use super::import::next;
use crate::args::InitArgs;
use crate::output::NewTask;
use crate::{files, summary};

pub(crate) fn init(args: InitArgs, json: bool) -> Result<ExitCode> {
    files::refuse_existing(&args.out)?;
    let asks = !args.yes && !json && std::io::stdin().is_terminal();
    let data = data(&args, asks)?;
    let format = FileFormat { delimiter: args.delimiter, encoding: args.encoding.clone() };
    let found = survey(&data, &format)?;
    let prompt = prompt(&args, asks)?;
    let wishes = Wishes {
        data: beside(&args.out, &data)?,
        format,
        prompt: match &prompt {
            Some(path) => Some((beside(&args.out, path)?, files::prompt(path)?)),
            None => None,
        },
        inputs: args.input.clone(),
        output: args.output.clone(),
        metric: args.metric.clone(),
        judge: args.judge.clone(),
    };
    let wishes = if asks { asked(wishes, &found)? } else { wishes };
    let is_chats = wishes.output.is_none() && found.columns().iter().any(|name| name == "messages");
    let (text, decided) = wishes.task_file(&found).map_err(|error| match is_chats {
        true => with_import(error, &data),
        false => with_flags(error),
    })?;
    files::write_file_new(&args.out, &text)?;
    let fault = load(&args.out).err();
    let target = target(&args, asks)?;
    let next = next(&args.out, target.as_deref())?;
    summary::new_task(
        &NewTask { path: &args.out, rows: found.rows(), decided: &decided, next: &next },
        json,
    );
    // The file stays for a person to mend, and the fault is told like any other.
    fault.map_or(Ok(ExitCode::SUCCESS), Err)
}

/// The flags that answer what is not clear.
fn with_flags(error: Error) -> Error {
    let help = error.help().unwrap_or_default().to_owned();
    error.with_help(format!("{help} (--input COLUMN, --output COLUMN, --metric NAME)"))
}

/// What makes a task of conversations that end with their answers.
fn with_import(error: Error, data: &Path) -> Error {
    error.with_help(format!(
        "conversations that end with their answers are imported: motjuste import messages {}",
        data.display()
    ))
}

fn data(args: &InitArgs, asks: bool) -> Result<PathBuf> {
    match (&args.data, asks) {
        (Some(data), _) => Ok(data.clone()),
        (None, true) => Ok(PathBuf::from(summary::question("The file with your rows", "")?)),
        (None, false) => Err(Error::configuration("a task file needs rows").with_help(
            "give --data FILE; --prompt FILE, --output COLUMN and --metric NAME are of use, too",
        )),
    }
}

fn prompt(args: &InitArgs, asks: bool) -> Result<Option<PathBuf>> {
    let path = match (&args.prompt, asks) {
        (Some(path), _) => return Ok(Some(path.clone())),
        (None, true) => {
            summary::question("The file with the prompt you use today, if there is one", "")?
        }
        (None, false) => String::new(),
    };
    Ok((!path.is_empty()).then(|| PathBuf::from(path)))
}

fn target(args: &InitArgs, asks: bool) -> Result<Option<String>> {
    match (&args.target, asks) {
        (None, true) => {
            let said =
                summary::question("The model that the prompt is for", "openai/gpt-4.1-mini")?;
            Ok(Some(said))
        }
        (target, _) => Ok(target.clone()),
    }
}

/// What the rows leave open, asked; what is found in them is offered.
fn asked(mut wishes: Wishes, found: &Survey) -> Result<Wishes> {
    summary::note(&format!(
        "{} rows with the columns {}",
        found.rows(),
        found.columns().join(", ")
    ));
    if wishes.output.is_none() {
        let offer = found.output().unwrap_or_default();
        let said = summary::question("The column with the expected output, or nothing", &offer)?;
        wishes.output = (!said.is_empty()).then_some(said);
    }
    if wishes.metric.is_none() {
        let guess = wishes.output.as_deref().map(|output| found.guess(output));
        if let Some(guess) = &guess {
            summary::note(&guess.why);
        }
        let offer = guess.map_or("judge", |guess| guess.metric);
        wishes.metric = Some(summary::question("The metric", offer)?);
    }
    if wishes.metric.as_deref() == Some("judge") && wishes.judge.is_none() {
        wishes.judge = Some(summary::question("The judging model", "openai/gpt-4.1-mini")?);
    }
    Ok(wishes)
}

/// A path as a task file names it: relative to the folder of that file, or absolute.
fn beside(out: &Path, path: &Path) -> Result<String> {
    let is_here =
        out.parent().is_none_or(|folder| folder.as_os_str().is_empty() || folder == Path::new("."));
    let path = match is_here {
        true => path.to_owned(),
        false => std::path::absolute(path).map_err(|error| {
            Error::configuration(format!("{}: {error}", path.display()))
                .with_help("write the task file into the folder of the rows")
        })?,
    };
    Ok(path.to_string_lossy().into_owned())
}
