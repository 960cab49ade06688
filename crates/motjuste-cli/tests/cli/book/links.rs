//! Links between pages.

use std::fs;
use std::path::{Path, PathBuf};

use super::blocks;
use crate::scratch::repository;

/// Links of a page to files that are not there; and, from the book, to files outside of it, which the built
/// book does not have.
pub fn broken(page: &Path) -> Vec<String> {
    let folder = page.parent().unwrap();
    let in_book = folder.ends_with("docs/src");
    let name = page.display();
    let targets = blocks::prose(page).into_iter().flat_map(|(number, line)| {
        targets(&line).into_iter().map(move |target| (number, target)).collect::<Vec<_>>()
    });
    let is_bad = |target: &str| {
        let file = target.split('#').next().unwrap_or_default();
        let leaves = in_book && file.starts_with("..");
        !file.is_empty() && (leaves || !folder.join(file).exists())
    };
    targets
        .filter(|(_, target)| is_bad(target))
        .map(|(number, target)| format!("{name}:{number}: no such file: {target}"))
        .collect()
}

/// Where the links of a line lead, but for those to other machines.
fn targets(line: &str) -> Vec<String> {
    let links = line.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0));
    links.filter(|target| !target.contains("://")).map(str::to_owned).collect()
}

/// Chapters that the summary does not list.
pub fn unlisted(chapters: &[PathBuf]) -> Vec<String> {
    let summary = fs::read_to_string(repository().join("docs/src/SUMMARY.md")).unwrap();
    let names = chapters.iter().map(|path| path.file_name().unwrap().to_string_lossy());
    names
        .filter(|name| name != "SUMMARY.md" && !summary.contains(&format!("({name})")))
        .map(|name| format!("SUMMARY.md does not list {name}"))
        .collect()
}
