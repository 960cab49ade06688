//! Messages as the platform writes them, with slots of ours.

use motjuste::model::MessageRole;
use motjuste::prompt::MessageTemplate;
use serde_json::Value;

use super::content;
use crate::prompt::renamed;

/// The messages of a list; content may be a text, a part or parts.
pub(super) fn messages(value: &Value) -> Option<Vec<MessageTemplate>> {
    value.as_array()?.iter().map(message).collect()
}

fn message(value: &Value) -> Option<MessageTemplate> {
    let role = match value.get("role")?.as_str()? {
        "system" | "developer" => MessageRole::System,
        "assistant" => MessageRole::Assistant,
        "user" => MessageRole::User,
        _ => return None,
    };
    Some(MessageTemplate::new(role, ours(&content(value.get("content")?)?)))
}

/// A text whose slots `{{item.column}}` are written `{{ column }}`.
pub(super) fn ours(text: &str) -> String {
    renamed(text, |name| item(name).map(|column| format!("{{{{ {column} }}}}")))
}

/// The column that a slot of an item names.
pub(super) fn item(name: &str) -> Option<&str> {
    name.strip_prefix("item.").map(str::trim)
}

/// The column that is all that a text names.
pub(super) fn column(text: &str) -> Option<&str> {
    let name = text.trim().strip_prefix("{{")?.strip_suffix("}}")?.trim();
    item(name).filter(|name| !name.contains(['{', '}']))
}
