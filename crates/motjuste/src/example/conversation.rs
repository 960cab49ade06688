//! Conversations as data files hold them.

use serde_json::Value;

use crate::model::{Message, MessageRole};

/// The messages of a value that is a conversation: a list of objects with `role` and `content`, where the
/// content is a text or a list of text parts. `developer` is another name for the system.
///
/// ```
/// use motjuste::task::conversation;
/// let value = serde_json::json!([{"role": "user", "content": "hot?"}]);
/// assert_eq!(conversation(&value).unwrap()[0].content, "hot?");
/// assert!(conversation(&serde_json::json!(["hot?"])).is_none());
/// ```
pub fn conversation(value: &Value) -> Option<Vec<Message>> {
    let messages = value.as_array().filter(|messages| !messages.is_empty())?;
    messages.iter().map(message).collect()
}

fn message(value: &Value) -> Option<Message> {
    let role = match value.get("role")?.as_str()? {
        "system" | "developer" => MessageRole::System,
        "user" | "human" => MessageRole::User,
        "assistant" | "ai" => MessageRole::Assistant,
        _ => return None,
    };
    Some(Message { role, content: content(value.get("content")?)? })
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
