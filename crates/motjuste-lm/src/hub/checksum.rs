//! Whether a downloaded file is the file that the Hub has.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;

use sha2::{Digest, Sha256};

/// Checks a file of the cache, which is a link to its content; content of the Hub's large-file store
/// has its SHA-256 for a name. A file that is another is removed, so that it is downloaded again.
pub(super) fn check(link: &Path) -> io::Result<()> {
    let content = fs::canonicalize(link)?;
    let Some(expected) = content.file_name().and_then(|name| name.to_str()) else { return Ok(()) };
    let is_sha256 = expected.len() == 64 && expected.bytes().all(|b| b.is_ascii_hexdigit());
    if !is_sha256 || sha256(&content)? == expected {
        return Ok(());
    }
    fs::remove_file(link)?;
    fs::remove_file(&content)?;
    let what = format!("{} did not arrive as it is on the Hub", link.display());
    Err(io::Error::new(ErrorKind::InvalidData, what))
}

fn sha256(path: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    io::copy(&mut File::open(path)?, &mut hasher)?;
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
