//! Rows of `MLflow`: `inputs` and `expectations`, each an object.

use motjuste::Result;
use motjuste::task::Columns;
use serde_json::Value;

use crate::document::Document;
use crate::draft::{Draft, EARLIER, MetricDraft};
use crate::fields;
use crate::infer;
use crate::judge;

/// A task of rows with `inputs` and `expectations`; `outputs` are answers that were given earlier.
pub(super) fn draft(documents: &[Document]) -> Result<Draft> {
    let mut draft = Draft::default();
    let (mut inputs, mut expected) = (Vec::new(), Vec::new());
    for value in documents.iter().map(Document::rows).collect::<Result<Vec<_>>>()?.concat() {
        let given = part(&value, "inputs", "input");
        let hoped = part(&value, "expectations", "expected_response");
        if given.is_empty() {
            draft.notes.lost("rows without inputs: left out");
            continue;
        }
        inputs.extend(given.keys().cloned());
        let mut row = hoped.clone();
        row.extend(given);
        if let Some(outputs) = value.get("outputs").filter(|it| !it.is_null()) {
            row.insert(EARLIER.to_owned(), outputs.clone());
        }
        expected.push(hoped);
        draft.rows.push(row);
    }
    draft.inputs = each_once(inputs);
    graded(&mut draft, &expected);
    Ok(draft)
}

/// A part of a row; a table has it as the text of an object.
fn part(value: &Value, name: &str, alone: &str) -> Columns {
    match value.get(name) {
        Some(Value::String(text)) => match serde_json::from_str(text) {
            Ok(Value::Object(columns)) => columns,
            _ => fields::columns(&Value::from(text.as_str()), alone),
        },
        Some(other) => fields::columns(other, alone),
        None => Columns::new(),
    }
}

/// What the answers are compared with, of several expectations.
fn graded(draft: &mut Draft, expected: &[Columns]) {
    let names = each_once(expected.iter().flat_map(Columns::keys).cloned().collect());
    draft.aside = names.clone();
    let output = fields::expected_in(expected).or_else(|| names.first().cloned());
    let Some(output) = output else {
        return super::judged(draft, "the rows have no expectations");
    };
    for other in names.iter().filter(|name| **name != output) {
        draft.notes.lost(format!(
            "the expectation `{other}` is a column of the rows; no metric reads it (a program or a judge may)"
        ));
    }
    if output == FACTS {
        return by_facts(draft);
    }
    let (metric, why) = infer::metric(&draft.rows, &output);
    draft.notes.carried(format!("`{output}` is what is right; metric {}: {why}", metric.name()));
    (draft.metric, draft.output) = (metric, Some(output));
}

/// The expectation that lists what an answer must say.
const FACTS: &str = "expected_facts";

/// Facts are all to be stated, in words of the answer's own: a judge reads them.
fn by_facts(draft: &mut Draft) {
    draft.notes.carried(format!("`{FACTS}` is a column that the judge reads"));
    let criterion = format!("whether the answer states each of these facts: {{{{ {FACTS} }}}}");
    draft.metric = MetricDraft::judge(None, judge::rubric_as_template(&criterion));
    draft.notes.lost(format!(
        "the metric: `{FACTS}` are scored by a judge, with rubric.txt, which you should read and mend"
    ));
}

fn each_once(names: Vec<String>) -> Vec<String> {
    let mut once: Vec<String> = Vec::new();
    for name in names {
        if !once.contains(&name) {
            once.push(name);
        }
    }
    once
}
