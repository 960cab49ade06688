//! SQLite's result codes as sentences, each with a next step.

use std::path::Path;
use std::sync::Arc;

use motjuste::Error;
use motjuste::error::Setting;

// https://www.sqlite.org/rescode.html; the low byte of an extended code is its primary code.
pub(super) const BUSY: u8 = 5;
const READONLY: u8 = 8;
const IOERR: u8 = 10;
const CORRUPT: u8 = 11;
const FULL: u8 = 13;
pub(super) const CANTOPEN: u8 = 14;
const NOTADB: u8 = 26;

/// The error that people read when the store at `path` failed with `error`.
pub(super) fn explain(path: &Path, error: impl Into<Arc<sqlx::Error>>) -> Error {
    let error = error.into();
    match code(&error) {
        Some(CORRUPT) => damaged(path),
        Some(NOTADB) => foreign(path),
        Some(code) => trouble(path, code),
        None if matches!(*error, sqlx::Error::PoolClosed) => {
            storage(path, "is closed", "open it again")
        }
        None => storage(path, "does not answer", "open it again; everything acknowledged is kept"),
    }
    .with_source(error)
}

/// SQLite's primary result code.
pub(super) fn code(error: &sqlx::Error) -> Option<u8> {
    let code = error.as_database_error()?.code()?.parse::<u32>().ok()?;
    Some(code.to_le_bytes()[0])
}

fn trouble(path: &Path, code: u8) -> Error {
    match code {
        BUSY => unusable(
            path,
            "is locked by another process",
            "wait for that process to end, or use another store",
        ),
        READONLY | CANTOPEN => unusable(
            path,
            "cannot be opened for writing",
            "make the file and its folder writable, or use another store",
        ),
        FULL => storage(path, "has no room to grow", "free space on its disk and run again"),
        IOERR => storage(
            path,
            "cannot be read or written: its disk failed",
            "check that the disk is mounted and healthy and run again",
        ),
        _ => storage(
            path,
            &format!("failed with SQLite's code {code}"),
            "run again; if it fails again, please report it",
        ),
    }
}

/// The file holds a store that is broken.
pub(super) fn damaged(path: &Path) -> Error {
    storage(
        path,
        "is damaged",
        "nothing in it was changed; restore a copy, or move it aside with its -wal file and save \
         what is readable with `sqlite3 STORE .recover`",
    )
}

/// A text in the store is not the one that was written.
pub(super) fn changed(path: &Path, what: &str) -> Error {
    storage(
        path,
        &format!("is damaged: {what} was changed since it was written"),
        "nothing was done with it; restore a copy of the store, or use another one",
    )
    .with_setting(Setting::Store)
}

/// There is no file.
pub(super) fn missing(path: &Path) -> Error {
    Error::storage(format!("there is no store at {}", path.display()))
        .with_help("a run makes one; or name another")
        .with_setting(Setting::Store)
}

/// The store was opened for reading, and is to be written to.
pub(super) fn only_read(path: &Path) -> Error {
    storage(path, "was opened for reading alone", "open it for writing")
}

/// What a process that was killed wrote last is in a log that cannot be read in this place.
pub(super) fn unread_log(path: &Path) -> Error {
    unusable(
        path,
        "has a log beside it that is read only where its folder may be written to",
        "copy the file and its -wal file to a folder that you may write to, and use the copy",
    )
}

/// The file holds something else.
pub(super) fn foreign(path: &Path) -> Error {
    unusable(
        path,
        "is not a motjuste store, or its beginning is damaged",
        "nothing in it was changed; use another store",
    )
}

/// The file holds a store that only a later version understands.
pub(super) fn newer(path: &Path, found: i64, known: i64) -> Error {
    let what =
        format!("was written by a newer motjuste (format {found}, this program knows {known})");
    unusable(path, &what, "update motjuste or use another store")
}

/// The file holds a store of a version whose studies and responses are no longer understood.
pub(super) fn older(path: &Path, found: i64, known: i64) -> Error {
    let what =
        format!("was written by an older motjuste (format {found}, this program knows {known})");
    unusable(
        path,
        &what,
        "nothing in it was changed; keep it for the older motjuste, and use another store",
    )
}

/// A store that another one may stand in for.
fn unusable(path: &Path, what: &str, help: &str) -> Error {
    storage(path, what, help).with_setting(Setting::Store)
}

fn storage(path: &Path, what: &str, help: &str) -> Error {
    Error::storage(format!("store {} {what}", path.display())).with_help(help)
}
