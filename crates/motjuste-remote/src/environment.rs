//! Where addresses and keys come from when nobody names them: environment variables.

mod file;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use motjuste::Result;

/// Shown in the place of a secret.
const HIDDEN: &str = "[hidden]";

/// A value shorter than this is not searched for in texts: it would be found inside ordinary words.
const SHORTEST: usize = 6;

/// A value of letters alone that is shorter than this may be an ordinary word.
const WORD: usize = 12;

/// What the name of a variable that holds a secret ends in.
const SECRET: [&str; 4] = ["KEY", "TOKEN", "SECRET", "PASSWORD"];

type Variable = (String, String);

/// The environment variables that an endpoint may read.
///
/// ```
/// use motjuste_remote::Environment;
/// let environment = Environment::of([("OPENAI_API_KEY", "sk-…")]);
/// assert_eq!(format!("{environment:?}"), "Environment");
/// ```
#[derive(Clone)]
pub struct Environment {
    set: Arc<[Variable]>,
    /// Those of files, which are not set in the process itself.
    added: Arc<[Variable]>,
}

impl Environment {
    /// The variables of this process, as they are now.
    pub fn process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self { set: std::env::vars_os().filter_map(text).collect(), added: Arc::default() }
    }

    /// These variables and no others.
    pub fn of<const N: usize>(variables: [(&str, &str); N]) -> Self {
        let set = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self { set: Arc::new(set), added: Arc::default() }
    }

    /// The same variables and those of a `.env` file: lines of `NAME=VALUE`. A variable that is set already
    /// keeps its value.
    ///
    /// # Errors
    /// [`Error::is_configuration`](motjuste::Error::is_configuration) when the file cannot be read, or a
    /// line is none of these; the line itself, which may hold a key, is not shown.
    pub fn with_file(self, path: &Path) -> Result<Self> {
        let is_new = |(name, _): &Variable| self.value(name).is_none();
        let read = file::read(path)?.into_iter().filter(is_new);
        let added = self.added.iter().cloned().chain(read).collect();
        Ok(Self { added, set: self.set })
    }

    /// The first of `names` that is set to more than white space, without quotes around it.
    pub(crate) fn first(&self, names: &[&str]) -> Option<String> {
        let values = names.iter().filter_map(|name| self.value(name));
        values.map(|value| unquoted(value.trim()).to_owned()).find(|value| !value.is_empty())
    }

    /// The variables that a program which is started does not inherit from this process.
    pub(crate) fn added(&self) -> &[Variable] {
        &self.added
    }

    /// The text without the values of those variables whose names say that they are secrets.
    pub(crate) fn redact(&self, text: &str) -> String {
        self.secrets().fold(text.to_owned(), |text, value| text.replace(value, HIDDEN))
    }

    /// An answer without the values of those variables, if it holds one; a word in letters alone may be its own.
    pub(crate) fn censored(&self, answer: &str) -> Option<String> {
        let is_word = |value: &&str| value.len() < WORD && value.chars().all(char::is_alphabetic);
        let held = self.secrets().filter(|value| !is_word(value) && answer.contains(*value));
        held.fold(None, |without: Option<String>, value| {
            Some(without.as_deref().unwrap_or(answer).replace(value, HIDDEN))
        })
    }

    fn secrets(&self) -> impl Iterator<Item = &str> {
        let is_secret = |(name, value): &&Variable| {
            let name = name.to_ascii_uppercase();
            value.len() >= SHORTEST && SECRET.iter().any(|end| name.ends_with(end))
        };
        let all = self.set.iter().chain(self.added.iter());
        all.filter(is_secret).map(|(_, value)| value.as_str())
    }

    fn value(&self, name: &str) -> Option<&str> {
        let mut all = self.set.iter().chain(self.added.iter());
        all.find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The value without the quotes that files for containers keep: no key and no address has any.
fn unquoted(value: &str) -> &str {
    let inner = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(value).trim()
}

impl Default for Environment {
    fn default() -> Self {
        Self::process()
    }
}

/// Values may be keys, so none is shown.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment")
    }
}
