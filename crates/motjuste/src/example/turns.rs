//! Conversations as data files hold them.

use serde_json::Value;

/// Who speaks, and what is said.
pub(crate) type Turn = (String, String);

/// The turns of a value that is a conversation: a list of objects with `role` and `content`, where the content
/// is a text or a list of text parts.
pub(crate) fn turns(value: &Value) -> Option<Vec<Turn>> {
    let turns = value.as_array().filter(|turns| !turns.is_empty())?;
    let turn = |turn: &Value| {
        Some((turn.get("role")?.as_str()?.to_owned(), content(turn.get("content")?)?))
    };
    turns.iter().map(turn).collect()
}

fn content(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(parts) => {
            parts.iter().map(|part| part.get("text")?.as_str().map(str::to_owned)).collect()
        }
        _ => None,
    }
}
