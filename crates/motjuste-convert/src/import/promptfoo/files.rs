//! Files that a configuration names: `file://path`, relative to it.

use std::path::PathBuf;

use motjuste::Result;

use crate::document::Document;

/// The path behind `file://`, if a text is one.
pub(super) fn path_in(text: &str) -> Option<&str> {
    text.trim().strip_prefix("file://")
}

/// Whether a path, or a path with the name of a function behind it, is a program.
pub(super) fn is_code(path: &str) -> bool {
    const ENDINGS: [&str; 7] = ["js", "cjs", "mjs", "ts", "mts", "py", "rb"];
    let file = path.split(':').next().unwrap_or(path);
    file.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending))
}

/// The file that a document names.
pub(super) fn read(path: &str, from: &Document) -> Result<Document> {
    Document::read(&from.folder().join(path))
}

/// The files that a name with one star means, sorted; the file itself where there is no star.
pub(super) fn matching(path: &str, from: &Document) -> Vec<PathBuf> {
    let full = from.folder().join(path);
    let (Some(folder), Some(name)) = (full.parent(), full.file_name().and_then(|it| it.to_str()))
    else {
        return vec![full];
    };
    let Some((before, after)) = name.split_once('*') else { return vec![full] };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let fits = |name: &str| {
        name.len() >= before.len() + after.len()
            && name.starts_with(before)
            && name.ends_with(after)
    };
    let named = entries.filter(|entry| entry.file_name().to_str().is_some_and(fits));
    let mut paths: Vec<PathBuf> = named.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}
