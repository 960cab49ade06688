//! Tasks that belong together.

use std::path::{Path, PathBuf};

use motjuste::{Error, Result};

use crate::args::{CompareArgs, Suite};

/// The tasks of the ruler that wordings make a difference to.
const REAL: [&str; 6] = ["animal", "continent", "headline", "language", "living", "review"];

/// The task files of a suite, or the names of its datasets.
pub(super) fn tasks(suite: Suite, args: &CompareArgs) -> Result<Vec<PathBuf>> {
    match suite {
        Suite::Embedded => in_repository("tasks", None),
        Suite::Real if args.models.target.target == "embedded" => Err(no_target()),
        Suite::Real => in_repository("ruler", Some(&REAL)),
        Suite::InstructionInduction => {
            datasets(args, "instruction_induction", "instruction_induction/induce", ".json")
        }
        Suite::Bbh => datasets(args, "bbh", "bbh", ".json"),
        Suite::Mmlu => datasets(args, "mmlu", "mmlu", "_test.csv"),
        Suite::Gsm8k => {
            data(args)?;
            Ok(vec!["gsm8k".into()])
        }
    }
}

/// The task files of a folder of the repository, those of these names alone.
fn in_repository(folder: &str, names: Option<&[&str]>) -> Result<Vec<PathBuf>> {
    let wanted = |name: &String| names.is_none_or(|names| names.contains(&name.as_str()));
    let found = stems(Path::new(folder), ".toml").into_iter().filter(wanted);
    let found: Vec<PathBuf> =
        found.map(|name| Path::new(folder).join(format!("{name}.toml"))).collect();
    match found.is_empty() {
        false => Ok(found),
        true => Err(Error::configuration(format!(
            "the tasks of this suite are not here: there is no folder {folder} with them"
        ))
        .with_help("run it at the top of motjuste's repository, or name task files")),
    }
}

/// The names of published datasets of which there are files.
fn datasets(args: &CompareArgs, name: &str, folder: &str, ending: &str) -> Result<Vec<PathBuf>> {
    let folder = data(args)?.join(folder);
    let found = stems(&folder, ending);
    match found.is_empty() {
        false => Ok(found.into_iter().map(|task| Path::new(name).join(task)).collect()),
        true => Err(Error::data(format!("there is no file *{ending} in {}", folder.display()))
            .with_help("give the folder below which the published files lie with --data")),
    }
}

fn data(args: &CompareArgs) -> Result<&Path> {
    args.data.data.as_deref().ok_or_else(|| {
        Error::configuration("this suite is of published files, which are not part of motjuste")
            .with_help("give the folder below which they lie with --data; the book says where they are to be had")
    })
}

fn no_target() -> Error {
    Error::configuration("this suite is for a real language model")
        .with_help("name it with --target, such as --target smollm2-135m-instruct-q4_1.gguf")
}

/// The names of the files of a folder without this ending, in alphabetical order.
fn stems(folder: &Path, ending: &str) -> Vec<String> {
    let files = std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| entry.ok());
    let names = files.map(|file| file.file_name().to_string_lossy().into_owned());
    let mut stems: Vec<String> =
        names.filter_map(|name| Some(name.strip_suffix(ending)?.to_owned())).collect();
    stems.sort();
    stems
}
