//! A language model that reads a rubric and gives points.

use std::sync::Arc;

use futures::future::join_all;
use minijinja::{Environment, UndefinedBehavior, context};

use super::Answered;
use crate::model::{Decoding, LanguageModel, Request};
use crate::{Error, Result};

/// Tokens of a verdict, a sentence of reasoning included.
const VERDICT_TOKENS: usize = 256;

/// The points of a perfect answer.
const FULL: f64 = 10.0;

/// What a judging model is told: a template over `input`, `accepted` and `answer` that asks for a
/// line `Score: N`, N from 0 to 10.
#[derive(Debug, Clone)]
pub struct Rubric {
    /// The judging model, by its name.
    pub model: String,
    environment: Arc<Environment<'static>>,
    hash: String,
}

const TEMPLATE: &str = "rubric";

impl Rubric {
    /// The rubric `text` read by the model of this name; without a text, the built-in one, which
    /// asks whether the answer says what an accepted answer says.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when the text is no template, or names something else.
    ///
    /// ```
    /// use motjuste::scoring::Rubric;
    /// assert!(Rubric::new("embedded", None).is_ok());
    /// assert!(Rubric::new("embedded", Some("{{ anser }}".into())).is_err());
    /// ```
    pub fn new(model: impl Into<String>, text: Option<String>) -> Result<Self> {
        let text = text.unwrap_or_else(|| include_str!("../prompts/judge.txt").to_owned());
        let hash = blake3::hash(text.as_bytes()).to_hex()[..16].to_owned();
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.add_template_owned(TEMPLATE, text).map_err(refuse)?;
        let rubric = Self { model: model.into(), environment: Arc::new(environment), hash };
        rubric.render("", &[String::new()], "")?;
        Ok(rubric)
    }

    pub(super) fn identity(&self) -> String {
        format!("judge {}, rubric {}", self.model, self.hash)
    }

    fn render(&self, input: &str, accepted: &[String], answer: &str) -> Result<String> {
        let template = self.environment.get_template(TEMPLATE).map_err(refuse)?;
        template.render(context! { input, accepted => accepted.to_vec(), answer }).map_err(refuse)
    }
}

fn refuse(error: minijinja::Error) -> Error {
    Error::configuration(format!("the rubric cannot be used: {error}"))
        .with_help("a rubric may name input, accepted and answer, and nothing else")
}

/// A rubric and the model that reads it.
#[derive(Clone)]
pub(crate) struct Judge {
    pub(crate) rubric: Rubric,
    pub(crate) model: Arc<dyn LanguageModel>,
}

impl Judge {
    pub(super) async fn score(&self, answers: &[Answered<'_>]) -> Result<Vec<f64>> {
        let verdicts = join_all(answers.iter().map(|answered| self.verdict(answered))).await;
        verdicts.into_iter().collect()
    }

    /// The request that puts one answer to the judge.
    pub(crate) fn request(&self, answered: &Answered<'_>) -> Result<Request> {
        let Answered { example, answer, .. } = answered;
        let prompt = self.rubric.render(&example.input, &example.outputs, answer)?;
        Ok(Request::new(prompt, Decoding::greedy(VERDICT_TOKENS)))
    }

    async fn verdict(&self, answered: &Answered<'_>) -> Result<f64> {
        let reply = self.model.complete(&self.request(answered)?).await?.text;
        points(&reply).map(|points| points / FULL).ok_or_else(|| {
            let shown: String = reply.chars().take(200).collect();
            Error::model(format!("the judge {} gave no points: {shown:?}", self.rubric.model))
                .with_help("its rubric must ask for a line `Score: N` with N from 0 to 10")
        })
    }
}

/// The number behind the last `Score:`, when it lies between 0 and full points.
fn points(reply: &str) -> Option<f64> {
    let lower = reply.to_lowercase();
    let (_, behind) = lower.rsplit_once("score:")?;
    let number = behind.trim_start_matches([' ', '*', '[', '"']);
    let end = number.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(number.len());
    let points: f64 = number[..end].trim_end_matches('.').parse().ok()?;
    (0.0..=FULL).contains(&points).then_some(points)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::Example;
    use crate::model::ScriptedModel;

    #[test]
    fn points_are_read_as_judges_write_them() {
        for (reply, expected) in [
            ("Score: 7", Some(7.0)),
            ("It is close.\nSCORE: 10.", Some(10.0)),
            ("**Score:** 3/10", Some(3.0)),
            ("score: 2\n…\nScore: 2.5", Some(2.5)),
            ("Score: 11", None),
            ("Score: -1", None),
            ("seven", None),
            ("Score:", None),
        ] {
            assert_eq!(points(reply), expected, "{reply}");
        }
    }

    #[tokio::test]
    async fn a_judge_reads_question_answer_and_accepted_answers() {
        let model = ScriptedModel::new("judge", |prompt: &str| {
            let right = prompt.contains("Question: hot?") && prompt.contains("- cold");
            if right && prompt.contains("Answer: cold") { "Score: 10" } else { "Score: 0" }.into()
        });
        let rubric = Rubric::new("judge", None).unwrap();
        let judge = Judge { rubric, model: Arc::new(model) };
        let example = Example { input: "hot?".into(), outputs: vec!["cold".into()] };
        let answered = ["cold", "warm"].map(|answer| Answered::to(&example, answer));
        assert_eq!(judge.score(&answered).await.unwrap(), [1.0, 0.0]);
    }

    #[tokio::test]
    async fn a_judge_without_an_opinion_is_an_error_and_no_zero() {
        let model = Arc::new(ScriptedModel::new("judge", |_: &str| "I cannot say".into()));
        let judge = Judge { rubric: Rubric::new("judge", None).unwrap(), model };
        let example = Example { input: "hot?".into(), outputs: vec!["cold".into()] };
        let error = judge.score(&[Answered::to(&example, "")]).await.unwrap_err();
        assert!(error.is_model() && error.to_string().contains("I cannot say"));
    }
}
