//! A command line that cannot be read, with the command that was probably meant.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory, FromArgMatches};

use super::Args;
use super::from::with_file;

/// The most letters that a command is off by, two that changed places counted once.
const SLIPS: usize = 2;

/// What was typed; or why it cannot be read, or the help that it asks for. A negative number is a value like any
/// other, for its flag to refuse with a reason.
pub(crate) fn read() -> Result<Args, clap::Error> {
    let mut command = with_negative_numbers(Args::command());
    let typed = with_file(std::env::args_os().collect(), "compare")
        .map_err(|error| unreadable(&mut command, &error))?;
    let matches = command.try_get_matches_from_mut(typed);
    let args = matches.and_then(|matches| Args::from_arg_matches(&matches));
    args.map_err(|error| with_suggestion(error.format(&mut command)))
}

/// A file of flags that cannot be read.
fn unreadable(command: &mut Command, error: &motjuste::Error) -> clap::Error {
    let help = error.help().unwrap_or_default();
    command.error(ErrorKind::Io, format!("{error}\n{help}"))
}

fn with_negative_numbers(command: Command) -> Command {
    let takes_value = |arg: &clap::Arg| arg.get_action().takes_values() && !arg.is_positional();
    let command = command.mut_args(|arg| match takes_value(&arg) {
        true => arg.allow_negative_numbers(true),
        false => arg,
    });
    command.mut_subcommands(with_negative_numbers)
}

/// The error, with the nearest command where one is near.
fn with_suggestion(mut error: clap::Error) -> clap::Error {
    if error.kind() != ErrorKind::InvalidSubcommand {
        return error;
    }
    if let Some(ContextValue::String(typed)) = error.get(ContextKind::InvalidSubcommand)
        && let Some(meant) = nearest(typed, &Args::command())
    {
        let meant = ContextValue::Strings(vec![meant]);
        error.insert(ContextKind::SuggestedSubcommand, meant);
    }
    error
}

/// The command whose name is nearest.
fn nearest(typed: &str, commands: &Command) -> Option<String> {
    let names = commands.get_subcommands().map(Command::get_name);
    let distance = |name: &&str| strsim::osa_distance(name, &typed.to_lowercase());
    let nearest = names.min_by_key(distance)?;
    let is_near = distance(&nearest) <= SLIPS.min(typed.chars().count().saturating_sub(1));
    is_near.then(|| nearest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_known_again_and_other_words_are_not() {
        let meant = |typed| nearest(typed, &Args::command()).unwrap_or_default();
        assert_eq!(
            ["rnu", "Runn", "trails", "doctr"].map(meant),
            ["run", "run", "trials", "doctor"]
        );
        assert_eq!(["optimise", "x", "tunnel"].map(meant), ["", "", ""]);
    }
}
