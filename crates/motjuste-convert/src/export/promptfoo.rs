//! A configuration of promptfoo: the prompt, and the test rows with assertions to check the claim again.

use motjuste::Result;
use motjuste::task::{Columns, Example, conversation};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Deployment, Exported, unwritable};
use crate::checks::built_in;

#[derive(Serialize)]
struct Config {
    description: String,
    prompts: Vec<String>,
    providers: Vec<String>,
    #[serde(rename = "defaultTest")]
    default_test: Value,
    tests: Vec<Test>,
}

#[derive(Serialize)]
struct Test {
    /// What is right, where no assertion says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    vars: Columns,
    #[serde(rename = "assert", skip_serializing_if = "Vec::is_empty")]
    asserts: Vec<Value>,
}

/// The configuration. Its provider is promptfoo's `echo`, for a person to replace.
pub(super) fn config(deployment: &Deployment<'_>) -> Result<Exported> {
    let mut notes = vec!["its provider is `echo`: write yours in its place".to_owned()];
    let columns = deployment.columns();
    let rows = deployment.task.test().iter();
    let tests = rows.map(|row| test(deployment, row, &columns, &mut notes)).collect();
    let report = deployment.report;
    let config = Config {
        description: format!(
            "{}: the prompt of the study {}, and its held-out test rows",
            report.task, report.study
        ),
        prompts: vec![prompt(deployment)],
        providers: vec!["echo".to_owned()],
        default_test: json!({ "options": { "transform": "output.trim()" } }),
        tests,
    };
    let content =
        serde_saphyr::to_string(&config).map_err(|error| unwritable(&error.to_string()))?;
    notes.dedup();
    Ok(Exported { content, notes })
}

/// The messages as promptfoo reads them: JSON, slots that name no column kept from being filled.
fn prompt(deployment: &Deployment<'_>) -> String {
    let slot = |name: &str| match deployment.is_column(name) {
        true => None,
        false => Some(format!("{{% raw %}}{{{{ {name} }}}}{{% endraw %}}")),
    };
    let message = |it: &motjuste::prompt::MessageTemplate| json!({ "role": it.role.name(), "content": crate::prompt::renamed(&it.content, slot) });
    Value::from_iter(deployment.messages.iter().map(message)).to_string()
}

fn test(
    deployment: &Deployment<'_>,
    row: &Example,
    columns: &[String],
    notes: &mut Vec<String>,
) -> Test {
    let vars = columns.iter().map(|name| var(row, name, notes)).collect();
    let asserts = asserts(&deployment.task.score().id(), row, notes);
    let unsaid = asserts.is_empty() && !row.outputs.is_empty();
    let description = unsaid.then(|| format!("accepted: {}", row.outputs.join(" | ")));
    Test { description, vars, asserts }
}

/// A variable: for a path, the column that it begins in.
fn var(row: &Example, name: &str, notes: &mut Vec<String>) -> (String, Value) {
    let first = match row.columns.contains_key(name) {
        true => name,
        false => name.split('.').next().unwrap_or(name),
    };
    let value = row.columns.get(first).cloned().unwrap_or_else(|| Value::from(row.input.as_str()));
    if conversation(&value).is_some() {
        note(
            notes,
            format!(
                "the column {first} holds conversations, which promptfoo puts into one message"
            ),
        );
    }
    let value = match value {
        // A list would be a test for each of its items.
        Value::Array(_) => Value::from(value.to_string()),
        other => other,
    };
    (first.to_owned(), value)
}

fn note(notes: &mut Vec<String>, what: String) {
    if !notes.contains(&what) {
        notes.push(what);
    }
}

/// The assertions that check an answer as the metric does, from the metric's identity.
fn asserts(id: &str, row: &Example, notes: &mut Vec<String>) -> Vec<Value> {
    let name = id.split([' ', ',']).next().unwrap_or_default();
    let ignores_case = id.contains("\"ignore_case\":true");
    let outputs = &row.outputs;
    match (name, outputs.as_slice()) {
        ("exact", [one]) => vec![json!({ "type": "equals", "value": one })],
        ("exact", many) => vec![code(&format!("{}.includes(output.trim())", json!(many)))],
        ("exact_ignore_case", many) => vec![code(&format!(
            "{}.some(it => it.toLowerCase() === output.trim().toLowerCase())",
            json!(many)
        ))],
        ("contains", many) => {
            note(notes, "icontains also takes a text inside a longer word, which the metric contains does not".to_owned());
            vec![json!({ "type": "icontains-any", "value": many })]
        }
        ("regex", [one]) if !id.contains("\"pattern\"") => vec![pattern(one, ignores_case)],
        ("json", [one]) if !id.contains("\"fields\"") => {
            vec![
                json!({ "type": "equals", "value": serde_json::from_str::<Value>(one).unwrap_or_default() }),
            ]
        }
        ("label", accepted) if !labels(id).is_empty() => {
            note(notes, "a script looks for the labels, much as the metric label does".to_owned());
            vec![code(&one_label(&labels(id), accepted))]
        }
        _ => {
            note(
                notes,
                format!(
                    "the metric {name}: promptfoo has no assertion that does the same; add one of yours. The \
                     accepted answers stand in the description of each test"
                ),
            );
            Vec::new()
        }
    }
}

/// The labels in the identity of the metric that looks for one of them.
fn labels(id: &str) -> Vec<String> {
    let settings = id.find('{').map(|at| &id[at..]).unwrap_or_default();
    let first = serde_json::Deserializer::from_str(settings).into_iter::<Value>().next();
    let list = first.and_then(Result::ok).and_then(|it| it.get("labels").cloned());
    list.and_then(|list| serde_json::from_value(list).ok()).unwrap_or_default()
}

/// A script in one expression: exactly one label stands in the answer as whole words in any case, longer ones
/// looked for first, and it is an accepted one.
fn one_label(labels: &[String], accepted: &[String]) -> String {
    let form = |text: &String| text.trim().to_lowercase();
    let mut all: Vec<String> = labels.iter().map(form).collect();
    all.sort_by_key(|label| std::cmp::Reverse(label.chars().count()));
    let right: Vec<String> = accepted.iter().map(form).collect();
    include_str!("../texts/one_label.js")
        .trim()
        .replace("[[ labels ]]", &json!(all).to_string())
        .replace("[[ accepted ]]", &json!(right).to_string())
}

fn pattern(text: &str, ignores_case: bool) -> Value {
    let is_plain = built_in("contains", &[text]).is_some();
    match (is_plain, ignores_case) {
        (true, true) => json!({ "type": "icontains", "value": text }),
        (true, false) => json!({ "type": "contains", "value": text }),
        (false, false) => json!({ "type": "regex", "value": text }),
        (false, true) => code(&format!("new RegExp({}, 'i').test(output)", json!(text))),
    }
}

fn code(text: &str) -> Value {
    json!({ "type": "javascript", "value": text })
}
