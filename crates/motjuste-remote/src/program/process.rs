//! One process of a program: its pipes, its end, and what it said last.

use std::fmt;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use futures::FutureExt;
use motjuste::process::{Group, Loss};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use super::stderr::Stderr;

/// The most bytes of a reply.
const LONGEST_REPLY: u64 = 32 << 20;

/// The most characters of a reply that are shown.
const SHOWN: usize = 200;

/// How long a process that has closed its output may take to end.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What is started.
#[derive(Debug)]
pub(super) struct Launch {
    pub(super) words: Vec<String>,
    pub(super) variables: Vec<(String, String)>,
}

/// A process that runs.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    /// None once it is told that no question will come.
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    stderr: Stderr,
    has_answered: bool,
    group: Group,
}

/// Why a process gave no reply, with what it said last.
#[derive(Debug)]
pub(super) enum Fault {
    /// It cannot be started.
    Absent(io::Error),
    /// It left without an error after it had answered before: it answers so many questions a process.
    Left,
    /// Anything else, in words.
    Failed(String),
}

/// What ended a conversation.
#[derive(Debug)]
pub(super) enum Broken {
    /// The output was closed.
    Closed,
    /// A line nobody had asked for, or one that is too long.
    Line(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent(error) => write!(f, "cannot be started: {error}"),
            Self::Left => f.write_str("ended before it answered"),
            Self::Failed(what) => f.write_str(what),
        }
    }
}

impl Launch {
    /// Starts a process. Ctrl-C does not reach it: what is in flight is finished.
    pub(super) fn start(&self) -> Result<Process, Fault> {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().map_err(Fault::Absent)?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
            return Err(Fault::Absent(io::Error::other("it has no pipes")));
        };
        let (stdout, stderr) = (BufReader::new(stdout), Stderr::read(stderr));
        let (stdin, group) = (Some(stdin), Group::led_by(child.id(), Loss::Answer));
        Ok(Process { child, stdin, stdout, stderr, has_answered: false, group })
    }
}

impl Process {
    /// Writes a line and reads the next one that is not blank.
    pub(super) async fn ask(&mut self, line: &[u8]) -> Result<Vec<u8>, Broken> {
        self.refuse_what_nobody_asked_for()?;
        // One that has ended cannot be written to, and says why when it is read.
        if let Some(stdin) = &mut self.stdin {
            let _ = stdin.write_all(line).await;
        }
        loop {
            let reply = self.line().await?;
            if !reply.trim_ascii().is_empty() {
                self.has_answered = true;
                return Ok(reply);
            }
        }
    }

    /// A line before the question would be taken for its answer.
    fn refuse_what_nobody_asked_for(&mut self) -> Result<(), Broken> {
        match self.stdout.fill_buf().now_or_never() {
            Some(Ok(waiting)) if !waiting.trim_ascii().is_empty() => {
                let line = waiting.split(|byte| *byte == b'\n').next().unwrap_or_default();
                Err(Broken::Line(format!(
                    "wrote a line that nobody had asked for: {}",
                    shown(line)
                )))
            }
            _ => Ok(()),
        }
    }

    async fn line(&mut self) -> Result<Vec<u8>, Broken> {
        let mut line = Vec::new();
        let mut bounded = (&mut self.stdout).take(LONGEST_REPLY);
        match bounded.read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => Err(Broken::Closed),
            Ok(_) if line.len() as u64 == LONGEST_REPLY => {
                Err(Broken::Line("wrote a line of more than 32 MiB".to_owned()))
            }
            Ok(_) => Ok(line),
        }
    }

    /// Ends the process, and says what went wrong.
    pub(super) async fn end(mut self, broken: Broken) -> Fault {
        match broken {
            Broken::Line(what) => self.failed(what).await,
            Broken::Closed => {
                let status = timeout(LAST_WORDS, self.child.wait()).await;
                match status.ok().and_then(Result::ok) {
                    Some(status) if status.success() && self.has_answered => Fault::Left,
                    status => self.failed(ended(status)).await,
                }
            }
        }
    }

    /// Ends a process that has not answered for so long.
    pub(super) async fn silent(self, patience: Duration) -> Fault {
        self.failed(format!("gave no answer in {} s", patience.as_secs_f64())).await
    }

    /// Ends a process that wrote what is no reply.
    pub(super) async fn garbage(self, reply: &[u8], why: &str) -> Fault {
        self.failed(format!("wrote {}, which is no reply: {why}", shown(reply))).await
    }

    async fn failed(mut self, what: String) -> Fault {
        self.kill();
        let _ = timeout(LAST_WORDS, self.child.wait()).await;
        Fault::Failed(what + &self.stderr.last().await)
    }

    /// Tells the process that no further question will come.
    pub(super) fn close(&mut self) {
        self.stdin = None;
    }

    /// Whether it has not ended yet.
    pub(super) fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Ends the process and those that it started. One that has ended already has no number any more.
    fn kill(&mut self) {
        self.group.end();
        let _ = self.child.start_kill();
    }
}

/// A question that is given up, or a pool that goes, takes its processes with it.
impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn ended(status: Option<ExitStatus>) -> String {
    match status {
        Some(status) if status.success() => "ended before it answered".to_owned(),
        Some(status) => format!("crashed ({status})"),
        None => "closed its output before it answered".to_owned(),
    }
}

/// The beginning of what a program wrote, quoted.
fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim();
    let short: String = text.chars().take(SHOWN).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("{short:?}{more}")
}
