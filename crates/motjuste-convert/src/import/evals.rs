//! Rows of `OpenAI`'s open-source evals: `input` as messages, `ideal` as what is right.

use motjuste::Result;
use serde_json::{Value, json};

use crate::document::Document;
use crate::draft::{Draft, MetricDraft};

/// A task of rows with `input` and `ideal`, or with transcripts.
pub(super) fn draft(documents: &[Document]) -> Result<Draft> {
    let mut lines = Vec::new();
    let mut lost = 0;
    for value in documents.iter().map(Document::rows).collect::<Result<Vec<_>>>()?.concat() {
        match transcript(&value) {
            Some(line) => lines.push(line.to_string()),
            None => lost += 1,
        }
    }
    let Some(first) = documents.first() else { return Ok(Draft::default()) };
    let all = Document { path: first.path.with_extension("jsonl"), text: lines.join("\n") };
    let mut draft = super::messages::draft(&[all])?;
    accept_all(&mut draft);
    if lost > 0 {
        draft.notes.lost(format!("{lost} rows without input and ideal: left out"));
    }
    draft.notes.lost(
        "the kind of eval (match, includes, model-graded) stands in its registry's YAML: check the metric",
    );
    Ok(draft)
}

/// A row as a transcript that ends with its ideal answer.
fn transcript(value: &Value) -> Option<Value> {
    let ideal = value.get("ideal")?;
    let first = match ideal {
        Value::Array(all) => all.first()?.clone(),
        other => other.clone(),
    };
    let text = first.as_str().map_or_else(|| first.to_string(), str::to_owned);
    let mut messages = match value.get("input")? {
        Value::Array(messages) => messages.clone(),
        other => vec![json!({ "role": "user", "content": other })],
    };
    messages.push(json!({ "role": "assistant", "content": text }));
    Some(json!({ "messages": messages, "ideal": ideal }))
}

/// Every ideal answer is accepted.
fn accept_all(draft: &mut Draft) {
    for row in &mut draft.rows {
        if let Some(ideal) = row.remove("ideal") {
            row.insert("output".to_owned(), ideal);
        }
    }
    if draft.rows.iter().any(|row| row.get("output").is_some_and(Value::is_array)) {
        draft.metric = MetricDraft::EXACT;
        draft.notes.forget("metric ");
        draft.notes.carried("metric exact: an answer must equal one of the ideal answers");
    }
}
