//! The built-in metrics as scores.

use async_trait::async_trait;
use serde::Serialize;

use super::{Answer, Score, Verdict};
use crate::Result;
use crate::metric::answer::{AnswerKind, Reply};
use crate::metric::{Metric, Mode};
use crate::model::Model;

/// A built-in metric.
///
/// ```
/// use motjuste::metric::{Metric, Mode};
/// use motjuste::score::{BuiltIn, Score};
/// assert_eq!(BuiltIn::Metric(Metric::F1, Mode::Strict).id(), "f1, strict");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuiltIn {
    /// One of the metrics, in one of its forms.
    Metric(Metric, Mode),
    /// The published code of OPRO as it is for GPT models: `\boxed{…}` holds the answer.
    Boxed(AnswerKind),
}

impl BuiltIn {
    fn one(self, answer: &Answer<'_>) -> f64 {
        let Answer { example, prompt, text, second_round, .. } = *answer;
        let reply = Reply { text, question: &example.input, prompt, second_round };
        match self {
            Self::Metric(metric, mode) => metric.judge(&reply, &example.outputs, mode),
            Self::Boxed(kind) => {
                let scores = example.outputs.iter().map(|truth| kind.boxed_score(&reply, truth));
                scores.fold(0.0, f64::max)
            }
        }
    }
}

#[async_trait]
impl Score for BuiltIn {
    fn id(&self) -> String {
        match self {
            Self::Metric(metric, mode) => format!("{}, {}", name(metric), name(mode)),
            Self::Boxed(kind) => format!("{}, compat, boxed", name(kind)),
        }
    }

    async fn score(&self, answers: &[Answer<'_>], _: Option<&dyn Model>) -> Result<Vec<Verdict>> {
        Ok(answers.iter().map(|answer| Verdict::from(self.one(answer))).collect())
    }
}

/// The name that serde gives to a variant without fields.
fn name(variant: &impl Serialize) -> String {
    let value = serde_json::to_value(variant).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}
