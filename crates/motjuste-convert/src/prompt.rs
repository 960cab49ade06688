//! Prompts as messages: which part of them is the instruction, and which slots they have.

use motjuste::model::MessageRole;
use motjuste::prompt::{MessageTemplate, placeholders};
use motjuste::task::conversation;
use serde_json::Value;

/// A prompt of a task: its messages with a slot for the instruction, and the instructions to begin with.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct PromptDraft {
    /// The messages; none where the task's default words them.
    pub messages: Vec<MessageTemplate>,
    /// The instructions in use, the first of which is the person's own.
    pub start: Vec<String>,
}

/// The slot for the instruction.
const SLOT: &str = "{{ instruction }}";

impl PromptDraft {
    /// The prompt of a person: its instruction is the system's message, or else the first message of the
    /// user that is more than slots.
    pub fn of(messages: &[MessageTemplate]) -> Self {
        let mut messages = joined(messages);
        let system = messages.iter().position(|it| it.role == MessageRole::System);
        let says = |it: &MessageTemplate| it.role == MessageRole::User && has_words(&it.content);
        let place = system.or_else(|| messages.iter().position(says));
        let Some(place) = place else {
            messages.insert(0, MessageTemplate::new(MessageRole::System, SLOT));
            return Self { messages, start: Vec::new() };
        };
        let start = std::mem::replace(&mut messages[place].content, SLOT.to_owned());
        // Rules alone, which show no row: the task's default puts the input behind them.
        if messages.len() == 1 && system.is_some() && slots(&start).is_empty() {
            messages.clear();
        }
        Self { messages, start: vec![start] }
    }

    /// The columns that it names, in order, each once.
    pub fn columns(&self) -> Vec<String> {
        let own = self.start.iter().map(String::as_str);
        let texts = self.messages.iter().map(|it| it.content.as_str()).chain(own);
        let mut names: Vec<String> = Vec::new();
        for name in texts.flat_map(slots) {
            if name != "instruction" && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

/// System messages that follow each other are one.
fn joined(messages: &[MessageTemplate]) -> Vec<MessageTemplate> {
    let mut all: Vec<MessageTemplate> = Vec::new();
    for message in messages {
        match all.last_mut() {
            Some(last) if last.role == MessageRole::System && message.role == last.role => {
                last.content = format!("{}\n\n{}", last.content, message.content);
            }
            _ => all.push(message.clone()),
        }
    }
    all
}

/// Whether a text says anything besides its slots.
fn has_words(text: &str) -> bool {
    let mut rest = text.to_owned();
    placeholders(text).iter().for_each(|slot| rest = rest.replace(slot, ""));
    rest.chars().any(char::is_alphabetic)
}

/// The names between two braces in a text, in order.
pub(crate) fn slots(text: &str) -> Vec<String> {
    let found = placeholders(text).into_iter().filter(|it| it.starts_with("{{"));
    let name = |it: &str| it.trim_start_matches('{').trim_end_matches('}').trim().to_owned();
    found.map(name).collect()
}

/// A text with the slots of some names written otherwise.
pub(crate) fn renamed(text: &str, rename: impl Fn(&str) -> Option<String>) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(start) = rest.find("{{") {
        let Some(length) = rest[start..].find("}}") else { break };
        let name = rest[start + 2..start + length].trim();
        out += &rest[..start];
        out += &rename(name).unwrap_or_else(|| rest[start..start + length + 2].to_owned());
        rest = &rest[start + length + 2..];
    }
    out + rest
}

/// The messages of a value: a list of them, or a text, which is one of the user.
pub(crate) fn messages(value: &Value) -> Option<Vec<MessageTemplate>> {
    if let Value::String(text) = value {
        return Some(vec![MessageTemplate::new(MessageRole::User, text.clone())]);
    }
    let messages = conversation(value)?;
    Some(messages.into_iter().map(|it| MessageTemplate::new(it.role, it.content)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(role: MessageRole, content: &str) -> MessageTemplate {
        MessageTemplate::new(role, content)
    }

    #[test]
    fn the_system_is_the_instruction_or_the_first_user_that_says_something() {
        let two = [message(MessageRole::System, "Be kind."), message(MessageRole::User, "{{x}}")];
        let prompt = PromptDraft::of(&two);
        assert_eq!((&prompt.start[0][..], &prompt.messages[0].content[..]), ("Be kind.", SLOT));
        assert_eq!(prompt.columns(), ["x"]);
        let one = PromptDraft::of(&[message(MessageRole::User, "Sort: {{ x }}, {{y}} {z}")]);
        assert_eq!(one.start, ["Sort: {{ x }}, {{y}} {z}"]);
        assert_eq!(one.columns(), ["x", "y"]);
        assert!(PromptDraft::of(&two[..1]).messages.is_empty());
        let bare = PromptDraft::of(&[message(MessageRole::User, "{{x}}")]);
        assert!(bare.start.is_empty() && bare.messages.len() == 2);
    }

    #[test]
    fn slots_are_renamed_and_others_stay() {
        let name = |it: &str| it.strip_prefix("item.").map(|name| format!("{{{{ {name} }}}}"));
        assert_eq!(renamed("a {{item.x}} {{ y }} {{", name), "a {{ x }} {{ y }} {{");
    }
}
