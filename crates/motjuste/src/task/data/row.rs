//! From the columns of a record to a row of a task.

use serde_json::Value;

use super::{Fields, Record};
use crate::example::{Columns, Example, field, lines, paths, scalar_in, text_of};
use crate::metric::Expects;
use crate::model::{Message, MessageRole};
use crate::prompt::conversation;

/// Which columns are input and output, and what an output may be.
pub(super) struct Mapping<'a> {
    /// The columns of the input; none where the file says nothing of it.
    pub input: Option<&'a Fields>,
    /// The columns that the prompt names, for a file without inputs of its own.
    pub prompt: &'a [String],
    /// What the prompt names and no row has.
    pub strangers: &'a [String],
    /// The column of the expected output.
    pub output: &'a str,
    /// What the metric reads of it.
    pub expects: Expects,
}

/// The column under which every row has its input for the prompt.
const INPUT: &str = "input";

/// The row of a record, or what is wrong with it. A row whose metric reads an output that it lacks has
/// none: whoever calls counts it.
pub(super) fn row(record: &Record, mapping: &Mapping<'_>) -> Result<Example, String> {
    let columns = &record.columns;
    let (value, text) = input(columns, mapping)?;
    let outputs = match field(columns, mapping.output) {
        Some(value) => outputs(value, mapping)?,
        None => Vec::new(),
    };
    let mut columns = columns.clone();
    // Whatever the file calls so: `{{ input }}` is the input.
    columns.insert(INPUT.to_owned(), value);
    Ok(Example { input: text, outputs, columns })
}

/// What the target is given, as a value and as a text.
fn input(columns: &Columns, mapping: &Mapping<'_>) -> Result<(Value, String), String> {
    let named = |names: &[String]| {
        let pair = |name: &String| match field(columns, name) {
            Some(value) => Ok((name.clone(), value)),
            None => Err(absent(columns, name, "input")),
        };
        let pairs = names.iter().map(pair).collect::<Result<Vec<_>, _>>()?;
        let text = lines(pairs.iter().map(|(name, value)| (name.as_str(), *value)));
        Ok((Value::from(text.clone()), text))
    };
    match mapping.input {
        Some(Fields::Many(names)) => named(names),
        Some(Fields::One(name)) => one(columns, name, mapping),
        None if field(columns, INPUT).is_some() => one(columns, INPUT, mapping),
        None if !mapping.prompt.is_empty() => named(mapping.prompt),
        None => Err(format!("{}{}", strange(mapping.strangers), absent(columns, INPUT, "input"))),
    }
}

/// That the prompt names what is no column, as a misspelt name is.
fn strange(names: &[String]) -> String {
    match names {
        [] => String::new(),
        names => format!("the prompt names no column with {}, and there is ", slots(names)),
    }
}

fn slots(names: &[String]) -> String {
    names.iter().map(|name| format!("{{{{ {name} }}}}")).collect::<Vec<_>>().join(", ")
}

fn one(columns: &Columns, name: &str, mapping: &Mapping<'_>) -> Result<(Value, String), String> {
    let value = field(columns, name).ok_or_else(|| absent(columns, name, "input"))?;
    if value.is_null() {
        return Err(format!("\"{name}\" is empty"));
    }
    let value = match conversation(value) {
        Some(messages) if name == mapping.output => without_answer(value, &messages)?,
        _ => value.clone(),
    };
    let text = text_of(&value);
    match conversation(&value) {
        Some(_) => Ok((value, text)),
        None => Ok((Value::from(text.clone()), text)),
    }
}

/// A conversation without the answer at its end.
fn without_answer(value: &Value, messages: &[Message]) -> Result<Value, String> {
    let turns = value.as_array().map(Vec::as_slice).unwrap_or_default();
    match (messages, turns) {
        ([.., Message { role: MessageRole::Assistant, .. }], [before @ .., _])
            if !before.is_empty() =>
        {
            Ok(Value::from(before.to_vec()))
        }
        _ => Err("the conversation does not end with an answer of the assistant".to_owned()),
    }
}

