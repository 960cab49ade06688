//! A language model that reads a rubric and gives points.

use std::sync::Arc;

use async_trait::async_trait;
use minijinja::{Environment, UndefinedBehavior, context};

use super::{Answer, Score, Verdict};
use crate::model::{Completion, Decoding, Model, Request};
use crate::usage::Usage;
use crate::{Error, Result};

/// Tokens of a verdict, a sentence of reasoning included.
const VERDICT_TOKENS: usize = 256;

/// The points of a perfect answer.
const FULL: f64 = 10.0;

/// A language model that gives points by a rubric: a template over `input`, `accepted` and `answer` that
/// asks for a line `Score: N`, N from 0 to 10. A reply without points is a missing score, with the reply
/// as feedback.
#[derive(Debug, Clone)]
pub struct Judge {
    /// The judging model, by its name.
    model: String,
    environment: Arc<Environment<'static>>,
    hash: String,
}

const TEMPLATE: &str = "rubric";

impl Judge {
    /// The model of this name with the rubric `text`; without a text, the built-in one, which
    /// asks whether the answer says what an accepted answer says.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when the text is no template, or names something else.
    ///
    /// ```
    /// use motjuste::score::Judge;
    /// assert!(Judge::new("embedded", None).is_ok());
    /// assert!(Judge::new("embedded", Some("{{ anser }}".into())).is_err());
    /// ```
    pub fn new(model: impl Into<String>, text: Option<String>) -> Result<Self> {
        let text = text.unwrap_or_else(|| include_str!("../prompts/judge.txt").to_owned());
        let hash = blake3::hash(text.as_bytes()).to_hex()[..16].to_owned();
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.add_template_owned(TEMPLATE, text).map_err(refuse)?;
        let judge = Self { model: model.into(), environment: Arc::new(environment), hash };
        judge.render("", &[String::new()], "")?;
        Ok(judge)
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

impl Judge {
    /// The request that puts one answer to the judge.
    fn request(&self, answer: &Answer<'_>) -> Result<Request> {
        let Answer { example, text, .. } = answer;
        let prompt = self.render(&example.input, &example.outputs, text)?;
        Ok(Request::new(prompt, Decoding::greedy(VERDICT_TOKENS)))
    }

    /// Refuses to go on with a judge that never gives points: that is the rubric's fault, or the model's.
    fn refuse_without_points(&self, verdicts: &[Verdict]) -> Result<()> {
        if verdicts.is_empty() || verdicts.iter().any(|verdict| verdict.score.is_some()) {
            return Ok(());
        }
        let said = verdicts[0].feedback.as_deref().unwrap_or_default();
        Err(Error::model(format!("the judge {} gave no points: {said}", self.model))
            .with_help("its rubric must ask for a line `Score: N` with N from 0 to 10"))
    }
}

#[async_trait]
impl Score for Judge {
    fn id(&self) -> String {
        format!("judge {}, rubric {}", self.model, self.hash)
    }

    fn judge(&self) -> Option<&str> {
        Some(&self.model)
    }

    fn worst_case(&self, answer: &Answer<'_>) -> Result<Usage> {
        Ok(self.request(answer)?.worst_case())
    }

    async fn score(
        &self,
        answers: &[Answer<'_>],
        judge: Option<&dyn Model>,
    ) -> Result<Vec<Verdict>> {
        let judge = judge.ok_or_else(|| {
            Error::configuration(format!(
                "the task wants the judge {}, and there is none",
                self.model
            ))
            .with_help("give the study a judge")
        })?;
        let requests =
            answers.iter().map(|answer| self.request(answer)).collect::<Result<Vec<_>>>()?;
        let replies = judge.complete(&requests).await.into_iter().collect::<Result<Vec<_>>>()?;
        let verdicts: Vec<Verdict> = replies.iter().map(verdict).collect();
        self.refuse_without_points(&verdicts)?;
        Ok(verdicts)
    }
}

/// The points in the judge's reply; what it says is the feedback.
fn verdict(reply: &Completion) -> Verdict {
    let said = reply.text.trim();
    match points(said) {
        Some(points) => Verdict::from(points / FULL).with_feedback(said),
        None => Verdict::missing(said.chars().take(200).collect::<String>()),
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
    use crate::model::Scripted;

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

    async fn scores(
        reply: impl Fn(&Request) -> String + Send + Sync + 'static,
    ) -> Result<Vec<Verdict>> {
        let model = Scripted::new("judge", reply);
        let example = Example::new("hot?", ["cold"]);
        let answers = ["cold", "warm"].map(|answer| Answer::to(&example, answer));
        Judge::new("judge", None).unwrap().score(&answers, Some(&model)).await
    }

    #[tokio::test]
    async fn a_judge_reads_question_answer_and_accepted_answers() {
        let verdicts = scores(|request| {
            let prompt = request.text();
            let right = prompt.contains("Question: hot?") && prompt.contains("- cold");
            if right && prompt.contains("Answer: cold") { "Score: 10" } else { "Score: 0" }.into()
        });
        let verdicts = verdicts.await.unwrap();
        assert_eq!([verdicts[0].score, verdicts[1].score], [Some(1.0), Some(0.0)]);
    }

    #[tokio::test]
    async fn a_reply_without_points_is_missing_and_no_zero() {
        let verdicts = scores(|request| match request.text().contains("Answer: cold") {
            true => "Score: 10".into(),
            false => "I cannot say".into(),
        });
        let verdicts = verdicts.await.unwrap();
        assert_eq!((verdicts[0].score, verdicts[1].score), (Some(1.0), None));
        assert_eq!(verdicts[1].feedback.as_deref(), Some("I cannot say"));
    }

    #[tokio::test]
    async fn a_judge_that_never_gives_points_is_an_error() {
        let error = scores(|_| "I cannot say".into()).await.unwrap_err();
        assert!(error.is_model() && error.to_string().contains("I cannot say"));
    }
}
