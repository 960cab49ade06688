//! Dataset items of Langfuse, and the prompts of its export.

use motjuste::Result;
use motjuste::task::Columns;
use serde_json::Value;

use crate::document::Document;
use crate::draft::Draft;
use crate::fields;
use crate::infer;
use crate::prompt::{PromptDraft, messages};

/// A task of items with `input`, `expectedOutput` and `metadata`; a file with `prompt` is the prompt in use.
pub(super) fn draft(documents: &[Document]) -> Result<Draft> {
    let mut draft = Draft::default();
    for document in documents {
        let mut values = document.rows()?;
        if let [only] = values.as_slice()
            && let Some(Value::Array(items)) = only.get("data")
        {
            values = items.clone();
        }
        values.iter().for_each(|value| take(&mut draft, value));
    }
    let has = draft.rows.iter().any(|row| row.contains_key(EXPECTED));
    if !has {
        super::judged(&mut draft, "the items have no expected output");
        return Ok(draft);
    }
    let (metric, why) = infer::metric(&draft.rows, EXPECTED);
    draft.notes.carried(format!("metric {}: {why}", metric.name()));
    (draft.metric, draft.output) = (metric, Some(EXPECTED.to_owned()));
    Ok(draft)
}

/// The column of the expected output.
const EXPECTED: &str = "expected_output";

fn take(draft: &mut Draft, value: &Value) {
    if let Some(found) = value.get("prompt").and_then(messages) {
        draft.prompt = PromptDraft::of(&found);
        draft.notes.carried("the prompt in use");
        return;
    }
    let is_archived =
        fields::text(value, "status").is_some_and(|it| it.eq_ignore_ascii_case("archived"));
    match (is_archived, row(value)) {
        (true, _) => draft.notes.carried("archived items are left out"),
        (false, Some(row)) => draft.rows.push(row),
        (false, None) => draft.notes.lost("items without an input: left out"),
    }
    if let Some(Value::Object(metadata)) = value.get("metadata") {
        draft.aside.extend(metadata.keys().cloned());
    }
}

fn row(value: &Value) -> Option<Columns> {
    let input = parsed(value.get("input").filter(|it| !it.is_null())?);
    let mut row = match value.get("metadata") {
        Some(Value::Object(metadata)) => metadata.clone(),
        _ => Columns::new(),
    };
    row.extend(fields::columns(&input, "input"));
    let expected = value.get("expectedOutput").or_else(|| value.get("expected_output"));
    if let Some(expected) = expected.filter(|it| !it.is_null()) {
        row.insert(EXPECTED.to_owned(), parsed(expected));
    }
    Some(row)
}

/// The value in a text: a table has objects, and texts in their quotes, as texts.
fn parsed(value: &Value) -> Value {
    let text = value.as_str().filter(|text| text.trim_start().starts_with(['{', '[', '"']));
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| value.clone())
}
