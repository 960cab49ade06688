//! The book and the README hold: their commands run or at least parse, their output is what is printed, their
//! links lead somewhere, and the generated chapters are current.
//!
//! How a code block is marked in `docs/src`:
//!
//! | block | what happens to it |
//! |---|---|
//! | `sh,run` | run line by line, in the chapter's own folder, against a scripted server |
//! | `sh,run,needs=NAME` | the same, where there is a program of this name |
//! | `sh` | every `motjuste` command in it is parsed |
//! | `text,printed` | each line was printed by the commands before it; `…` stands for anything |
//! | `toml,file=NAME`, … | written to the chapter's folder first; so are the files of `docs/src/examples` |

mod blocks;
mod chapter;
mod commands;
mod links;
mod page;
mod reference;
mod tables;
mod tickets;

use std::fs;
use std::path::{Path, PathBuf};

use crate::scratch::repository;
use crate::server::Server;

/// The chapters, sorted.
fn chapters() -> Vec<PathBuf> {
    pages(&repository().join("docs/src"))
}

fn pages(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|ending| ending == "md")).collect();
    pages.sort();
    assert!(!pages.is_empty(), "no pages in {}", folder.display());
    pages
}

#[test]
fn what_the_book_runs_runs_and_prints_what_it_says() {
    let server = Server::start(tickets::answer);
    let ran: usize = chapters().iter().map(|page| chapter::run(page, &server)).sum();
    assert!(ran > 10, "only {ran} blocks of commands were run");
}

#[test]
fn every_command_and_every_flag_is_known_to_the_parser() {
    let known = commands::Known::of_the_binary();
    let mut pages = chapters();
    pages.push(repository().join("README.md"));
    let faults: Vec<String> = pages.iter().flat_map(|page| known.faults(page)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn tables_of_settings_are_toml() {
    for page in chapters() {
        for block in blocks::of(&page).iter().filter(|block| block.language == "toml") {
            let parsed: Result<toml::Table, _> = toml::from_str(&block.text);
            assert!(parsed.is_ok(), "{}: {}", block.place, parsed.unwrap_err());
        }
    }
}

#[test]
fn links_lead_somewhere_and_every_chapter_is_in_the_summary() {
    let mut faults = links::unlisted(&chapters());
    let documents = [pages(&repository()), chapters(), pages(&repository().join("docs/schema"))];
    faults.extend(documents.concat().iter().flat_map(|page| links::broken(page)));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_provider_is_in_the_chapter_on_models() {
    let page = fs::read_to_string(repository().join("docs/src/models.md")).unwrap();
    for provider in motjuste_remote::Provider::names() {
        assert!(page.contains(&format!("`{provider}/")), "{provider} is not in docs/src/models.md");
    }
}

/// `MOTJUSTE_WRITE_BOOK=1` writes the generated chapters anew.
#[test]
fn the_generated_chapters_are_current() {
    let schema = fs::read_to_string(repository().join("docs/schema/task.schema.json")).unwrap();
    let schema = serde_json::from_str(&schema).unwrap();
    let generated =
        [("commands.md", reference::commands()), ("task-file.md", tables::task_file(&schema))];
    for (name, text) in generated {
        let path = repository().join("docs/src").join(name);
        if std::env::var_os("MOTJUSTE_WRITE_BOOK").is_some() {
            fs::write(&path, &text).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == text,
            "docs/src/{name} is not current: MOTJUSTE_WRITE_BOOK=1 cargo test -p motjuste-cli --test cli book"
        );
    }
}
