//! What a server writes whose cache was spoiled by a number that is not finite, under a status of
//! success.

/// What a tokenizer writes for bytes that are no text.
const REPLACEMENT: char = '\u{fffd}';

/// Token 0, again and again.
pub(super) fn are_garbage_ids(ids: &[u32]) -> bool {
    ids.len() > 1 && ids.iter().all(|&id| id == 0)
}

/// Nothing but bytes that are no text.
pub(super) fn is_garbage_text(text: &str) -> bool {
    text.chars().count() > 1 && text.chars().all(|c| c == REPLACEMENT)
}
