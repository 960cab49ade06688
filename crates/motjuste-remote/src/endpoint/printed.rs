//! Keys that a command prints, such as `gcloud auth print-access-token`.

use std::process::{Command, Stdio};

use motjuste::{Error, Result};

use crate::environment::Environment;

/// What follows the name of a key's variable in that of the command that prints the key.
const SUFFIX: &str = "_COMMAND";

/// The key that the command in `NAME_COMMAND` prints, for the first of `names` that has one. It is asked for
/// once, when the endpoint is opened.
///
/// # Errors
/// [`Error::is_configuration`] when the command fails or prints nothing.
pub(super) fn key(names: &[&str], environment: &Environment) -> Result<Option<String>> {
    let set = |name: &&str| {
        let name = format!("{name}{SUFFIX}");
        Some((environment.first(&[&name])?, name))
    };
    let Some((command, name)) = names.iter().find_map(set) else { return Ok(None) };
    let refuse = |what: String| {
        let message = format!("the command in {name} {}", environment.redact(&what));
        Error::configuration(message).with_help(format!("try it in a shell: {command}"))
    };
    let words = shlex::split(&command).filter(|words| !words.is_empty());
    let words = words.ok_or_else(|| refuse("is none".to_owned()))?;
    let run = Command::new(&words[0])
        .args(&words[1..])
        .envs(environment.added().iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .output()
        .map_err(|error| refuse(format!("cannot be started: {error}")))?;
    let said = String::from_utf8_lossy(&run.stderr);
    if !run.status.success() {
        let last = said.lines().last().unwrap_or_default();
        return Err(refuse(format!("failed ({}): {last}", run.status)));
    }
    match String::from_utf8_lossy(&run.stdout).trim() {
        "" => Err(refuse("printed nothing".to_owned())),
        key => Ok(Some(key.to_owned())),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const NAMES: [&str; 2] = ["A_TOKEN", "B_TOKEN"];

    fn printed(command: &str) -> Result<Option<String>> {
        key(&NAMES, &Environment::of([("B_TOKEN_COMMAND", command)]))
    }

    #[test]
    fn a_key_is_what_the_command_prints() {
        assert_eq!(printed("sh -c 'echo \" ya29.x \"'").unwrap().as_deref(), Some("ya29.x"));
        assert_eq!(key(&NAMES, &Environment::of([])).unwrap(), None);
    }

    #[test]
    fn a_command_that_fails_is_told_without_what_it_printed() {
        let cases = [
            "sh -c 'echo secret; echo \"not logged in\" >&2; exit 3'",
            "true",
            "no-such-program",
            "'",
        ];
        for command in cases {
            let error = printed(command).unwrap_err();
            assert!(
                error.is_configuration() && error.to_string().contains("B_TOKEN_COMMAND"),
                "{error}"
            );
            assert!(!error.to_string().contains("secret"), "{error}");
        }
        assert!(printed(cases[0]).unwrap_err().to_string().ends_with("not logged in"));
    }
}
