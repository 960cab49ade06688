//! Doors for fuzz targets: rows as a database has them, read without one. No part of the interface.

use motjuste::Error;
use motjuste::journal::Event;

use crate::body::Body;
use crate::events;

/// The text of a packed body; none where it was changed.
pub fn packed(bytes: Vec<u8>, sum: Option<i64>) -> Option<String> {
    Body { text: String::new(), packed: Some(bytes), sum }.read(&[b"key"])
}

/// The events of a study, from texts without a sum.
///
/// # Errors
/// Where one of them is no event.
pub fn events(texts: Vec<String>) -> motjuste::Result<Vec<Event>> {
    let row = |text| Body { text, packed: None, sum: None };
    let rows = (0..).zip(texts.into_iter().map(row));
    events::decode_all("study", 0, rows, &|what| Error::storage(what.to_owned()))
}

/// Whether an event that was read is read again from what is written of it.
pub fn comes_back(event: &Event) -> bool {
    let Ok(body) = events::encode("study", 0, event) else { return false };
    body.read(&[b"study", &0_i64.to_le_bytes()]).is_some()
}
