//! The commands that a page names, put to the parser of the binary: with `--help` at its end a command does
//! nothing, and yet a flag or a value that is not known is refused.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use super::{blocks, page};

/// Every command, and every flag of any of them.
pub struct Known {
    flags: BTreeSet<String>,
}

impl Known {
    pub fn of_the_binary() -> Self {
        let help: String = page::names().iter().map(|name| page::help(name)).collect();
        Self { flags: flags(&help).collect() }
    }

    /// What a page says that the binary does not know.
    pub fn faults(&self, page: &Path) -> Vec<String> {
        let (lines, spans) = (lines_of(page), spans_of(page));
        let foreign: BTreeSet<String> = lines
            .iter()
            .chain(spans.iter().filter(|(_, span)| !span.starts_with("--")))
            .filter(|(_, line)| command(line).is_none())
            .flat_map(|(_, line)| flags(line))
            .collect();
        let is_unknown = |flag: &String| !self.flags.contains(flag) && !foreign.contains(flag);
        let is_flag = |(_, span): &&Placed| {
            span.starts_with("--") && flags(span).any(|flag| is_unknown(&flag))
        };
        let named = spans.iter().filter(is_flag);
        let mut faults: Vec<String> =
            named.map(|(place, span)| format!("{place}: no such flag: {span}")).collect();
        let commands =
            lines.iter().chain(&spans).filter_map(|(place, line)| Some((place, command(line)?)));
        faults.extend(
            commands.filter_map(|(place, line)| Some(format!("{place}: {}", refused(&line)?))),
        );
        faults
    }
}

/// A text, and where it stands.
type Placed = (String, String);

/// The lines of a page's blocks of commands.
fn lines_of(page: &Path) -> Vec<Placed> {
    let blocks = blocks::of(page).into_iter();
    let of_commands = blocks.filter(|block| ["sh", "console"].contains(&&*block.language));
    of_commands
        .flat_map(|block| {
            lines(&block.text).into_iter().map(move |line| (block.place.clone(), line))
        })
        .collect()
}

/// The code spans of a page's text.
fn spans_of(page: &Path) -> Vec<Placed> {
    let name = page.file_name().unwrap().to_string_lossy().into_owned();
    let lines = blocks::prose(page).into_iter();
    lines
        .flat_map(|(number, line)| {
            let place = format!("{name}:{number}");
            spans(&line).map(|span| (place.clone(), span)).collect::<Vec<_>>()
        })
        .collect()
}

/// The lines of a block without prompts and comments; a line that ends in `\` goes on in the next.
fn lines(text: &str) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    let lines = joined.lines().map(|line| line.trim_start_matches("$ "));
    lines.map(|line| line.split(" #").next().unwrap_or_default().trim().to_owned()).collect()
}

/// The code spans of a line.
fn spans(line: &str) -> impl Iterator<Item = String> {
    line.split('`').skip(1).step_by(2).map(str::to_owned)
}

/// The flags in a text, by their long names.
fn flags(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|sign: char| !(sign.is_ascii_alphanumeric() || "-_".contains(sign)));
    words.filter(|word| word.starts_with("--") && word.len() > 2).map(str::to_owned)
}

/// The command of this program in a line, if there is one.
fn command(line: &str) -> Option<String> {
    let line = match line.strip_prefix("cargo run --release -- ") {
        Some(arguments) => format!("motjuste {arguments}"),
        None => line.to_owned(),
    };
    line.starts_with("motjuste ").then_some(line)
}

/// Why the parser refuses a command, if it does.
fn refused(line: &str) -> Option<String> {
    let script = format!("motjuste() {{ \"$BINARY\" \"$@\" --help >/dev/null; }}\n{line}");
    let mut command = Command::new("sh");
    command.args(["-c", &script]).env("BINARY", env!("CARGO_BIN_EXE_motjuste"));
    let output = command.current_dir(std::env::temp_dir()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (!output.status.success()).then(|| format!("{line}\n{said}"))
}
