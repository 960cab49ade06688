//! The files that a task is read from: regular ones, of a size that fits into memory.

use std::io::{Error, ErrorKind, Result};
use std::path::Path;

/// The most bytes of a file.
const LONGEST: u64 = 2 << 30;

/// The bytes of a file. What is none, such as a pipe or a device, might never end.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>> {
    let known = std::fs::metadata(path)?;
    if known.is_dir() {
        return Err(Error::from(ErrorKind::IsADirectory));
    }
    if !known.is_file() {
        return Err(Error::other("it is a pipe or a device; write what it says to a file first"));
    }
    if known.len() > LONGEST {
        return Err(Error::other(format!("it has {} bytes, more than 2 GiB", known.len())));
    }
    std::fs::read(path)
}

/// The text of a file in UTF-8.
pub(super) fn text(path: &Path) -> Result<String> {
    String::from_utf8(bytes(path)?).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..valid].iter().filter(|&&byte| byte == b'\n').count();
        Error::new(
            ErrorKind::InvalidData,
            format!("it is not UTF-8 text (line {line}); save it as UTF-8"),
        )
    })
}
