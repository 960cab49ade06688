//! How an answer is turned into a score: a metric of ours, a program of the user's, or a judging
//! language model.

mod command;
mod judge;

pub use command::CommandMetric;
use judge::Judge;
pub use judge::Rubric;

use std::sync::Arc;

use serde::Serialize;

use crate::example::Example;
use crate::metric::answer::{AnswerKind, Reply};
use crate::metric::{Metric, Mode};
use crate::model::{CallPolicy, LanguageModel};
use crate::usage::{Cost, Usage};
use crate::{Error, Result};

/// How a task's answers are scored.
#[derive(Debug, Clone)]
pub enum Scoring {
    /// By one of the built-in metrics.
    Metric(Metric, Mode),
    /// By the published code of OPRO as it is for GPT models: `\boxed{…}` holds the answer.
    Boxed(AnswerKind),
    /// By a program: JSON lines in, JSON lines out.
    Command(CommandMetric),
    /// By a language model that reads a rubric.
    Judge(Rubric),
}

impl Scoring {
    /// What determines the scores, in words: part of a study's identity.
    ///
    /// ```
    /// use motjuste::metric::{Metric, Mode};
    /// use motjuste::scoring::Scoring;
    /// assert_eq!(Scoring::Metric(Metric::F1, Mode::Strict).identity(), "f1, strict");
    /// ```
    pub fn identity(&self) -> String {
        match self {
            Self::Metric(metric, mode) => format!("{}, {}", name(metric), name(mode)),
            Self::Boxed(kind) => format!("{}, compat, boxed", name(kind)),
            Self::Command(command) => command.identity(),
            Self::Judge(rubric) => rubric.identity(),
        }
    }
}

/// The name that serde gives to a variant without fields.
fn name(variant: &impl Serialize) -> String {
    let value = serde_json::to_value(variant).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// One answer to be scored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answered<'a> {
    pub(crate) example: &'a Example,
    /// The whole prompt that was answered.
    pub(crate) prompt: &'a str,
    pub(crate) answer: &'a str,
    /// Whether the target was asked for the answer alone.
    pub(crate) second_round: bool,
}

impl<'a> Answered<'a> {
    /// An answer whose prompt does not matter.
    fn to(example: &'a Example, answer: &'a str) -> Self {
        Self { example, prompt: "", answer, second_round: false }
    }

    fn reply(&self) -> Reply<'a> {
        let Self { example, prompt, answer, second_round } = *self;
        Reply { text: answer, question: &example.input, prompt, second_round }
    }
}

/// What scores the answers of a running study.
#[derive(Clone)]
pub(crate) enum Scorer {
    Metric(Metric, Mode),
    Boxed(AnswerKind),
    Command(CommandMetric),
    Judge(Judge),
}

impl Scorer {
    /// What scores as `scoring` says, with `judge` where a model judges.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when a model is to judge and there is none.
    pub(crate) fn new(scoring: &Scoring, judge: Option<Arc<dyn LanguageModel>>) -> Result<Self> {
        Ok(match (scoring, judge) {
            (Scoring::Metric(metric, mode), _) => Self::Metric(*metric, *mode),
            (Scoring::Boxed(kind), _) => Self::Boxed(*kind),
            (Scoring::Command(command), _) => Self::Command(command.clone()),
            (Scoring::Judge(rubric), Some(model)) => {
                Self::Judge(Judge { rubric: rubric.clone(), model })
            }
            (Scoring::Judge(rubric), None) => {
                let message =
                    format!("the task wants the judge {}, and there is none", rubric.model);
                return Err(Error::configuration(message).with_help("give the study a judge"));
            }
        })
    }

    /// The most that scoring one answer to each example can cost, an answer having no more than
    /// `answer_tokens`.
    pub(crate) fn worst_case(
        &self,
        examples: &[&Example],
        answer_tokens: usize,
        policy: &CallPolicy,
    ) -> Result<Cost> {
        let Self::Judge(judge) = self else { return Ok(Cost::default()) };
        let answer = "x".repeat(4 * answer_tokens);
        let usage =
            |example: &&Example| Ok(judge.request(&Answered::to(example, &answer))?.worst_case());
        let usage = examples.iter().map(usage).sum::<Result<Usage>>()?;
        Ok(policy.judge_price.of(examples.len() as u64, usage))
    }

    /// One score in [0, 1] for each answer, in order.
    pub(crate) async fn score(&self, answers: &[Answered<'_>]) -> Result<Vec<f64>> {
        match self {
            Self::Metric(metric, mode) => {
                let one = |a: &Answered| metric.judge(&a.reply(), &a.example.outputs, *mode);
                Ok(answers.iter().map(one).collect())
            }
            Self::Boxed(kind) => {
                let accepted = |a: &Answered, truth: &String| kind.boxed_score(&a.reply(), truth);
                let one = |a: &Answered| {
                    let scores = a.example.outputs.iter().map(|truth| accepted(a, truth));
                    scores.fold(0.0, f64::max)
                };
                Ok(answers.iter().map(one).collect())
            }
            Self::Command(command) => command.score(answers).await,
            Self::Judge(judge) => judge.score(answers).await,
        }
    }
}
