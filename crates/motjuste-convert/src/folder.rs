//! The folder of a task as files.

use std::collections::BTreeMap;

use motjuste::Result;
use serde_json::Value;

use crate::draft::{Draft, MetricDraft, start_file};
use crate::explain;

/// The files of a draft by name.
pub(crate) fn files(draft: &Draft) -> Result<BTreeMap<String, String>> {
    let mut files = draft.files.clone();
    let lines = draft.rows.iter().map(|row| Value::Object(row.clone()).to_string() + "\n");
    files.insert("rows.jsonl".to_owned(), lines.collect());
    for (index, prompt) in draft.prompt.start.iter().enumerate() {
        files.insert(start_file(index), format!("{prompt}\n"));
    }
    if let MetricDraft::Judge { rubric: Some(rubric), .. } = &draft.metric {
        files.insert(MetricDraft::RUBRIC.to_owned(), rubric.clone());
    }
    files.insert("task.toml".to_owned(), explain::task_file(draft)?);
    Ok(files)
}
