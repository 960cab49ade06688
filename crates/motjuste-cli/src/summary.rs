//! What is printed: the only module that writes to the terminal.

mod cells;
mod convert;
mod forecast;
mod models;
mod prices;
mod result;
mod scores;
mod spending;
mod studies;
mod worker;

pub(crate) use cells::{account, cells};
pub(crate) use convert::{exported_prompt, imported, new_task};
pub(crate) use forecast::{forecast, forecast_text};
pub(crate) use models::{exported, models, probe};
pub(crate) use prices::{installed, prices};
pub(crate) use result::{evaluation, result, written};
pub(crate) use scores::scores;
pub(crate) use spending::{spent, stop_words};
pub(crate) use studies::{studies, trials};
pub(crate) use worker::{served, served_text};

use std::io::Write;

use motjuste::{Error, Result};
use serde::Serialize;

/// One line of output. A reader who has gone away (`… | head`) is no error.
pub(crate) fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// One line of JSON. What is printed is plain data, which has no way to fail.
pub(crate) fn json(value: &impl Serialize) {
    line(&serde_json::to_string(value).unwrap_or_default());
}

/// One line about the work, beside the output.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Asks a question that is answered with y or n; anything but yes is no.
pub(crate) fn ask(question: &str) -> Result<bool> {
    let _ = write!(std::io::stderr(), "{question} [y/N] ");
    let mut answer = String::new();
    std::io::stdin()
        .read_line(&mut answer)
        .map_err(|error| Error::configuration(format!("cannot read an answer: {error}")))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Asks for a text; an empty answer is what was offered.
pub(crate) fn question(question: &str, offer: &str) -> Result<String> {
    let shown = if offer.is_empty() { String::new() } else { format!(" [{offer}]") };
    let _ = write!(std::io::stderr(), "{question}{shown}: ");
    let mut answer = String::new();
    std::io::stdin()
        .read_line(&mut answer)
        .map_err(|error| Error::configuration(format!("cannot read an answer: {error}")))?;
    let answer = answer.trim();
    Ok(if answer.is_empty() { offer } else { answer }.to_owned())
}
