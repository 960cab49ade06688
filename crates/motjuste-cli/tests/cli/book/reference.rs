//! The chapter on commands: what each says of itself, as Markdown.

use super::page;

const HEAD: &str = "# Commands\n\n<!-- Written by a test from what the commands say of themselves: \
    MOTJUSTE_WRITE_BOOK=1 cargo test -p motjuste-cli --test cli book -->\n\n\
    `--help` behind a command prints the same. The options of the first section hold for every command.\n";

/// The chapter.
pub fn commands() -> String {
    let all = page::help("");
    let everywhere: Vec<Entry> =
        sections(&all).into_iter().flat_map(|(_, entries)| entries).collect();
    let mut text = HEAD.to_owned();
    for name in page::names() {
        let help = page::help(&name);
        text += &match name.as_str() {
            "" => section("motjuste", &help, &[]),
            name => section(&format!("motjuste {name}"), &help, &everywhere),
        };
    }
    text
}

/// A flag or an argument, and what is said of it.
#[derive(PartialEq)]
struct Entry {
    name: String,
    text: String,
}

fn section(title: &str, help: &str, everywhere: &[Entry]) -> String {
    let about = help.lines().next().unwrap_or_default();
    let usage = help.lines().find_map(|line| line.strip_prefix("Usage: ")).unwrap_or_default();
    let mut text = format!("\n## {title}\n\n{}.\n\n```text\n{usage}\n```\n", prose(about));
    let known = |entry: &Entry| everywhere.iter().any(|other| other.name == entry.name);
    for (heading, entries) in sections(help) {
        let new: Vec<&Entry> = entries.iter().filter(|entry| !known(entry)).collect();
        if !new.is_empty() {
            text += &format!("\n**{heading}**\n\n");
            text.extend(
                new.iter().map(|entry| {
                    format!("- `{}`: {}\n", entry.name, prose(&in_words(&entry.text)))
                }),
            );
        }
    }
    let codes = help.lines().find(|line| line.starts_with("Exit codes:"));
    text + &codes.map_or(String::new(), |codes| format!("\n{codes}\n"))
}

/// What clap has in brackets, in words.
fn in_words(text: &str) -> String {
    const BRACKETS: [(&str, &str); 3] = [
        ("[env: ", "From the environment: "),
        ("[default: ", "Default: "),
        ("[possible values: ", "One of "),
    ];
    let mut words = text.to_owned();
    for (bracket, meaning) in BRACKETS {
        let Some((before, rest)) = words.split_once(bracket) else { continue };
        let Some((value, after)) = rest.split_once(']') else { continue };
        let before = before.trim_end();
        let stop = if before.is_empty() || before.ends_with(['.', ';']) { "" } else { "." };
        words = format!("{before}{stop} {meaning}{}.{after}", code(value.trim_end_matches('=')));
    }
    words.trim().to_owned()
}

/// A list of single words as code; anything else is prose.
fn code(value: &str) -> String {
    match value.split(", ").any(|word| word.contains([' ', '`'])) {
        true => value.to_owned(),
        false => format!("`{}`", value.replace(", ", "`, `")),
    }
}

/// The sections of a help text: heading and entries.
fn sections(help: &str) -> Vec<(String, Vec<Entry>)> {
    let mut sections: Vec<(String, Vec<Entry>)> = Vec::new();
    for line in help.lines() {
        let indent = match line.is_empty() {
            true => usize::MAX,
            false => line.len() - line.trim_start().len(),
        };
        match (indent, sections.last_mut()) {
            (0, _) if line.ends_with(':') => {
                sections.push((line.trim_end_matches(':').to_owned(), Vec::new()));
            }
            (1..=6, Some((_, entries))) => entries.push(entry(line.trim())),
            (7.., Some((_, entries))) => {
                if let Some(entry) = entries.last_mut() {
                    add(&mut entry.text, line.trim());
                }
            }
            _ => {}
        }
    }
    sections
}

/// An entry whose text stands beside it, or follows.
fn entry(line: &str) -> Entry {
    let (name, text) = line.split_once("  ").unwrap_or((line, ""));
    Entry { name: name.to_owned(), text: text.trim().to_owned() }
}

/// One more line of a text; an empty one ends a sentence.
fn add(text: &mut String, line: &str) {
    let line =
        match line.strip_prefix("- ").map(|value| value.split_once(':').unwrap_or((value, ""))) {
            Some((value, about)) if about.trim().is_empty() => format!("`{value}`;"),
            Some((value, about)) => format!("`{value}` ({});", about.trim().trim_end_matches('.')),
            None => line.to_owned(),
        };
    if line.is_empty() && text.ends_with(|sign: char| !".;:]".contains(sign)) {
        text.push('.');
    }
    if !text.is_empty() && !line.is_empty() {
        text.push(' ');
    }
    *text += &line;
}

/// Text for Markdown: no tags outside code.
fn prose(text: &str) -> String {
    let text = text.trim_end_matches([';', '.']);
    let parts = text.split('`').enumerate().map(|(index, part)| match index % 2 {
        0 => part.replace('<', "&lt;").replace('*', "\\*").replace('_', "\\_"),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("`")
}
