//! The built-in metrics as scores.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Answer, Score, Verdict};
use crate::Result;
use crate::metric::answer::{AnswerKind, Reply};
use crate::metric::published::PublishedMetric;
use crate::metric::{Expects, Metric, Mode, Published};
use crate::model::Model;

/// A built-in metric, or one of your own, as a score.
///
/// ```
/// use motjuste::metric::{Label, Mode, Published};
/// use motjuste::score::{BuiltIn, Score};
/// assert_eq!(BuiltIn::of(Label::of(["a", "b"])).id(), r#"label {"labels":["a","b"]}"#);
/// assert_eq!(BuiltIn::published(Published::F1, Mode::Strict).id(), "f1, strict");
/// ```
#[derive(Debug, Clone)]
pub struct BuiltIn {
    metric: Arc<dyn Metric>,
}

impl BuiltIn {
    /// This metric.
    pub fn of(metric: impl Metric + 'static) -> Self {
        Self { metric: Arc::new(metric) }
    }

    /// A published comparison, in one of its forms.
    pub fn published(comparison: Published, mode: Mode) -> Self {
        Self::of(PublishedMetric::new(comparison, mode))
    }

    /// The published code of OPRO as it is for GPT models: `\boxed{…}` holds the answer.
    pub fn boxed(kind: AnswerKind) -> Self {
        Self::of(PublishedMetric::boxed(kind))
    }
}

impl From<Box<dyn Metric>> for BuiltIn {
    fn from(metric: Box<dyn Metric>) -> Self {
        Self { metric: Arc::from(metric) }
    }
}

#[async_trait]
impl Score for BuiltIn {
    fn id(&self) -> String {
        self.metric.id()
    }

    fn expects(&self) -> Expects {
        self.metric.expects()
    }

    async fn score(&self, answers: &[Answer<'_>], _: Option<&dyn Model>) -> Result<Vec<Verdict>> {
        let one = |answer: &Answer<'_>| {
            let Answer { example, prompt, text, second_round, .. } = *answer;
            let reply = Reply { text, question: &example.input, prompt, second_round };
            self.metric.judge(&reply, &example.outputs)
        };
        Ok(answers.iter().map(one).collect())
    }
}
