//! `motjuste init`: a task file for a person's own rows.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use motjuste::task::{FileFormat, load};
use motjuste::{Error, Result};
use motjuste_convert::{Format, Survey, Wishes, check_metric, detect, survey};
use motjuste_page::format::counted;

use super::import::next;
use crate::args::InitArgs;
use crate::output::NewTask;
use crate::{files, summary};

pub(crate) fn init(args: InitArgs, json: bool) -> Result<ExitCode> {
    files::refuse_existing(&args.out)?;
    let asks = !args.yes && !json && std::io::stdin().is_terminal();
    let format = FileFormat { delimiter: args.delimiter, encoding: args.encoding.clone() };
    let (data, found) = until_read(|| data(&args, asks), |path| survey(path, &format))?;
    let prompt = until_read(|| prompt(&args, asks), |path| in_use(path, &args.out))?.1;
    let wishes = Wishes {
        data: beside(&args.out, &data.path)?,
        format,
        prompt,
        inputs: args.input.clone(),
        output: args.output.clone(),
        metric: args.metric.clone(),
        judge: args.judge.clone(),
    };
    let wishes = if asks { asked(wishes, &found)? } else { wishes };
    let tool = wishes.output.is_none().then(|| detect(&data.path)).flatten();
    let (text, decided) = wishes.task_file(&found).map_err(|error| match tool {
        Some(tool) => with_import(error, tool, &data.path),
        None => with_flags(error),
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

/// What makes a task of the rows of another tool.
fn with_import(error: Error, tool: Format, data: &Path) -> Error {
    let (name, path) = (tool.name(), data.display());
    error.with_help(match tool {
        Format::Messages => format!(
            "conversations that end with their answers are imported: motjuste import {name} {path}"
        ),
        _ => format!(
            "rows of {} are imported: motjuste import {name} {path}; or name the column of the output \
             (--output COLUMN)",
            tool.title()
        ),
    })
}

/// A file that a person named.
struct Named {
    path: PathBuf,
    /// Whether it was an answer to a question.
    is_answer: bool,
}

impl Named {
    fn by_flag(path: &Path) -> Self {
        Self { path: path.to_owned(), is_answer: false }
    }

    fn by_answer(answer: &str) -> Self {
        Self { path: PathBuf::from(answer), is_answer: !answer.is_empty() }
    }
}

/// A file and what is read of it. A person who is asked and names one that cannot be read is told so, and
/// asked again.
fn until_read<T>(
    ask: impl Fn() -> Result<Named>,
    read: impl Fn(&Path) -> Result<T>,
) -> Result<(Named, T)> {
    loop {
        let named = ask()?;
        match read(&named.path) {
            Err(error) if named.is_answer => tell(&error),
            read => return Ok((named, read?)),
        }
    }
}

fn tell(error: &Error) {
    summary::note(&format!("{error}\n  {}", error.help().unwrap_or_default()));
}

/// The answer to a question, which is asked again while the answer is none. Nothing is an answer: what is missing is told
/// at the end.
fn until_right(
    ask: impl Fn() -> Result<String>,
    check: impl Fn(&str) -> Result<()>,
) -> Result<String> {
    loop {
        let said = ask()?;
        match check(&said) {
            Err(error) if !said.is_empty() => tell(&error),
            _ => return Ok(said),
        }
    }
}

/// The prompt in use, and its file as the task file names it; none where no file is named.
fn in_use(path: &Path, out: &Path) -> Result<Option<(String, String)>> {
    match path.as_os_str().is_empty() {
        true => Ok(None),
        false => Ok(Some((beside(out, path)?, files::prompt(path)?))),
    }
}

fn data(args: &InitArgs, asks: bool) -> Result<Named> {
    match (&args.data, asks) {
        (Some(data), _) => Ok(Named::by_flag(data)),
        (None, true) => Ok(Named::by_answer(&summary::question("The file with your rows", "")?)),
        (None, false) => Err(Error::configuration("a task file needs rows").with_help(
            "give --data FILE; --prompt FILE, --output COLUMN and --metric NAME are of use, too",
        )),
    }
}

fn prompt(args: &InitArgs, asks: bool) -> Result<Named> {
    let question = "The file with the prompt you use today, if there is one";
    match (&args.prompt, asks) {
        (Some(path), _) => Ok(Named::by_flag(path)),
        (None, true) => Ok(Named::by_answer(&summary::question(question, "")?)),
        (None, false) => Ok(Named::by_answer("")),
    }
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
        "{} with the columns {}",
        counted(found.rows(), "row"),
        found.columns().join(", ")
    ));
    if wishes.output.is_none() {
        let offer = wishes.offered_output(found).unwrap_or_default();
        let ask = || summary::question("The column with the expected output, or nothing", &offer);
        let said = until_right(ask, |name| found.check(name))?;
        wishes.output = (!said.is_empty()).then_some(said);
    }
    if wishes.metric.is_none() {
        let guess = wishes.output.as_deref().map(|output| found.guess(output));
        if let Some(guess) = &guess {
            summary::note(&guess.why);
        }
        let offer = guess.map_or("judge", |guess| guess.metric);
        wishes.metric = Some(until_right(|| summary::question("The metric", offer), check_metric)?);
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

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn a_person_who_misspells_a_file_is_asked_again_and_a_flag_is_not() {
        let answers = RefCell::new(vec!["rows.csv", "rows.cvs"]);
        let ask = || Ok(Named::by_answer(answers.borrow_mut().pop().unwrap_or_default()));
        let read = |path: &Path| match path.ends_with("rows.csv") {
            true => Ok(3),
            false => Err(Error::data("cannot read it")),
        };
        let (named, rows) = until_read(ask, read).unwrap();
        assert_eq!((named.path, rows), (PathBuf::from("rows.csv"), 3));
        assert!(until_read(ask, read).is_err(), "nobody answers any more");
        assert!(until_read(|| Ok(Named::by_flag(Path::new("x"))), read).is_err());
    }

    #[test]
    fn a_person_who_names_no_metric_is_asked_again() {
        let answers = RefCell::new(vec!["", "label", "lable"]);
        let ask = || Ok(answers.borrow_mut().pop().unwrap_or_default().to_owned());
        assert_eq!(until_right(ask, check_metric).unwrap(), "label");
        assert_eq!(until_right(ask, check_metric).unwrap(), "", "nothing is an answer");
    }
}
