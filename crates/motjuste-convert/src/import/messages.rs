//! Chat transcripts: a list of messages in every row, the last of which is the answer.

use motjuste::Result;
use motjuste::model::MessageRole;
use motjuste::prompt::MessageTemplate;
use motjuste::task::{Columns, conversation};
use serde_json::{Value, json};

use crate::document::Document;
use crate::draft::Draft;
use crate::infer;
use crate::prompt::PromptDraft;

/// A task of transcripts: what the system says in all of them is the prompt, the last answer of the assistant
/// is expected, what stands between is the input.
pub(super) fn draft(documents: &[Document]) -> Result<Draft> {
    let mut draft = Draft { output: Some("output".to_owned()), ..Draft::default() };
    for document in documents {
        for value in document.rows()? {
            match row(&value) {
                Some(row) => draft.rows.push(row),
                None => draft.notes.lost(
                    "rows whose messages are not texts of system, user and assistant, ending with an \
                     answer of the assistant (calls of tools among them): left out",
                ),
            }
        }
    }
    prompt(&mut draft);
    flatten(&mut draft.rows);
    let (metric, why) = infer::metric(&draft.rows, "output");
    draft.notes.carried(format!("metric {}: {why}", metric.name()));
    draft.metric = metric;
    draft.inputs = vec!["input".to_owned()];
    Ok(draft)
}

/// The row of a transcript: its messages but the last, and the last; further members stay columns.
fn row(value: &Value) -> Option<Columns> {
    let list = value.get("messages")?.as_array()?;
    let (last, before) = list.split_last()?;
    let answer = conversation(&Value::from(vec![last.clone()]))?.pop()?;
    conversation(&Value::from(before.to_vec()))?;
    let mut row = value.as_object()?.clone();
    row.remove("messages");
    row.insert("input".to_owned(), Value::from(before.to_vec()));
    row.insert("output".to_owned(), Value::from(answer.content));
    (answer.role == MessageRole::Assistant).then_some(row)
}

/// What the system says in every row becomes the prompt, and leaves the rows.
fn prompt(draft: &mut Draft) {
    let first = |row: &Columns| row.get("input").and_then(|it| it.get(0)).and_then(system);
    let mut said: Vec<Option<String>> = draft.rows.iter().map(first).collect();
    said.sort_unstable();
    said.dedup();
    let [Some(system)] = said.as_slice() else {
        if said.iter().any(Option::is_some) {
            draft.notes.lost(
                "the rows have different system messages: they stay in the rows, and no prompt in use \
                 was found; give yours as `start` in the task file",
            );
        }
        return;
    };
    draft.prompt = PromptDraft::of(&[
        MessageTemplate::new(MessageRole::System, system.clone()),
        MessageTemplate::new(MessageRole::User, "{{ input }}"),
    ]);
    for list in draft.rows.iter_mut().filter_map(|row| row.get_mut("input")?.as_array_mut()) {
        list.remove(0);
    }
    draft.notes.carried("the system's message is the prompt in use");
}

fn system(message: &Value) -> Option<String> {
    let messages = conversation(&json!([message]))?;
    messages.into_iter().find(|it| it.role == MessageRole::System).map(|it| it.content)
}

/// A single message of the user is a plain text.
fn flatten(rows: &mut [Columns]) {
    for input in rows.iter_mut().filter_map(|row| row.get_mut("input")) {
        if let Some([only]) = conversation(input).as_deref()
            && only.role == MessageRole::User
        {
            *input = Value::from(only.content.clone());
        }
    }
}
