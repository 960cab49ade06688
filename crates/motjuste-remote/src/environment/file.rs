//! Files of environment variables: `.env`.

use std::io::Cursor;
use std::path::Path;

use motjuste::{Error, Result};

/// The variables of a file, in its order. Nothing is put into the environment of this process.
pub(super) fn read(path: &Path) -> Result<Vec<(String, String)>> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Error::configuration(format!("cannot read the variables in {}: {error}", path.display()))
            .with_help("give a file with lines of NAME=VALUE")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let lines = dotenvy::Iter::new(Cursor::new(text));
    lines.map(|line| line.map_err(|error| refuse(path, text, &error))).collect()
}

/// The line may hold a key, so only its number is told.
fn refuse(path: &Path, text: &str, error: &dotenvy::Error) -> Error {
    let number = match error {
        dotenvy::Error::LineParse(line, _) => {
            text.lines().position(|one| one.trim() == line.trim()).map(|index| index + 1)
        }
        _ => None,
    };
    let place = number.map_or_else(String::new, |number| format!(", line {number}"));
    let message = format!("{}{place}: expected NAME=VALUE", path.display());
    Error::configuration(message).with_help("put quotes around a value with spaces in it")
}

#[cfg(test)]
mod tests {
    use super::super::Environment;

    fn with(text: &str, set: [(&str, &str); 1]) -> motjuste::Result<Environment> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.env");
        std::fs::write(&path, text).unwrap();
        Environment::of(set).with_file(&path)
    }

    #[test]
    fn a_file_adds_what_is_not_set() {
        let text = "\u{feff}# keys\nexport A_KEY='sk 1'\r\nB_KEY=\"from the file\"\n\nC=${A_KEY}\n";
        let environment = with(text, [("B_KEY", "set")]).unwrap();
        assert_eq!(environment.first(&["A_KEY"]).as_deref(), Some("sk 1"));
        assert_eq!(environment.first(&["B_KEY"]).as_deref(), Some("set"));
        assert_eq!(environment.first(&["ABSENT", "C"]).as_deref(), Some("sk 1"));
        assert_eq!(environment.added().len(), 2);
    }

    #[test]
    fn a_line_that_is_none_is_told_by_its_number_and_not_shown() {
        let error = with("A=1\nOPENAI_API_KEY sk-secret\n", [("", "")]).unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains("line 2"), "{error}");
        assert!(!format!("{error:?}").contains("sk-secret"));
    }

    #[test]
    fn an_absent_file_is_named() {
        let absent = std::path::Path::new("no-such.env");
        let error = Environment::of([]).with_file(absent).unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains("no-such.env"));
    }

    #[test]
    fn secrets_are_taken_out_of_texts() {
        let environment =
            with("APP_TOKEN=abcdefgh\nUSER=somebody", [("X_KEY", "12345678")]).unwrap();
        let text = environment.redact("abcdefgh 12345678 somebody");
        assert_eq!(text, "[hidden] [hidden] somebody");
    }
}
