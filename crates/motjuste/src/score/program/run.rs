//! One run of a metric's program: its pipes, bounded, and its end.

use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::process::{self, Group, Loss};

/// The bytes of the error output that are kept: its end.
const KEPT: usize = 4096;

/// The characters of its last line that are shown.
const SHOWN: usize = 300;

/// What a program wrote, and how it ended.
pub(super) struct Run {
    pub status: ExitStatus,
    pub output: Vec<u8>,
    /// What it said last, as the end of a sentence.
    pub said: String,
}

/// Why a run came to nothing.
pub(super) enum Fault {
    /// It cannot be started, or not be waited for: why.
    Absent(String, std::io::Error),
    /// It took too long, with what it said.
    Late(String),
    /// It wrote too much.
    Endless,
    /// Somebody asked to stop.
    Interrupted,
}

/// Runs a program with this input, for so long, and for so many bytes of output, at the most. It ends with
/// everything that it started.
pub(super) async fn run(
    program: &str,
    arguments: &[String],
    folder: &Path,
    input: &str,
    patience: Duration,
    most: u64,
) -> Result<Run, Fault> {
    let mut child = start(program, arguments, folder)?;
    let group = Group::led_by(child.id(), Loss::None);
    let tail = Mutex::new(Vec::new());
    let run = timeout(patience, finish(&mut child, &group, input, &tail, most)).await;
    group.end();
    let said = || last_line(&tail.lock().unwrap_or_else(PoisonError::into_inner));
    match run {
        _ if process::is_interrupted() => Err(Fault::Interrupted),
        Err(_) => Err(Fault::Late(said())),
        Ok(Err(error)) => Err(Fault::Absent("cannot be waited for".to_owned(), error)),
        Ok(Ok((_, None))) => Err(Fault::Endless),
        Ok(Ok((status, Some(output)))) => Ok(Run { status, output, said: said() }),
    }
}

fn start(program: &str, arguments: &[String], folder: &Path) -> Result<Child, Fault> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    command.process_group(0);
    command.spawn().map_err(|error| Fault::Absent("cannot be started".to_owned(), error))
}

/// Feeds the program, and reads what it writes until it ends; no output where that is too much.
async fn finish(
    child: &mut Child,
    group: &Group,
    input: &str,
    tail: &Mutex<Vec<u8>>,
    most: u64,
) -> std::io::Result<(ExitStatus, Option<Vec<u8>>)> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let feed = async {
        if let Some(mut stdin) = stdin {
            // A program may answer without having read everything.
            let _ = stdin.write_all(input.as_bytes()).await;
        }
    };
    let read = async {
        let output = bounded(stdout, most).await;
        if output.is_none() {
            group.end();
        }
        output
    };
    let wait = async {
        let status = child.wait().await;
        // What it left behind holds the pipes open.
        group.end();
        status
    };
    let (_, output, _, status) = tokio::join!(feed, read, keep_end(stderr, tail), wait);
    Ok((status?, output))
}

/// Everything that comes through a pipe; none where that is more than so many bytes.
async fn bounded(pipe: Option<impl AsyncRead + Unpin>, most: u64) -> Option<Vec<u8>> {
    let mut output = Vec::new();
    if let Some(pipe) = pipe {
        // A pipe that breaks ends what was written.
        let _ = pipe.take(most + 1).read_to_end(&mut output).await;
    }
    (output.len() as u64 <= most).then_some(output)
}

/// Reads a pipe to its end, and keeps the last of it.
async fn keep_end(pipe: Option<impl AsyncRead + Unpin>, tail: &Mutex<Vec<u8>>) {
    let Some(mut pipe) = pipe else { return };
    let mut part = [0; KEPT];
    while let Ok(length @ 1..) = pipe.read(&mut part).await {
        let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
        tail.extend_from_slice(&part[..length]);
        let surplus = tail.len().saturating_sub(KEPT);
        tail.drain(..surplus);
    }
}

/// The last line that says anything, in plain letters, as the end of a sentence.
fn last_line(tail: &[u8]) -> String {
    let text = String::from_utf8_lossy(tail);
    let line = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let plain: String = line.chars().filter(|c| !c.is_control()).take(SHOWN).collect();
    if plain.is_empty() { plain } else { format!(": {plain}") }
}
