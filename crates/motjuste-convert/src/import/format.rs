//! The formats, and how a file tells which it has.

use motjuste::error::Setting;
use motjuste::{Error, Result};
use serde_json::Value;

use crate::document::Document;

/// A form that other tools keep prompts and rows in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A configuration of promptfoo, or its table of tests.
    Promptfoo,
    /// What `OpenAI`'s evals platform exports: items, results, an export script's file, a dataset's CSV.
    Openai,
    /// Rows of `OpenAI`'s open-source evals: `input` as messages, `ideal`.
    OpenaiEvals,
    /// Chat transcripts, one a line: `messages`.
    Messages,
    /// Rows of `MLflow`: `inputs` and `expectations`.
    Mlflow,
    /// Dataset items of Langfuse: `input`, `expectedOutput`, `metadata`.
    Langfuse,
    /// Examples of `DSPy`, or a program that it saved.
    Dspy,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 7] = [
        Self::Promptfoo,
        Self::Openai,
        Self::OpenaiEvals,
        Self::Messages,
        Self::Mlflow,
        Self::Langfuse,
        Self::Dspy,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Promptfoo => "promptfoo",
            Self::Openai => "openai",
            Self::OpenaiEvals => "openai-evals",
            Self::Messages => "messages",
            Self::Mlflow => "mlflow",
            Self::Langfuse => "langfuse",
            Self::Dspy => "dspy",
        }
    }

    /// Its name in a sentence.
    pub fn title(self) -> &'static str {
        match self {
            Self::Promptfoo => "promptfoo",
            Self::Openai => "OpenAI's evals platform",
            Self::OpenaiEvals => "OpenAI's open-source evals",
            Self::Messages => "chat messages",
            Self::Mlflow => "MLflow",
            Self::Langfuse => "Langfuse",
            Self::Dspy => "DSPy",
        }
    }
}

/// The format of a file, from its first value.
pub(super) fn detect(document: &Document) -> Result<Format> {
    let values = document.rows()?;
    let first = values.first().unwrap_or(&Value::Null);
    let found = known(first).or_else(|| in_table(first, document.is_table()));
    found.ok_or_else(|| {
        let names = Format::ALL.map(Format::name).join(", ");
        Error::configuration(format!("{}: the format is not known", document.path.display()))
            .with_help(format!(
                "name it: {names}; a table or JSON with columns of its own needs no import, only a task file"
            ))
            .with_setting(Setting::TaskFile(document.path.clone()))
    })
}

fn known(value: &Value) -> Option<Format> {
    let has = |name: &str| value.get(name).is_some();
    let is_list = |name: &str| value.get(name).is_some_and(Value::is_array);
    let all = [
        (has("prompts") || (has("vars") && has("assert")), Format::Promptfoo),
        (
            has("item") || has("datasource_item") || has("eval") || has("testing_criteria"),
            Format::Openai,
        ),
        (value.get("object").is_some() && has("data"), Format::Openai),
        (has("inputs") && (has("expectations") || has("outputs")), Format::Mlflow),
        (has("expectedOutput"), Format::Langfuse),
        (is_list("messages"), Format::Messages),
        (is_list("input") && has("ideal"), Format::OpenaiEvals),
        (has("input") && has("ideal"), Format::OpenaiEvals),
        (is_program(value) || has("input_keys"), Format::Dspy),
        (has("tests") || has("providers"), Format::Promptfoo),
    ];
    all.into_iter().find_map(|(is, format)| is.then_some(format))
}

/// Whether it is a program that `DSPy` saved: a signature somewhere in its first levels.
fn is_program(value: &Value) -> bool {
    let members = value.as_object().into_iter().flat_map(|it| it.values());
    value.get("signature").is_some() || members.into_iter().any(|it| it.get("signature").is_some())
}

fn in_table(value: &Value, is_table: bool) -> Option<Format> {
    let names = value.as_object().filter(|_| is_table)?;
    let any = |test: &dyn Fn(&str) -> bool| names.keys().any(|name| test(name));
    if any(&|name| name.starts_with("__")) {
        return Some(Format::Promptfoo);
    }
    any(&|name| matches!(name, "rating" | "output_feedback")).then_some(Format::Openai)
}
