//! Exports: a found prompt in the form of another tool.

mod dspy;
mod langfuse;
mod mlflow;
mod promptfoo;

use std::path::Path;

use motjuste::prompt::MessageTemplate;
use motjuste::report::Report;
use motjuste::task::Task;
use motjuste::{Error, Result};
use serde::Serialize;

use crate::prompt::{renamed, slots};

/// A form to write a found prompt in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A configuration of promptfoo: the prompt, and the test rows with assertions.
    Promptfoo,
    /// The state of a `DSPy` program with one predictor.
    Dspy,
    /// Requests to `MLflow`'s REST API: the prompt in its registry, and a run with the scores.
    Mlflow,
    /// The body that creates a prompt in Langfuse.
    Langfuse,
    /// Chat messages as JSON.
    Messages,
}

impl Target {
    /// Every form.
    pub const ALL: [Self; 5] =
        [Self::Promptfoo, Self::Dspy, Self::Mlflow, Self::Langfuse, Self::Messages];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Promptfoo => "promptfoo",
            Self::Dspy => "dspy",
            Self::Mlflow => "mlflow",
            Self::Langfuse => "langfuse",
            Self::Messages => "messages",
        }
    }
}

/// A result to export.
#[derive(Debug)]
pub struct Deployment<'a> {
    /// The whole prompt: what `prompt.txt` holds.
    pub prompt: &'a str,
    /// The messages to deploy, their slots open.
    pub messages: &'a [MessageTemplate],
    /// The study's result.
    pub report: &'a Report,
    /// The task that it was found for.
    pub task: &'a Task,
    /// The file that it is written to, where it is written to one.
    pub file: Option<&'a Path>,
}

/// A prompt in the form of another tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The file's content.
    pub content: String,
    /// What the form cannot say.
    pub notes: Vec<String>,
}

/// Writes a result in the form of another tool.
///
/// # Errors
/// [`Error::is_output`] when it cannot be written as text.
pub fn export(target: Target, deployment: &Deployment<'_>) -> Result<Exported> {
    match target {
        Target::Promptfoo => promptfoo::config(deployment),
        Target::Dspy => dspy::program(deployment),
        Target::Mlflow => mlflow::requests(deployment),
        Target::Langfuse => langfuse::body(deployment),
        Target::Messages => {
            let content = json(&serde_json::json!({ "messages": deployment.messages }))?;
            Ok(Exported { content, notes: Vec::new() })
        }
    }
}

impl Deployment<'_> {
    /// The columns that the messages name and rows have, each once.
    fn columns(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in self.messages.iter().flat_map(|message| slots(&message.content)) {
            if self.is_column(&name) && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    fn is_column(&self, name: &str) -> bool {
        let has =
            |row: &motjuste::task::Example| motjuste::task::field(&row.columns, name).is_some();
        name == "input" || self.task.test().iter().any(has)
    }

    /// The messages, every slot for a column written in another way.
    fn with_slots(&self, write: impl Fn(&str) -> String) -> Vec<MessageTemplate> {
        let slot = |name: &str| self.is_column(name).then(|| write(name));
        let message =
            |it: &MessageTemplate| MessageTemplate::new(it.role, renamed(&it.content, slot));
        self.messages.iter().map(message).collect()
    }
}

/// JSON with line breaks.
fn json(value: &impl Serialize) -> Result<String> {
    let text =
        serde_json::to_string_pretty(value).map_err(|error| unwritable(&error.to_string()))?;
    Ok(text + "\n")
}

fn unwritable(why: &str) -> Error {
    Error::output(format!("the prompt cannot be written in this form: {why}"))
        .with_help("choose the form messages, which holds any prompt")
}
