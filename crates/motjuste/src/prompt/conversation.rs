//! Conversations of a data file as messages.

use serde_json::Value;

use crate::example::turns;
use crate::model::{Message, MessageRole};

/// The messages of a value that is a conversation: a list of objects with `role` and `content`, where the
/// content is a text or a list of text parts. `developer` is another name for the system.
///
/// ```
/// use motjuste::prompt::conversation;
/// let value = serde_json::json!([{"role": "user", "content": "hot?"}]);
/// assert_eq!(conversation(&value).unwrap()[0].content, "hot?");
/// assert!(conversation(&serde_json::json!(["hot?"])).is_none());
/// ```
pub fn conversation(value: &Value) -> Option<Vec<Message>> {
    let message = |(role, content): (String, String)| {
        let role = match role.as_str() {
            "system" | "developer" => MessageRole::System,
            "user" | "human" => MessageRole::User,
            "assistant" | "ai" => MessageRole::Assistant,
            _ => return None,
        };
        Some(Message { role, content })
    };
    turns(value)?.into_iter().map(message).collect()
}
