//! Messages as templates: who says what, with slots for the instruction and for columns.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::conversation;
use super::slots::Slots;
use crate::example::{Example, field, text_of};
use crate::model::{Message, MessageRole};

/// One message of a prompt, its content a template: `{{ instruction }}`, `{{ input }}` and `{{ column }}`
/// are filled, any other brace stays.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MessageTemplate {
    /// Who speaks.
    pub role: MessageRole,
    /// What is said.
    pub content: String,
}

/// The name of the slot for the instruction.
pub(super) const INSTRUCTION: &str = "instruction";

/// The name of the slot for the input.
const INPUT: &str = "input";

impl MessageTemplate {
    /// A message with this content.
    pub fn new(role: MessageRole, content: impl Into<String>) -> Self {
        Self { role, content: content.into() }
    }

    /// The messages that it stands for: those of a conversation where a slot for one is all its content,
    /// else one; none where the system would say nothing.
    fn fill(&self, instruction: &str, row: &Example) -> Vec<Message> {
        let slots = Slots::of(&self.content);
        if let Some(messages) = slots.alone().and_then(|name| conversation(&value(name, row)?)) {
            return messages;
        }
        let content = slots.fill(|name| match name {
            INSTRUCTION => Some(instruction.to_owned()),
            name => value(name, row).as_ref().map(text_of),
        });
        match (self.role, content.trim()) {
            (MessageRole::System, "") => Vec::new(),
            _ => vec![Message { role: self.role, content }],
        }
    }

    /// What its slots name besides the instruction.
    pub fn columns(&self) -> Vec<&str> {
        Slots::of(&self.content).names().filter(|name| *name != INSTRUCTION).collect()
    }

    /// Whether it has a slot for the instruction.
    pub(super) fn has_instruction(&self) -> bool {
        Slots::of(&self.content).names().any(|name| name == INSTRUCTION)
    }
}

/// What a row has under a name; the input of a row without columns is there under its name, too.
fn value(name: &str, row: &Example) -> Option<Value> {
    let named = field(&row.columns, name).cloned();
    named.or_else(|| (name == INPUT).then(|| Value::from(row.input.as_str())))
}

/// The conversation of a prompt: system messages that follow each other become one.
pub(super) fn fill(
    templates: &[MessageTemplate],
    instruction: &str,
    row: &Example,
) -> Vec<Message> {
    let mut messages: Vec<Message> = Vec::new();
    for message in templates.iter().flat_map(|template| template.fill(instruction, row)) {
        match messages.last_mut() {
            Some(last) if is_system(last) && is_system(&message) => {
                last.content = format!("{}\n\n{}", last.content, message.content);
            }
            _ => messages.push(message),
        }
    }
    messages
}

fn is_system(message: &Message) -> bool {
    message.role == MessageRole::System
}

/// A text with its slots for columns filled from a row.
pub(super) fn fill_text(text: &str, row: &Example) -> String {
    Slots::of(text).fill(|name| match name {
        INSTRUCTION => None,
        name => value(name, row).as_ref().map(text_of),
    })
}

/// Whether a text has a slot that a row fills.
pub(super) fn names_a_column(text: &str, row: &Example) -> bool {
    Slots::of(text).names().any(|name| name != INSTRUCTION && value(name, row).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(columns: Value) -> Example {
        Example::new("hi", ["x"]).with_columns(columns.as_object().cloned().unwrap_or_default())
    }

    #[test]
    fn a_conversation_goes_out_as_messages_behind_the_instruction() {
        let row = row(serde_json::json!({"input": [
            {"role": "system", "content": "Rules."},
            {"role": "user", "content": [{"type": "text", "text": "hot?"}]},
        ]}));
        let templates = [
            MessageTemplate::new(MessageRole::System, "{{ instruction }}"),
            MessageTemplate::new(MessageRole::User, "{{ input }}"),
        ];
        let said = fill(&templates, "Be brief.", &row);
        assert_eq!(said, [Message::system("Be brief.\n\nRules."), Message::user("hot?")]);
        assert_eq!(fill(&templates, "", &row)[0], Message::system("Rules."));
    }

    #[test]
    fn columns_are_filled_once_and_foreign_braces_stay() {
        let row = row(serde_json::json!({"a": "{{ instruction }}", "n": 7, "o": {"p": "deep"}}));
        let template =
            MessageTemplate::new(MessageRole::User, "{{a}} {{ n }} {{o.p}} {x} {{ y }} {{input}}");
        let said = fill(&[template], "SAY", &row);
        assert_eq!(said[0].content, "{{ instruction }} 7 deep {x} {{ y }} hi");
    }
}
