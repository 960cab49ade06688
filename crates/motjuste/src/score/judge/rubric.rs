//! What a judge reads: a template over the row and the answer.

use std::collections::BTreeSet;
use std::sync::Arc;

use minijinja::value::{Serde, Value};
use minijinja::{Environment, UndefinedBehavior, context};

use super::super::Answer;
use crate::{Error, Result};

const TEMPLATE: &str = "rubric";

/// The names that a rubric may use beside those of the columns; `columns` holds all of these.
const NAMES: [&str; 5] = ["input", "accepted", "answer", "scale", "columns"];

/// A template with the hash of its text.
#[derive(Debug, Clone)]
pub(super) struct Rubric {
    environment: Arc<Environment<'static>>,
    hash: String,
}

impl Rubric {
    /// The template of a text; the built-in one, where there is no text.
    pub(super) fn new(text: Option<String>, columns: &BTreeSet<String>) -> Result<Self> {
        let text = text.unwrap_or_else(|| include_str!("../../prompts/judge.txt").to_owned());
        let hash = blake3::hash(text.as_bytes()).to_hex()[..16].to_owned();
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.add_template_owned(TEMPLATE, text).map_err(|error| refuse(&error))?;
        let rubric = Self { environment: Arc::new(environment), hash };
        rubric.refuse_strangers(columns)?;
        Ok(rubric)
    }

    /// Tells it from other rubrics.
    pub(super) fn hash(&self) -> &str {
        &self.hash
    }

    /// What the judge reads about one answer.
    pub(super) fn render(&self, answer: &Answer<'_>, scale: f64) -> Result<String> {
        let Answer { example, text, .. } = answer;
        let columns = Value::from(Serde(&example.columns));
        // As a text, which has no needless decimals.
        let scale = scale.to_string();
        let (input, accepted) = (&example.input, &example.outputs);
        let known =
            context! { input, accepted, answer => *text, scale, columns => columns.clone() };
        let template = self.environment.get_template(TEMPLATE).map_err(|error| refuse(&error))?;
        template.render(context! { ..known, ..columns }).map_err(|error| refuse(&error))
    }

    fn refuse_strangers(&self, columns: &BTreeSet<String>) -> Result<()> {
        let template = self.environment.get_template(TEMPLATE).map_err(|error| refuse(&error))?;
        let mut named: Vec<String> = template.undeclared_variables(false).into_iter().collect();
        named.sort();
        let is_known = |name: &String| NAMES.contains(&name.as_str()) || columns.contains(name);
        match named.iter().find(|name| !is_known(name)) {
            None => Ok(()),
            Some(name) => Err(stranger(name, columns)),
        }
    }
}

fn refuse(error: &minijinja::Error) -> Error {
    Error::configuration(format!("the rubric cannot be used: {error}")).with_help(
        "a rubric may name input, accepted, answer, scale and the columns that every row has",
    )
}

fn stranger(name: &str, columns: &BTreeSet<String>) -> Error {
    let known: Vec<&str> = NAMES.into_iter().chain(columns.iter().map(String::as_str)).collect();
    Error::configuration(format!("the rubric cannot be used: it names {name:?}, which is nothing"))
        .with_help(format!("a rubric may name {}", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::Example;

    fn row() -> Example {
        let columns =
            serde_json::json!({ "tone": "kind", "user": { "age": 7 }, "answer": "theirs" });
        Example::new("in", ["out"]).with_columns(columns.as_object().unwrap().clone())
    }

    fn rendered(text: &str) -> Result<String> {
        let row = row();
        let rubric = Rubric::new(Some(text.to_owned()), &row.columns.keys().cloned().collect())?;
        rubric.render(&Answer::to(&row, "ours"), 10.0)
    }

    #[test]
    fn a_rubric_names_columns_and_the_answer_is_never_one_of_them() {
        let text = "{{ tone }} {{ user.age }} {{ columns.tone }} {{ answer }} {{ columns.answer }} {{ scale }}";
        assert_eq!(rendered(text).unwrap(), "kind 7 kind ours theirs 10");
    }

    #[test]
    fn what_no_row_has_is_refused_with_what_there_is() {
        let error = rendered("{{ ton }}").unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains("\"ton\""));
        assert!(error.help().unwrap().contains("tone"));
        assert!(rendered("{{ user.name }}").is_err());
        assert!(rendered("{{").is_err());
    }

    #[test]
    fn the_built_in_rubric_does_without_accepted_answers() {
        let rubric = Rubric::new(None, &BTreeSet::new()).unwrap();
        let without = Example { outputs: Vec::new(), ..row() };
        let text = rubric.render(&Answer::to(&without, "ours"), 5.0).unwrap();
        assert!(!text.contains("ccepted") && text.contains("Question: in\nAnswer: ours"), "{text}");
        let with = rubric.render(&Answer::to(&row(), "ours"), 5.0).unwrap();
        assert!(with.contains("Accepted answers:\n- out\nAnswer: ours"), "{with}");
    }
}
