//! Graders of the platform as metrics.

use motjuste::model::MessageRole;
use serde_json::{Value, json};

use super::forms::Export;
use super::template::{column, messages, ours};
use crate::draft::{Draft, MetricDraft};
use crate::fields::text;
use crate::judge::plain;
use crate::prompt::slots;

/// A metric that a grader became, and the column that it compares with.
struct Graded {
    metric: MetricDraft,
    output: Option<String>,
    /// How much of the grader it is: lower is closer to a comparison that costs nothing.
    rank: u8,
}

/// Takes the first grader that can be carried over, those that cost nothing before judges.
pub(super) fn grade(draft: &mut Draft, export: &Export) {
    let mut found: Vec<(String, Graded)> = Vec::new();
    for grader in &export.graders {
        let name = text(grader, "name").unwrap_or("a grader without a name").to_owned();
        match graded(draft, grader) {
            Ok(graded) => found.push((name, graded)),
            Err(why) => draft.notes.lost(format!("the grader {name}: {why}")),
        }
    }
    found.sort_by_key(|(_, graded)| graded.rank);
    let mut found = found.into_iter();
    if let Some((name, graded)) = found.next() {
        draft.notes.carried(format!("the grader {name} as the metric {}", graded.metric.name()));
        (draft.metric, draft.output) = (graded.metric, graded.output);
    } else {
        let unknown = export.named.join(", ");
        if !unknown.is_empty() && export.graders.is_empty() {
            draft.notes.lost(format!(
                "the graders {unknown}: these files have their verdicts and not what they check; add the \
                 file of GET /v1/evals/ID"
            ));
        }
    }
    for (name, _) in found {
        draft
            .notes
            .lost(format!("the grader {name}: a task has one metric, and another was taken"));
    }
}

fn graded(draft: &mut Draft, grader: &Value) -> Result<Graded, String> {
    match text(grader, "type").unwrap_or_default() {
        "string_check" => string_check(draft, grader),
        "text_similarity" => similarity(draft, grader),
        "python" => python(draft, grader),
        "score_model" => score_model(draft, grader),
        "label_model" => label_model(draft, grader),
        other => Err(format!("its kind, {other}, has no counterpart")),
    }
}

/// The column that a grader compares the answer with; a reference with more in it becomes a column.
fn reference(draft: &mut Draft, grader: &Value) -> Result<String, String> {
    let checks = text(grader, "input").unwrap_or("{{sample.output_text}}");
    if !checks.contains("output_text") {
        return Err(format!("it checks {checks}, not the answer"));
    }
    let wanted = text(grader, "reference").ok_or("it has no reference")?;
    if let Some(name) = column(wanted) {
        return Ok(name.to_owned());
    }
    // What is right is no input, in part neither.
    draft.aside.extend(super::expected(&draft.rows));
    let name = crate::fields::free("expected", &draft.rows);
    let wanted = ours(wanted);
    for row in &mut draft.rows {
        let filled = crate::prompt::renamed(&wanted, |slot| {
            let value = motjuste::task::field(row, slot)?;
            Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        });
        row.insert(name.clone(), Value::from(filled));
    }
    Ok(name)
}

fn string_check(draft: &mut Draft, grader: &Value) -> Result<Graded, String> {
    let output = reference(draft, grader)?;
    let operation = text(grader, "operation").unwrap_or("eq");
    if operation == "eq" {
        return Ok(Graded { metric: MetricDraft::EXACT, output: Some(output), rank: 0 });
    }
    let kind = match operation {
        "ne" => "not-equals",
        "like" => "contains",
        "ilike" => "icontains",
        other => return Err(format!("its operation, {other}, is not known")),
    };
    let (metric, files) = crate::checks::same_for_all(&mut draft.rows, kind, &output);
    draft.files.extend(files);
    // What an answer must not be is no answer to show, and no input either.
    draft.aside.push(output.clone());
    let output = (operation != "ne").then_some(output);
    Ok(Graded { metric, output, rank: 1 })
}

fn similarity(draft: &mut Draft, grader: &Value) -> Result<Graded, String> {
    let output = reference(draft, grader)?;
    let measure = text(grader, "evaluation_metric").unwrap_or("fuzzy_match");
    let name = match measure {
        "rouge_l" => "rouge_l",
        _ => "f1",
    };
    if !matches!(measure, "rouge_l" | "rouge_1") {
        draft
            .notes
            .lost(format!("the measure {measure}: {name} takes its place, and its numbers differ"));
    }
    pass_mark(draft, grader);
    Ok(Graded { metric: MetricDraft::named(name), output: Some(output), rank: 2 })
}