/// The accepted outputs; none for a value that is empty.
fn outputs(value: &Value, mapping: &Mapping<'_>) -> Result<Vec<String>, String> {
    if let Some([.., last]) = conversation(value).as_deref() {
        return Ok(vec![last.content.clone()]);
    }
    let outputs = match value {
        Value::Object(members) => match (members.get("any"), members.get("all"), members.len()) {
            (Some(Value::Array(any)), None, 1) => any.iter().map(text_of).collect(),
            (None, Some(all @ Value::Array(_)), 1) => vec![all.to_string()],
            _ => vec![object(value, mapping)],
        },
        Value::Array(_) if mapping.expects.lists => vec![value.to_string()],
        Value::Array(items) if items.is_empty() => Vec::new(),
        Value::Array(items) => items.iter().map(alternative).collect::<Result<_, _>>()?,
        other => vec![text_of(other)],
    };
    Ok(outputs.into_iter().filter(|output| !output.trim().is_empty()).collect())
}

/// An object as an answer: its JSON, or, where the metric compares texts, its only member.
fn object(value: &Value, mapping: &Mapping<'_>) -> String {
    match scalar_in(value) {
        Some(only) if !mapping.expects.lists => text_of(only),
        _ => value.to_string(),
    }
}

fn alternative(value: &Value) -> Result<String, String> {
    match value {
        turn if is_turn(turn) => Err(format!(
            "the output is a conversation with {UNSENDABLE}: give the \
                                              answer in a column of its own, as a text"
        )),
        Value::Array(_) | Value::Object(_) => {
            Err("a list of alternatives holds a list or an object; for an answer that is JSON use \
                 the metric json"
                .to_owned())
        }
        other => Ok(text_of(other)),
    }
}

/// What no message of ours can be.
pub(super) const UNSENDABLE: &str =
    "calls of tools, images, or roles other than system, user and assistant";

/// Whether a value is a conversation that cannot go out as messages.
pub(super) fn is_unsendable(value: &Value) -> bool {
    let turns = value.as_array().filter(|turns| !turns.is_empty());
    turns.is_some_and(|turns| turns.iter().all(is_turn)) && conversation(value).is_none()
}

/// Whether a value is what somebody says, in the form of `OpenAI` or in that of `ShareGPT`.
fn is_turn(value: &Value) -> bool {
    let has = |name: &str| value.get(name).is_some();
    (has("role") && (has("content") || has("tool_calls"))) || (has("from") && has("value"))
}

/// What is wrong with records none of which has the column of the output that the metric reads.
pub(super) fn without_outputs(records: &[Record], mapping: &Mapping<'_>) -> Option<String> {
    let lacks = |record: &Record| field(&record.columns, mapping.output).is_none();
    let first = records.first().filter(|_| mapping.expects.outputs && records.iter().all(lacks))?;
    Some(absent(&first.columns, mapping.output, "output"))
}

/// A tool that writes files of its own form.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tool {
    /// What it is called.
    pub name: &'static str,
    /// The name of its format, of which a task can be made.
    pub format: &'static str,
}

const PROMPTFOO: Tool = Tool { name: "promptfoo", format: "promptfoo" };
const OPENAI: Tool = Tool { name: "OpenAI's evals", format: "openai" };

/// The tool that writes files with such columns.
pub(super) fn foreign(columns: &Columns) -> Option<Tool> {
    let has = |name: &str| columns.contains_key(name);
    if columns.keys().any(|name| name.starts_with("__expected")) {
        return Some(PROMPTFOO);
    }
    let rated = has("rating") && (has("output_feedback") || has("feedback"));
    let hosted = has("item") || has("datasource_item") || (has("eval") && has("rows"));
    (rated || hosted).then_some(OPENAI)
}

/// That a field is not there, and which there are.
fn absent(columns: &Columns, name: &str, role: &str) -> String {
    let there = paths(columns);
    let hint = foreign(columns)
        .map_or(String::new(), |tool| format!("; it looks like a file of {}", tool.name));
    format!(
        "no column \"{name}\" for the {role}; the columns are {}{hint}",
        there.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
    )
}
