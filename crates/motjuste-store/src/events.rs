//! Events as rows, and what is wrong with them.

use motjuste::error::Setting;
use motjuste::journal::Event;
use motjuste::{Error, Result};

use crate::body::Body;

/// An event as JSON that is sure to be read again: JSON has no infinity and no NaN, and a study
/// that holds one would be lost when it is resumed.
pub(crate) fn encode(study: &str, sequence: usize, event: &Event) -> Result<Body> {
    let body = serde_json::to_string(event);
    let readable = |body: String| serde_json::from_str::<Event>(&body).map(|_| body);
    let text = body.and_then(readable).map_err(|error| {
        let what = format!("event {sequence} of study {study} cannot be written as JSON: {error}");
        Error::storage(what)
            .with_help("a number in it is not finite; please report this error")
            .with_source(error)
    })?;
    Ok(Body::plain(&[study.as_bytes(), &number(sequence).to_le_bytes()], text))
}

/// An event's number as a database has it.
pub(crate) fn number(sequence: usize) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}

/// The events of a study from number `first` on, from its rows in order. `damaged` is the error where a text was changed.
pub(crate) fn decode_all(
    study: &str,
    first: i64,
    rows: impl IntoIterator<Item = (i64, Body)>,
    damaged: &dyn Fn(&str) -> Error,
) -> Result<Vec<Event>> {
    let decode = |(expected, (sequence, body)): (i64, (i64, Body))| {
        if sequence != expected {
            return Err(missing(study, expected));
        }
        let text = body.read(&[study.as_bytes(), &sequence.to_le_bytes()]);
        let what = || damaged(&format!("event {sequence} of study {study}"));
        serde_json::from_str(&text.ok_or_else(what)?)
            .map_err(|error| unreadable(study, sequence, error))
    };
    (first..).zip(rows).map(decode).collect()
}

fn missing(study: &str, expected: i64) -> Error {
    Error::storage(format!("event {expected} of study {study} is missing"))
        .with_help("restore a copy of the store, or start the study anew in another one")
        .with_setting(Setting::Store)
}

fn unreadable(study: &str, sequence: i64, error: serde_json::Error) -> Error {
    Error::storage(format!("event {sequence} of study {study} cannot be read: {error}"))
        .with_help("a newer motjuste may have written it: update, or start the study anew in another store")
        .with_setting(Setting::Store)
        .with_source(error)
}

/// The study has this event already.
pub(crate) fn taken(study: &str, sequence: usize) -> Error {
    Error::storage(format!("study {study} already has event {sequence}"))
        .with_help("another process is running this study; wait for it to end")
}

/// The study has none of the events in between.
pub(crate) fn gap(study: &str, sequence: usize, next: i64) -> Error {
    Error::storage(format!("study {study} has no event {next} yet, so none of number {sequence}"))
        .with_help("append the events of a study in order, from 0")
}
