//! What SQLite does not tell about a file.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use motjuste::Result;

use super::explain::{damaged, foreign};

/// How every SQLite database begins. <https://www.sqlite.org/fileformat.html>, section 1.3.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// Refuses two kinds of file that SQLite opens without a word: one of a few bytes that are no
/// database, which it overwrites, and one whose last page was cut, which it fills with zeros.
pub(super) fn look(path: &Path) -> Result<()> {
    // An interrupted write may have left the file in any state; SQLite completes or undoes it.
    if is_pending(path) {
        return Ok(());
    }
    // What cannot be read has its reason told by SQLite.
    let Ok((beginning, length)) = read(path) else { return Ok(()) };
    match page_size(&beginning) {
        _ if length == 0 => Ok(()),
        _ if !beginning.starts_with(MAGIC) => Err(foreign(path)),
        Some(size) if length.is_multiple_of(size) => Ok(()),
        _ => Err(damaged(path)),
    }
}

/// Whether there is a log that is not in the file yet.
pub(super) fn is_pending(path: &Path) -> bool {
    ["-wal", "-journal"].iter().any(|suffix| {
        let mut log = path.as_os_str().to_owned();
        log.push(suffix);
        fs::metadata(log).is_ok_and(|log| log.len() > 0)
    })
}

fn read(path: &Path) -> std::io::Result<(Vec<u8>, u64)> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut beginning = Vec::new();
    file.take(18).read_to_end(&mut beginning)?;
    Ok((beginning, length))
}

/// Bytes 16 and 17; the page size 65,536 does not fit and is written as 1.
fn page_size(beginning: &[u8]) -> Option<u64> {
    match beginning.get(16..18)? {
        [0, 0] => None,
        [0, 1] => Some(65_536),
        &[high, low] => Some(u64::from(high) << 8 | u64::from(low)),
        _ => None,
    }
}
