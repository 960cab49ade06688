//! A language model that reads a rubric and gives points.

mod reply;
mod rubric;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;

use super::{Answer, Score, Verdict};
use crate::example::Example;
use crate::metric::Expects;
use crate::model::{Completion, Decoding, Model, Request};
use crate::usage::Usage;
use crate::{Error, Result};
use rubric::Rubric;

/// The most tokens of a verdict: two sentences of reason, and room for a model that says more.
const VERDICT_TOKENS: usize = 512;

/// The points of a perfect answer, where the task does not say.
const SCALE: f64 = 10.0;

/// The temperature of the second draw of a verdict, where the first one, at 0, could not be read.
const SECOND_TEMPERATURE: f64 = 0.7;

/// So many answers without points, and none with, are the rubric's fault.
const NONE_OF: usize = 5;

/// A language model that gives points by a rubric.
///
/// The rubric is a template over `input`, `accepted` (a list), `answer`, `scale` and the columns of the row; it
/// asks for a reason and then for a line `Score: N`, N from 0 to the scale. What stands before the last
/// score is the feedback. `n/m`, a per cent and an object `{"score": n, "reason": text}` are read as well.
/// A reply that gives no points is asked for once more, in another draw; then the score is missing, and the
/// reply is the feedback.
#[derive(Debug, Clone)]
pub struct Judge {
    /// The judging model, by its name.
    model: String,
    rubric: Rubric,
    scale: f64,
    /// Whether points were ever read: then a silent judge is no fault of the rubric.
    has_given_points: Arc<AtomicBool>,
}

