//! Files that are made elsewhere first, and moved to their place when all of them are whole.

use std::fs;
use std::path::{Path, PathBuf};

use motjuste::Result;

use super::{ours, place};

/// Lets `make` write files to a new folder, and moves them to `folder`, replacing those of the same content.
/// Others are replaced only by `force`.
pub(crate) fn into_folder(
    folder: &Path,
    force: bool,
    make: impl FnOnce(&Path) -> Result<()>,
) -> Result<()> {
    fs::create_dir_all(folder).map_err(|error| place::refuse(folder, &error))?;
    let made = place::part(&folder.join("made"));
    let moved = make(&made).and_then(|()| take(&made, folder, force));
    // It is empty now, or of no use.
    let _ = fs::remove_dir_all(&made);
    moved
}

/// As [`into_folder`], for one file.
pub(crate) fn into_file(
    path: &Path,
    force: bool,
    make: impl FnOnce(&Path) -> Result<()>,
) -> Result<()> {
    let made = place::part(path);
    let moved = make(&made).and_then(|()| move_all(&[(made.clone(), path.to_owned())], force));
    let _ = fs::remove_file(&made);
    moved
}

fn take(made: &Path, folder: &Path, force: bool) -> Result<()> {
    let names = names(made).map_err(|error| place::refuse(folder, &error))?;
    let pairs: Vec<_> = names.iter().map(|name| (made.join(name), folder.join(name))).collect();
    move_all(&pairs, force)
}

fn names(folder: &Path) -> std::io::Result<Vec<std::ffi::OsString>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect()
}

/// Moves each file to its place, all or none of them.
fn move_all(pairs: &[(PathBuf, PathBuf)], force: bool) -> Result<()> {
    let differs =
        |(new, old): &&(PathBuf, PathBuf)| old.exists() && fs::read(old).ok() != fs::read(new).ok();
    if !force {
        let mut foreign: Vec<PathBuf> =
            pairs.iter().filter(differs).map(|(_, old)| old.clone()).collect();
        foreign.sort();
        ours::refuse(foreign)?;
    }
    let moved = |(new, old): &(PathBuf, PathBuf)| {
        fs::rename(new, old).map_err(|error| place::refuse(old, &error))
    };
    pairs.iter().try_for_each(moved)
}
