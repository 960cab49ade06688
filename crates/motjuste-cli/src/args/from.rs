//! Flags from a TOML file: each key is a flag, and what is typed takes its place.

use std::ffi::OsString;
use std::path::Path;

use motjuste::{Error, Result};
use toml::{Table, Value};

/// The words of a command line with those of a file in front of what was typed behind the command.
pub(super) fn with_file(typed: Vec<OsString>, command: &str) -> Result<Vec<OsString>> {
    let Some(at) = typed.iter().position(|word| word == command) else { return Ok(typed) };
    let Some(file) = named(&typed[at..]) else { return Ok(typed) };
    let table = read(Path::new(&file))?;
    let (before, behind) = typed.split_at(at + 1);
    let mut words = before.to_vec();
    for (key, value) in &table {
        if !is_typed(key, behind) {
            words.extend(flag(key, value)?);
        }
    }
    words.extend(behind.iter().cloned());
    Ok(words)
}

/// The file that --from names.
fn named(words: &[OsString]) -> Option<OsString> {
    let text = |word: &OsString| word.to_string_lossy().into_owned();
    words.iter().enumerate().find_map(|(at, word)| match text(word).strip_prefix("--from") {
        Some("") => words.get(at + 1).cloned(),
        Some(rest) => rest.strip_prefix('=').map(OsString::from),
        None => None,
    })
}

fn read(path: &Path) -> Result<Table> {
    let refuse = |why: String| {
        Error::configuration(format!("{}: {why}", path.display())).with_help(
            "a line is a flag with its value, such as seeds = 5; a list gives it many times",
        )
    };
    let text = std::fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
    toml::from_str(&text).map_err(|error| refuse(error.to_string().trim_end().to_owned()))
}

fn is_typed(key: &str, words: &[OsString]) -> bool {
    let flag = dashed(key);
    let is_it = |word: &OsString| {
        let word = word.to_string_lossy();
        word.strip_prefix(&flag).is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
    };
    words.iter().any(is_it)
}

fn dashed(key: &str) -> String {
    format!("--{}", key.replace('_', "-"))
}

/// The words of one line; the task files are words alone.
fn flag(key: &str, value: &Value) -> Result<Vec<OsString>> {
    let name = dashed(key);
    match (key, value) {
        ("from", _) => Err(Error::configuration("a file of flags names another one with --from")
            .with_help("put all flags into one file")),
        ("tasks", Value::Array(all)) => Ok(all.iter().map(|one| word(one).into()).collect()),
        ("tasks", one) => Ok(vec![word(one).into()]),
        (_, Value::Boolean(true)) => Ok(vec![name.into()]),
        (_, Value::Boolean(false)) => Ok(Vec::new()),
        (_, Value::Array(all)) => {
            Ok(all.iter().map(|one| format!("{name}={}", word(one)).into()).collect())
        }
        (_, one) => Ok(vec![format!("{name}={}", word(one)).into()]),
    }
}

fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Table(_) => serde_json::to_string(value).unwrap_or_default(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(all: &[&str]) -> Vec<OsString> {
        all.iter().map(OsString::from).collect()
    }

    #[test]
    fn a_file_gives_flags_and_what_is_typed_takes_their_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.toml");
        let text = "tasks = [\"a.toml\", \"b.toml\"]\nseeds = 5\nyes = true\nplan = false\n\
                    methods = [\"uniform\", \"opro\"]\nbudget_target_calls = 9\n";
        std::fs::write(&path, text).unwrap();
        let path = path.to_str().unwrap();
        let typed = words(&["motjuste", "compare", "--from", path, "--seeds=2"]);
        let mut read = with_file(typed, "compare").unwrap();
        read.sort();
        let mut expected = words(&[
            "motjuste",
            "compare",
            "--budget-target-calls=9",
            "--methods=uniform",
            "--methods=opro",
            "a.toml",
            "b.toml",
            "--yes",
            "--from",
            path,
            "--seeds=2",
        ]);
        expected.sort();
        assert_eq!(read, expected);
        let other = words(&["motjuste", "run", "--from", "nowhere"]);
        assert_eq!(with_file(other.clone(), "compare").unwrap(), other);
        let missing = words(&["motjuste", "compare", "--from=nowhere.toml"]);
        assert!(with_file(missing, "compare").unwrap_err().is_configuration());
    }
}