/// A threshold: the score itself is what the search improves.
fn pass_mark(draft: &mut Draft, grader: &Value) {
    if let Some(mark) = grader.get("pass_threshold").and_then(Value::as_f64) {
        draft.notes.lost(format!(
            "the pass mark {mark}: the search improves the score itself, above the mark as below it"
        ));
    }
}

fn python(draft: &mut Draft, grader: &Value) -> Result<Graded, String> {
    let source = text(grader, "source").filter(|it| it.contains("def grade"));
    let source = source.ok_or("its source has no function grade(sample, item)")?;
    draft.files.insert("grader.py".to_owned(), source.to_owned());
    draft.files.insert("score.py".to_owned(), include_str!("../../texts/score.py").to_owned());
    draft.notes.carried("score.py runs the grader's Python on this machine: read grader.py first");
    pass_mark(draft, grader);
    let command = ["python3", "score.py", "grader.py"].map(str::to_owned).to_vec();
    let output = super::expected(&draft.rows);
    Ok(Graded { metric: MetricDraft::Program(command), output, rank: 1 })
}

/// A grading model's own messages as a rubric.
fn messages_of(grader: &Value) -> Result<String, String> {
    let said = match grader.get("input") {
        Some(Value::String(text)) => Some(ours(text)),
        Some(list) => messages(list).map(|all| {
            let line = |it: &motjuste::prompt::MessageTemplate| match it.role {
                MessageRole::System | MessageRole::User => it.content.clone(),
                MessageRole::Assistant => format!("[assistant] {}", it.content),
            };
            all.iter().map(line).collect::<Vec<_>>().join("\n\n")
        }),
        None => None,
    };
    said.ok_or_else(|| "its messages cannot be read".to_owned())
}

/// A rubric's text as a template: slots of columns and the answer stay, other braces are plain.
fn template(draft: &Draft, said: &str) -> String {
    let shown = |name: &str| {
        let is_answer = matches!(name, "sample.output_text" | "sample.output_json");
        let is_column = draft.rows.iter().all(|row| row.contains_key(name));
        match (is_answer, is_column) {
            (true, _) => Some("{{ answer }}".to_owned()),
            (false, true) => Some(format!("{{{{ columns[{}] }}}}", json!(name))),
            (false, false) => Some(plain(&format!("{{{{{name}}}}}"))),
        }
    };
    let text = crate::prompt::renamed(said, shown);
    match slots(said).iter().any(|it| it.starts_with("sample.output")) {
        true => text,
        false => format!("{text}\n\nThe answer:\n{{{{ answer }}}}"),
    }
}

fn model(grader: &Value) -> String {
    format!("openai/{}", text(grader, "model").unwrap_or("gpt-4.1-mini"))
}

fn score_model(draft: &mut Draft, grader: &Value) -> Result<Graded, String> {
    let range = grader.get("range").and_then(Value::as_array);
    let end = |index: usize| range.and_then(|it| it.get(index)).and_then(Value::as_f64);
    let (low, high) = (end(0).unwrap_or(0.0), end(1).unwrap_or(1.0));
    if low != 0.0 || high <= 0.0 {
        draft.notes.lost(format!(
            "the range {low} to {high}: a judge's points begin at 0, so the rubric asks for 0 to {high}"
        ));
    }
    let text = template(draft, &messages_of(grader)?);
    let rubric = format!(
        "{text}\n\nPoints go from 0 to {high}. Say why in a sentence, then end with a line such as\nScore: {high}\n"
    );
    pass_mark(draft, grader);
    let metric = MetricDraft::Judge {
        model: model(grader),
        rubric: Some(rubric),
        scale: Some(high.max(1.0)),
    };
    Ok(Graded { metric, output: super::expected(&draft.rows), rank: 3 })
}

fn label_model(draft: &mut Draft, grader: &Value) -> Result<Graded, String> {
    let list = |name: &str| {
        let all = grader.get(name).and_then(Value::as_array).into_iter().flatten();
        all.filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
    };
    let (labels, passing) = (list("labels"), list("passing_labels"));
    let text = template(draft, &messages_of(grader)?);
    let rubric = format!(
        "{text}\n\nChoose one label: {}. Say why in a sentence. If your label is one of: {}, end with a line\n\
         Score: 10\nelse with a line\nScore: 0\n",
        plain(&labels),
        plain(&passing)
    );
    let metric = MetricDraft::Judge { model: model(grader), rubric: Some(rubric), scale: None };
    Ok(Graded { metric, output: super::expected(&draft.rows), rank: 3 })
}
