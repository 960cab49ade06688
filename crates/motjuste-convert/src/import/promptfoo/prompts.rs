//! The prompts of a configuration: texts, chat messages, files.

use std::path::Path;

use motjuste::Result;
use motjuste::model::MessageRole;
use motjuste::prompt::MessageTemplate;
use serde_json::Value;

use super::files;
use crate::document::Document;
use crate::draft::Draft;
use crate::prompt::{PromptDraft, messages};

/// The prompts that `prompts` lists, in order.
pub(super) fn of_config(
    draft: &mut Draft,
    prompts: &Value,
    document: &Document,
) -> Result<Vec<Vec<MessageTemplate>>> {
    let entries = match prompts {
        Value::Array(all) => all.clone(),
        // The first form of it: files as keys, names as values.
        Value::Object(named) => named.keys().map(|file| Value::from(file.as_str())).collect(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    };
    let mut found = Vec::new();
    for entry in &entries {
        let text = match entry {
            Value::Object(one) => {
                ["raw", "id", "file"].into_iter().find_map(|name| one.get(name)?.as_str())
            }
            other => other.as_str(),
        };
        match text {
            Some(text) => found.extend(of_text(draft, text, document)?),
            None => draft.notes.lost("a prompt that is neither a text nor a file"),
        }
    }
    Ok(found)
}

fn of_text(draft: &mut Draft, text: &str, from: &Document) -> Result<Vec<Vec<MessageTemplate>>> {
    let Some(path) = named_file(text, from) else { return Ok(vec![chat(text)]) };
    if files::is_code(path) || path.starts_with("exec:") {
        draft.notes.lost(format!("the prompt {path}: a program makes it; give its text as a file"));
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for file in files::matching(path, from) {
        let document = Document::read(&file)?;
        match document.ending().as_str() {
            "json" | "yaml" | "yml" => found.push(of_file(&document)),
            "csv" | "jsonl" => {
                draft.notes.lost(format!("the prompts in {path}: give one as a text file"))
            }
            _ => found.extend(document.text.split("\n---\n").map(|text| chat(text.trim_end()))),
        }
    }
    Ok(found)
}

/// The path of a prompt: behind `file://`, or a text that is the name of a file.
fn named_file<'a>(text: &'a str, from: &Document) -> Option<&'a str> {
    let is_file = |text: &&str| {
        !text.contains(['\n', '{'])
            && text.len() < 300
            && from.folder().join(Path::new(text)).is_file()
    };
    files::path_in(text).or_else(|| Some(text).filter(is_file))
}

/// The prompt in a file.
pub(super) fn of_file(document: &Document) -> Vec<MessageTemplate> {
    let value = match document.ending().as_str() {
        "yaml" | "yml" => document.yaml().ok(),
        _ => serde_json::from_str(&document.text).ok(),
    };
    value.as_ref().and_then(messages).unwrap_or_else(|| chat(document.text.trim_end()))
}

/// A text as a prompt: chat messages in JSON or YAML, or one message of the user.
fn chat(text: &str) -> Vec<MessageTemplate> {
    let trimmed = text.trim();
    let value: Option<Value> = match trimmed.starts_with(['[', '-']) {
        true => serde_json::from_str(trimmed).ok().or_else(|| serde_saphyr::from_str(trimmed).ok()),
        false => None,
    };
    let list = value.filter(Value::is_array).as_ref().and_then(messages);
    list.unwrap_or_else(|| vec![MessageTemplate::new(MessageRole::User, text)])
}

/// Takes the first prompt as the person's own; others that differ in their instruction alone begin the
/// search, too.
pub(super) fn take(draft: &mut Draft, found: &[Vec<MessageTemplate>]) {
    for messages in found {
        let prompt = PromptDraft::of(messages);
        let texts = || messages.iter().map(|message| &message.content);
        if texts().any(|text| text.contains("{%") || text.contains("{{") && has_filter(text)) {
            draft.notes.lost("loops, conditions and filters of Nunjucks in the prompt: they go out as they stand");
        }
        if draft.prompt == PromptDraft::default() {
            draft.notes.carried("the first prompt is the one in use");
            draft.prompt = prompt;
        } else if draft.prompt.messages == prompt.messages && !prompt.start.is_empty() {
            draft.notes.carried("further prompts begin the search, too");
            draft.prompt.start.extend(prompt.start);
        } else {
            draft
                .notes
                .lost("a further prompt with other messages: a task has one form of the prompt");
        }
    }
}

fn has_filter(text: &str) -> bool {
    let between = text.split("{{").skip(1).filter_map(|part| part.split("}}").next());
    between.into_iter().any(|slot| slot.contains(['|', '(']))
}

pub(super) fn tell_of_none(draft: &mut Draft) {
    if draft.prompt == PromptDraft::default() {
        draft.notes.lost("no prompt is in the files: give yours as `start` in the task file");
    }
}
