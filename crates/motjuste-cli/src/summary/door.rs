//! The one door to the terminal: everything that is printed goes through it, and nothing that a model or a
//! file says acts on the terminal behind it.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use motjuste::{Error, Result};
use serde::Serialize;

use crate::letters::{escaped_in_json, shown};

/// Why the output could not be written, the first time that it could not.
static FAILED: Mutex<Option<io::Error>> = Mutex::new(None);

/// One line of output.
pub(crate) fn line(text: &str) {
    write(&shown(text));
}

/// A text for others to read: on a terminal as any other, elsewhere its very bytes.
pub(crate) fn exact(text: &str) {
    match io::stdout().is_terminal() {
        true => line(text),
        false => write(text),
    }
}

/// One line of JSON. What is printed is plain data, which has no way to fail.
pub(crate) fn json(value: &impl Serialize) {
    line(&escaped_in_json(&serde_json::to_string(value).unwrap_or_default()));
}

/// One line about the work, beside the output.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{}", shown(text));
}

/// Whether a person sees what is beside the output.
pub(crate) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Asks a question that is answered with y or n; anything but yes is no.
pub(crate) fn ask(question: &str) -> Result<bool> {
    Ok(matches!(&*answer(&format!("{question} [y/N] "))?, "y" | "Y" | "yes"))
}

/// Asks for a text; an empty answer is what was offered.
pub(crate) fn question(question: &str, offer: &str) -> Result<String> {
    let offered = if offer.is_empty() { String::new() } else { format!(" [{offer}]") };
    let answer = answer(&format!("{question}{offered}: "))?;
    Ok(if answer.is_empty() { offer.to_owned() } else { answer })
}

fn answer(question: &str) -> Result<String> {
    let _ = write!(io::stderr(), "{}", shown(question));
    let mut answer = String::new();
    io::stdin()
        .read_line(&mut answer)
        .map_err(|error| Error::configuration(format!("cannot read an answer: {error}")))?;
    Ok(answer.trim().to_owned())
}

/// The end of the output.
///
/// # Errors
/// [`Error::is_output`] when some of it could not be written. A reader who has gone away (`… | head`) is no
/// error.
pub(crate) fn finish() -> Result<()> {
    if let Err(error) = io::stdout().flush() {
        failed().get_or_insert(error);
    }
    match failed().take() {
        Some(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::output(format!("the output cannot be written: {error}"))
                .with_help("print to a place with room; what was paid for is safe in the store"))
        }
        _ => Ok(()),
    }
}

/// Writes a line as it is. What cannot be written is told at the end: a search goes on without its reader.
fn write(text: &str) {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.write_all(b"\n"));
    if let Err(error) = written.and_then(|()| out.flush()) {
        failed().get_or_insert(error);
    }
}

fn failed() -> MutexGuard<'static, Option<io::Error>> {
    FAILED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A way out for the lines of the log.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Beside;

impl Write for Beside {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        io::stderr().write_all(shown(&String::from_utf8_lossy(bytes)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