impl Judge {
    /// The model of this name with the rubric `text`; without a text, the built-in one, which asks whether
    /// the answer says what an accepted answer says, or, in rows without one, does what the input asks for.
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
        Self::of_columns(model, text, &BTreeSet::new())
    }

    /// As [`Self::new`], for rows that have these columns, each of which the rubric may name.
    ///
    /// # Errors
    /// As [`Self::new`].
    ///
    /// ```
    /// use motjuste::score::Judge;
    /// let rubric = Some("For a {{ tone }} reader: {{ answer }}. Score: N".to_owned());
    /// assert!(Judge::of_columns("embedded", rubric.clone(), &["tone".into()].into()).is_ok());
    /// assert!(Judge::of_columns("embedded", rubric, &[].into()).is_err());
    /// ```
    pub fn of_columns(
        model: impl Into<String>,
        text: Option<String>,
        columns: &BTreeSet<String>,
    ) -> Result<Self> {
        let rubric = Rubric::new(text, columns)?;
        let has_given_points = Arc::default();
        Ok(Self { model: model.into(), rubric, scale: SCALE, has_given_points })
    }

    /// The same judge, whose perfect answer has `scale` points instead of 10.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when that is not a number above 0.
    ///
    /// ```
    /// use motjuste::score::Judge;
    /// assert!(Judge::new("embedded", None).unwrap().with_scale(5.0).is_ok());
    /// assert!(Judge::new("embedded", None).unwrap().with_scale(0.0).is_err());
    /// ```
    pub fn with_scale(self, scale: f64) -> Result<Self> {
        super::check_scale(scale)?;
        Ok(Self { scale, ..self })
    }

    /// Refuses a row that lacks a column which the rubric names.
    ///
    /// # Errors
    /// [`Error::is_configuration`], naming the column.
    pub fn check_row(&self, row: &Example) -> Result<()> {
        self.rubric.render(&Answer::to(row, ""), self.scale).map(drop)
    }

    /// The request that puts one answer to the judge: the first draw, or the second.
    fn request(&self, answer: &Answer<'_>, draw: u64) -> Result<Request> {
        let prompt = self.rubric.render(answer, self.scale)?;
        let first = Decoding::greedy(VERDICT_TOKENS);
        let temperature = if draw == 0 { first.temperature } else { SECOND_TEMPERATURE };
        Ok(Request::new(prompt, Decoding { temperature, draw, ..first }))
    }

    /// The judge's replies to one draw of these answers.
    async fn ask(
        &self,
        answers: &[&Answer<'_>],
        judge: &dyn Model,
        draw: u64,
    ) -> Result<Vec<Verdict>> {
        let requests = answers.iter().map(|answer| self.request(answer, draw));
        let requests = requests.collect::<Result<Vec<_>>>()?;
        let replies = judge.complete(&requests).await.into_iter();
        replies.map(|reply| Ok(reply::verdict(&reply?.text, self.scale))).collect()
    }

    /// Asks once more, in another draw, about the answers without points.
    async fn ask_again(
        &self,
        answers: &[Answer<'_>],
        verdicts: &mut [Verdict],
        judge: &dyn Model,
    ) -> Result<()> {
        let open: Vec<usize> =
            (0..verdicts.len()).filter(|&index| verdicts[index].score.is_none()).collect();
        let again: Vec<&Answer<'_>> = open.iter().map(|&index| &answers[index]).collect();
        let second = self.ask(&again, judge, 1).await?;
        for (index, verdict) in open.into_iter().zip(second) {
            verdicts[index] = verdict;
        }
        Ok(())
    }

    /// Refuses to begin with a judge that never gives points: that is the rubric's fault, or the model's.
    /// Once it has given some, what cannot be read is missing and nothing more.
    fn refuse_without_points(&self, verdicts: &[Verdict]) -> Result<()> {
        if verdicts.iter().any(|verdict| verdict.score.is_some()) {
            self.has_given_points.store(true, Ordering::Relaxed);
        }
        if verdicts.len() < NONE_OF || self.has_given_points.load(Ordering::Relaxed) {
            return Ok(());
        }
        let said = verdicts[0].feedback.as_deref().unwrap_or_default();
        let (model, scale) = (&self.model, self.scale);
        Err(Error::model(format!("the judge {model} gave no points: {said}")).with_help(format!(
            "its rubric must ask for a line `Score: N` with N from 0 to {scale}; what was paid for \
             is kept, so mend it and run again"
        )))
    }
}

#[async_trait]
impl Score for Judge {
    fn id(&self) -> String {
        let scale = match self.scale {
            SCALE => String::new(),
            scale => format!(", scale {scale}"),
        };
        format!("judge {}, rubric {}{scale}", self.model, self.rubric.hash())
    }

    fn expects(&self) -> Expects {
        Expects::NOTHING
    }

    fn judge(&self) -> Option<&str> {
        Some(&self.model)
    }

    fn judge_calls(&self) -> u64 {
        2
    }

    fn can_read(&self, reply: &Completion) -> bool {
        reply::verdict(&reply.text, self.scale).score.is_some()
    }

    fn worst_case(&self, answer: &Answer<'_>) -> Result<Usage> {
        let draws = [0, 1].map(|draw| Ok(self.request(answer, draw)?.worst_case()));
        draws.into_iter().sum()
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
        let mut verdicts = self.ask(&answers.iter().collect::<Vec<_>>(), judge, 0).await?;
        self.ask_again(answers, &mut verdicts, judge).await?;
        self.refuse_without_points(&verdicts)?;
        Ok(verdicts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Scripted;

    async fn scores(
        count: usize,
        reply: impl Fn(&Request) -> String + Send + Sync + 'static,
    ) -> Result<Vec<Verdict>> {
        let model = Scripted::new("judge", reply);
        let example = Example::new("hot?", ["cold"]);
        let texts: Vec<String> = (0..count).map(|index| format!("cold {index}")).collect();
        let answers: Vec<_> = texts.iter().map(|text| Answer::to(&example, text)).collect();
        Judge::new("judge", None).unwrap().score(&answers, Some(&model)).await
    }

    #[tokio::test]
    async fn a_judge_reads_question_answer_and_accepted_answers_and_says_why() {
        let verdicts = scores(2, |request| {
            let prompt = request.text();
            let right = prompt.contains("Question: hot?") && prompt.contains("- cold");
            let right = right && prompt.contains("N from 0 to 10");
            match right && prompt.contains("Answer: cold 0") {
                true => "It is the opposite.\nScore: 10".into(),
                false => "Score: 0".into(),
            }
        });
        let verdicts = verdicts.await.unwrap();
        assert_eq!([verdicts[0].score, verdicts[1].score], [Some(1.0), Some(0.0)]);
        assert_eq!(verdicts[0].feedback.as_deref(), Some("It is the opposite."));
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_asked_once_more_in_another_draw() {
        let verdicts = scores(3, |request| {
            let is_second = request.decoding.draw == 1 && request.decoding.temperature > 0.0;
            match (request.text().contains("cold 1"), request.text().contains("cold 2"), is_second)
            {
                (true, _, false) => "I cannot say".into(),
                (_, true, _) => "I will never say".into(),
                _ => "Score: 10".into(),
            }
        });
        let verdicts = verdicts.await.unwrap();
        let scores: Vec<_> = verdicts.iter().map(|verdict| verdict.score).collect();
        assert_eq!(scores, [Some(1.0), Some(1.0), None]);
        assert_eq!(verdicts[2].feedback.as_deref(), Some("I will never say"));
    }

    #[tokio::test]
    async fn a_judge_that_never_gives_points_is_an_error_before_it_has_given_any() {
        let error = scores(NONE_OF, |_| "I cannot say".into()).await.unwrap_err();
        assert!(error.is_model() && error.to_string().contains("I cannot say"));
        let few = scores(NONE_OF - 1, |_| "I cannot say".into()).await.unwrap();
        assert!(few.iter().all(|verdict| verdict.score.is_none()));
        let judge = Judge::new("judge", None).unwrap();
        judge.refuse_without_points(&[Verdict::from(1.0)]).unwrap();
        judge.refuse_without_points(&vec![Verdict::missing("?"); 2 * NONE_OF]).unwrap();
    }

    #[tokio::test]
    async fn a_scale_is_told_to_the_judge_and_is_another_metric() {
        let model = Scripted::new("judge", |request| {
            if request.text().contains("N from 0 to 5") { "Score: 4" } else { "?" }.into()
        });
        let example = Example::new("hot?", ["cold"]);
        let judge = Judge::new("judge", None).unwrap();
        let five = judge.clone().with_scale(5.0).unwrap();
        let verdicts = five.score(&[Answer::to(&example, "x")], Some(&model)).await.unwrap();
        assert_eq!(verdicts[0].score, Some(0.8));
        assert_ne!(judge.id(), five.id());
        let worst = judge.worst_case(&Answer::to(&example, "x")).unwrap();
        assert_eq!(worst.tokens_out, 2 * VERDICT_TOKENS as u64);
    }
}
