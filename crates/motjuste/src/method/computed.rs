//! Replies that are computed on open weights: JSON of one type.

use serde::de::DeserializeOwned;

use crate::history::Reply;

/// What a reply says, or why it says nothing.
pub(super) fn parsed<T: DeserializeOwned>(reply: &Reply) -> Result<T, String> {
    serde_json::from_str(&reply.text).map_err(|error| format!("cannot be read: {error}"))
}
