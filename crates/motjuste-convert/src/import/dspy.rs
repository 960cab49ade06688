//! Examples of `DSPy`, and programs that it saved.

use motjuste::Result;
use motjuste::model::MessageRole;
use motjuste::prompt::MessageTemplate;
use motjuste::task::Columns;
use serde_json::Value;

use crate::document::Document;
use crate::draft::Draft;
use crate::fields;
use crate::infer;
use crate::prompt::PromptDraft;

/// A task of examples; a program's instructions are the prompt in use.
pub(super) fn draft(documents: &[Document]) -> Result<Draft> {
    let mut draft = Draft::default();
    let mut signatures = Vec::new();
    for value in documents.iter().map(Document::rows).collect::<Result<Vec<_>>>()?.concat() {
        match signatures_in("self", &value) {
            found if found.is_empty() => example(&mut draft, &value),
            found => signatures.extend(found),
        }
    }
    program(&mut draft, &signatures);
    graded(&mut draft);
    Ok(draft)
}

/// A predictor of a program: its name, its signature and the demonstrations that it shows.
struct Predictor {
    name: String,
    signature: Value,
    demos: usize,
}

/// The predictors of a saved program; none where a value is an example.
fn signatures_in(name: &str, value: &Value) -> Vec<Predictor> {
    let Value::Object(members) = value else { return Vec::new() };
    match members.get("signature").filter(|it| it.get("instructions").is_some()) {
        Some(signature) => {
            let demos = members.get("demos").and_then(Value::as_array).map_or(0, Vec::len);
            vec![Predictor { name: name.to_owned(), signature: signature.clone(), demos }]
        }
        None => members.iter().flat_map(|(name, value)| signatures_in(name, value)).collect(),
    }
}

/// One example: its fields, or those below `inputs`/`_store`; its input keys where it has them.
fn example(draft: &mut Draft, value: &Value) {
    let store = ["_store", "example", "data"].into_iter().find_map(|name| value.get(name));
    let Value::Object(mut row) = store.unwrap_or(value).clone() else {
        return draft.notes.lost("examples that are no objects: left out");
    };
    row.retain(|name, _| !name.starts_with("dspy_"));
    let keys = ["input_keys", "_input_keys", "inputs"].into_iter();
    let keys = keys.filter_map(|name| value.get(name)?.as_array()).flatten();
    for key in keys.filter_map(Value::as_str) {
        if !draft.inputs.iter().any(|known| known == key) {
            draft.inputs.push(key.to_owned());
        }
    }
    for name in ["input_keys", "_input_keys"] {
        row.remove(name);
    }
    if row.get("inputs").is_some_and(Value::is_array) {
        row.remove("inputs");
    }
    draft.rows.push(row);
}

fn program(draft: &mut Draft, predictors: &[Predictor]) {
    let Some(first) = predictors.first() else { return };
    let instructions = fields::text(&first.signature, "instructions").unwrap_or_default();
    draft.prompt.start = vec![instructions.to_owned()];
    draft.notes.carried(format!("the instructions of `{}` are the prompt in use", first.name));
    for other in predictors.iter().skip(1) {
        draft.notes.lost(format!(
            "the predictor `{}`: a task has one prompt; import it on its own to improve it",
            other.name
        ));
    }
    if first.demos > 0 {
        draft.notes.lost(format!(
            "{} demonstrations of `{}`: DSPy shows them to the model; write them into the prompt if they \
             shall stay",
            first.demos, first.name
        ));
    }
    draft.notes.lost(
        "DSPy words its messages in its own way: the task sends the instructions as the \
                      system's message and the input fields as the user's",
    );
}

/// Input is what the input keys say, or all but what is right.
fn graded(draft: &mut Draft) {
    let others: Vec<Columns> = draft.rows.iter().map(|row| without(row, &draft.inputs)).collect();
    let last = others.iter().flat_map(Columns::keys).next_back().cloned();
    let output = fields::expected_in(&others).or(last.filter(|_| !draft.inputs.is_empty()));
    let Some(output) = output else {
        return super::judged(draft, "no field of the examples says what is right");
    };
    if draft.inputs.is_empty() {
        without_reasons(draft);
        draft
            .notes
            .carried(format!("the examples name no input keys: all but `{output}` is input"));
    }
    let (metric, why) = infer::metric(&draft.rows, &output);
    draft.notes.carried(format!("`{output}` is what is right; metric {}: {why}", metric.name()));
    draft.notes.lost(
        "the metric of a DSPy program is Python code: check the one that was chosen, or \
                      write a program that scores",
    );
    (draft.metric, draft.output) = (metric, Some(output));
    messages(draft);
}

/// The fields in which `DSPy` keeps how a model came to its answer.
const REASONS: [&str; 2] = ["reasoning", "rationale"];

/// A reasoning that an earlier model wrote is no input: it tells the answer.
fn without_reasons(draft: &mut Draft) {
    for name in REASONS {
        if draft.rows.iter().any(|row| row.contains_key(name)) {
            draft.aside.push(name.to_owned());
            draft.notes.lost(format!(
                "`{name}`, an earlier model's way to the answer, stays a column and is no input: it would \
                 tell the answer"
            ));
        }
    }
}

/// The instruction as the system's message, the input fields as the user's, a line each.
fn messages(draft: &mut Draft) {
    if draft.prompt.start.is_empty() || draft.inputs.is_empty() {
        return;
    }
    let line = |name: &String| format!("{name}: {{{{ {name} }}}}");
    let user = match draft.inputs.as_slice() {
        [one] => format!("{{{{ {one} }}}}"),
        many => many.iter().map(line).collect::<Vec<_>>().join("\n"),
    };
    let system = MessageTemplate::new(MessageRole::System, draft.prompt.start[0].clone());
    draft.prompt = PromptDraft::of(&[system, MessageTemplate::new(MessageRole::User, user)]);
}

fn without(row: &Columns, names: &[String]) -> Columns {
    row.iter()
        .filter(|(name, _)| !names.contains(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
