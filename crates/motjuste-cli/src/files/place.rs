//! Writing: a file is there whole or not at all, and nothing is left of one that could not be written.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use motjuste::{Error, Result};

/// Replaces a file in one step, so that a reader never sees half of it.
pub(crate) fn write(path: PathBuf, content: impl AsRef<[u8]>) -> Result<PathBuf> {
    let part = part(&path);
    let written = write_new_file(&part, content.as_ref()).and_then(|()| fs::rename(&part, &path));
    match written {
        Ok(()) => Ok(path),
        Err(error) => {
            // What cannot be removed cannot be told better than the fault itself.
            let _ = fs::remove_file(&part);
            Err(refuse(&path, &error))
        }
    }
}

/// Makes sure, before anything is spent, that files can be written to `folder`.
pub(super) fn make_writable(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|error| refuse(folder, &error))?;
    let probe = part(&folder.join("writable"));
    write_new_file(&probe, &[])
        .and_then(|()| fs::remove_file(&probe))
        .map_err(|error| refuse(folder, &error))
}

/// The name of a file before it is whole: of this process alone.
pub(super) fn part(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.part", std::process::id()))
}

fn write_new_file(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut file = match File::create_new(path) {
        // Another process of this number was killed.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            fs::remove_file(path)?;
            File::create_new(path)?
        }
        created => created?,
    };
    file.write_all(content)?;
    file.sync_all()
}

pub(super) fn refuse(path: &Path, error: &std::io::Error) -> Error {
    Error::output(format!("cannot write to {}: {error}", path.display()))
        .with_help("choose another folder with --out; what was paid for is safe in the store")
}
