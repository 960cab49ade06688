//! Fields of a row: by name, or by a path into nested values.

use serde_json::Value;

use super::turns::Turn;
use super::{Columns, turns};

/// The value of a field: a column of this name, or what a path such as `inputs.question` or `turns.0`
/// leads to.
///
/// ```
/// use motjuste::task::field;
/// let row = serde_json::json!({"inputs": {"question": "hot?"}});
/// assert_eq!(field(row.as_object().unwrap(), "inputs.question").unwrap(), "hot?");
/// ```
pub fn field<'a>(columns: &'a Columns, path: &str) -> Option<&'a Value> {
    if let Some(value) = columns.get(path) {
        return Some(value);
    }
    let (name, rest) = path.split_once('.')?;
    rest.split('.').try_fold(columns.get(name)?, |value, step| match value {
        Value::Object(members) => members.get(step),
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => None,
    })
}

/// A value as a text: what stands in a prompt for it. A conversation is a line a message, another object a
/// line a member, another list its JSON; null is empty.
pub(crate) fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(_) => turns(value).map_or_else(|| value.to_string(), said),
        Value::Object(members) => match scalar_in(value) {
            Some(only) => text_of(only),
            None => lines(members.iter().map(|(name, value)| (name.as_str(), value))),
        },
    }
}

fn said(turns: Vec<Turn>) -> String {
    let line = |(role, content): Turn| format!("{role}: {content}");
    turns.into_iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Named values as lines such as `question: hot?`.
pub(crate) fn lines<'a>(named: impl Iterator<Item = (&'a str, &'a Value)>) -> String {
    let line = |(name, value): (&str, &Value)| format!("{name}: {}", text_of(value));
    named.map(line).collect::<Vec<_>>().join("\n")
}

/// The one member of an object that has no other, if it is neither object nor list.
pub(crate) fn scalar_in(value: &Value) -> Option<&Value> {
    let members = value.as_object().filter(|members| members.len() == 1)?;
    members.values().next().filter(|value| !value.is_object() && !value.is_array())
}

/// The paths of all fields that hold a text or a number, nested ones too: what an error offers.
pub(crate) fn paths(columns: &Columns) -> Vec<String> {
    columns.iter().flat_map(|(name, value)| paths_in(name, value)).collect()
}

fn paths_in(name: &str, value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) if !members.is_empty() => members
            .iter()
            .flat_map(|(member, value)| paths_in(&format!("{name}.{member}"), value))
            .collect(),
        _ => vec![name.to_owned()],
    }
}
