//! What a process writes to its error output: read all the time, the end of it kept.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::process::ChildStderr;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// The bytes that are kept.
const KEPT: usize = 4096;

/// The lines that are shown, and the characters of each.
const LINES: usize = 3;
const WIDTH: usize = 300;

/// How long to wait for the rest when the process has ended; one that it started may hold the pipe open.
const PATIENCE: Duration = Duration::from_millis(500);

/// The error output of a process.
#[derive(Debug)]
pub(super) struct Stderr {
    kept: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

impl Stderr {
    pub(super) fn read(mut pipe: ChildStderr) -> Self {
        let kept: Arc<Mutex<Vec<u8>>> = Arc::default();
        let end = kept.clone();
        let reader = tokio::spawn(async move {
            let mut part = [0; KEPT];
            while let Ok(length @ 1..) = pipe.read(&mut part).await {
                keep(&end, &part[..length]);
            }
        });
        Self { kept, reader }
    }

    /// The last lines, as the end of a sentence; nothing where there are none.
    pub(super) async fn last(&mut self) -> String {
        let _ = timeout(PATIENCE, &mut self.reader).await;
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        last_lines(&String::from_utf8_lossy(&kept))
    }
}

fn keep(kept: &Mutex<Vec<u8>>, part: &[u8]) {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    kept.extend_from_slice(part);
    let surplus = kept.len().saturating_sub(KEPT);
    kept.drain(..surplus);
}

fn last_lines(text: &str) -> String {
    // Carets below a line of code say nothing without the line's own place.
    let says = |line: &&str| line.contains(char::is_alphanumeric);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(says).collect();
    let last = &lines[lines.len().saturating_sub(LINES)..];
    let shorten = |line: &&str| line.chars().filter(|c| !c.is_control()).take(WIDTH).collect();
    let last: Vec<String> = last.iter().map(shorten).collect();
    if last.is_empty() { String::new() } else { format!("; it said: {}", last.join(" | ")) }
}

#[cfg(test)]
mod tests {
    use super::last_lines;

    #[test]
    fn the_last_lines_end_the_sentence() {
        assert_eq!(last_lines("a\n\n b\nc\nd\n"), "; it said: b | c | d");
        assert_eq!(
            last_lines("raise it\n    ^^^^^\nValueError: 5\n"),
            "; it said: raise it | ValueError: 5"
        );
        assert_eq!(last_lines("\n"), "");
    }
}
