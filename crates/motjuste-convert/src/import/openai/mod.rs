//! Exports of `OpenAI`'s evals platform: five forms of rows, with graders, prompts, ratings and critiques.

mod forms;
mod graders;
mod recover;
mod template;

use std::collections::BTreeSet;

use motjuste::Result;
use motjuste::task::Columns;
use serde_json::Value;

use crate::document::Document;
use crate::draft::{Draft, EARLIER, MetricDraft, set_answer_aside};
use crate::fields;
use crate::judge;
use crate::prompt::PromptDraft;
use forms::Export;

/// A task of what the files hold together: rows, graders, the prompt's messages, ratings and critiques.
pub(super) fn draft(documents: &[Document]) -> Result<Draft> {
    let mut export = Export::default();
    for document in documents {
        if matches!(document.ending().as_str(), "txt" | "md") {
            export.prompt(&document.text);
            continue;
        }
        for value in document.rows()? {
            export.take(&value, document.is_table());
        }
    }
    let mut draft = Draft { notes: std::mem::take(&mut export.notes), ..Draft::default() };
    draft.name = export.name.as_deref().map(crate::names::task_name).unwrap_or_default();
    draft.target = export.model.as_deref().map(|name| format!("openai/{name}"));
    prompt(&mut draft, &export);
    draft.rows = std::mem::take(&mut export.rows);
    ratings(&mut draft);
    aside(&mut draft);
    graders::grade(&mut draft, &export);
    if draft.output.is_none() && matches!(draft.metric, MetricDraft::Named(..)) {
        ungraded(&mut draft);
    }
    Ok(draft)
}

/// The prompt's template where a run names it; else what the rendered messages have in common.
fn prompt(draft: &mut Draft, export: &Export) {
    let found = match &export.template {
        Some(template) => {
            draft.notes.carried("the prompt in use, its slots {{ item.column }} now {{ column }}");
            Some(template.clone())
        }
        None => recover::template(&export.rendered, &export.rows).inspect(|_| {
            draft.notes.carried("the prompt in use, from the messages that were sent");
        }),
    };
    match found {
        Some(messages) => draft.prompt = PromptDraft::of(&messages),
        None => {
            draft.notes.lost("no prompt is in the files: give yours as `start` in the task file")
        }
    }
}

/// Columns of an answer that was rated: the rating, the critique, and the answer itself.
fn ratings(draft: &mut Draft) {
    let mut critiques: Vec<String> = Vec::new();
    for row in &mut draft.rows {
        set_answer_aside(row);
        if let Some(critique) = row.remove("output_feedback").or_else(|| row.remove("feedback")) {
            critiques
                .extend(critique.as_str().filter(|it| !it.trim().is_empty()).map(str::to_owned));
            row.insert("critique".to_owned(), critique);
        }
    }
    let is_rated = draft.rows.iter().any(|row| row.contains_key("rating"));
    if is_rated {
        draft.notes.carried(format!(
            "ratings and critiques are columns; rated answers are the column `{EARLIER}`, and no answers \
             to reach"
        ));
    }
    critiques.sort();
    critiques.dedup();
    if !critiques.is_empty() {
        draft
            .notes
            .carried("the critiques stand in the description, which a writer of prompts reads");
        draft.description = described(&critiques);
    }
}

/// The most critiques that are told to a writer of prompts.
const CRITIQUES: usize = 20;

fn described(critiques: &[String]) -> String {
    let line = |it: &String| format!("- {}", it.split_whitespace().collect::<Vec<_>>().join(" "));
    let lines: Vec<String> = critiques.iter().take(CRITIQUES).map(line).collect();
    format!("People said of earlier answers:\n{}", lines.join("\n"))
}

/// Columns that are no input: ratings, and the verdicts of graders.
fn aside(draft: &mut Draft) {
    let names: BTreeSet<String> = draft.rows.iter().flat_map(Columns::keys).cloned().collect();
    let known = ["rating", "critique", "score", "passed"];
    let is_aside = |name: &String| known.contains(&&name[..]) || is_verdict(&draft.rows, name);
    draft.aside = names.into_iter().filter(is_aside).collect();
}

/// Whether a column holds nothing but verdicts.
fn is_verdict(rows: &[Columns], name: &str) -> bool {
    let mut values = rows.iter().filter_map(|row| row.get(name)?.as_str()).peekable();
    values.peek().is_some()
        && values.all(|it| {
            matches!(&it.to_ascii_lowercase()[..], "pass" | "fail" | "passed" | "failed" | "")
        })
}

/// Without a grader: the column that is called so is what is right, or a judge reads the answers.
fn ungraded(draft: &mut Draft) {
    if let Some(expected) = expected(&draft.rows) {
        draft.notes.carried(format!(
            "`{expected}` is what is right, and answers must equal it: the files hold no grader"
        ));
        draft.output = Some(expected);
        return;
    }
    let criterion = match draft.description.is_empty() {
        true => "how well it does what was asked".to_owned(),
        false => format!("how well it does what was asked. {}", draft.description),
    };
    draft.notes.lost(
        "no column says what is right and no grader is in the files: a judge scores the answers by \
         rubric.txt, which you should read and mend",
    );
    draft.metric = MetricDraft::judge(None, judge::rubric(&criterion));
}

/// The column of what is right: never the answer that was rated.
fn expected(rows: &[Columns]) -> Option<String> {
    let without = |row: &Columns| {
        let kept = row.iter().filter(|(name, _)| *name != "output" && *name != EARLIER);
        kept.map(|(name, value)| (name.clone(), value.clone())).collect::<Columns>()
    };
    fields::expected_in(&rows.iter().map(without).collect::<Vec<_>>())
}

/// The text of a message's content: itself, or that of its parts.
fn content(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(part) => part.get("text")?.as_str().map(str::to_owned),
        Value::Array(parts) => parts.iter().map(content).collect(),
        _ => None,
    }
}
