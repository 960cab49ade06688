//! The answer alone is scored: without a thinking block, without a code fence around it.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Answer, Score, Verdict};
use crate::Result;
use crate::metric::{Expects, Read, answer_alone};
use crate::model::{Completion, Model};
use crate::usage::Usage;

/// A score that reads the answer alone, as [`answer_alone`] finds it. A thinking block that never ends leaves
/// an empty answer.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use motjuste::metric::Exact;
/// use motjuste::score::{Answer, Bare, BuiltIn, Score};
/// use motjuste::task::Example;
/// let score = Bare::new(BuiltIn::of(Exact::default()));
/// let row = Example::new("I was charged twice", ["refund"]);
/// let answer = Answer::to(&row, "<think>Or login?</think>refund");
/// assert_eq!(score.score(&[answer], None).await.unwrap()[0].score, Some(1.0));
/// # });
/// ```
#[derive(Debug, Clone)]
pub struct Bare {
    inner: Arc<dyn Score>,
}

impl Bare {
    /// This score, of the answer alone.
    pub fn new(score: impl Score + 'static) -> Self {
        Self::from(Arc::new(score) as Arc<dyn Score>)
    }
}

impl From<Arc<dyn Score>> for Bare {
    fn from(inner: Arc<dyn Score>) -> Self {
        Self { inner }
    }
}

#[async_trait]
impl Score for Bare {
    fn id(&self) -> String {
        format!("{}, of the answer alone", self.inner.id())
    }

    fn expects(&self) -> Expects {
        self.inner.expects()
    }

    fn judge(&self) -> Option<&str> {
        self.inner.judge()
    }

    fn judge_calls(&self) -> u64 {
        self.inner.judge_calls()
    }

    fn can_read(&self, reply: &Completion) -> bool {
        self.inner.can_read(reply)
    }

    fn worst_case(&self, answer: &Answer<'_>) -> Result<Usage> {
        self.inner.worst_case(answer)
    }

    async fn score(
        &self,
        answers: &[Answer<'_>],
        judge: Option<&dyn Model>,
    ) -> Result<Vec<Verdict>> {
        let read: Vec<Read<'_>> = answers.iter().map(|answer| answer_alone(answer.text)).collect();
        let bare = answers.iter().zip(&read);
        let bare = bare.map(|(answer, read)| Answer { text: read.text(), ..*answer });
        let verdicts = self.inner.score(&bare.collect::<Vec<_>>(), judge).await?;
        let told = verdicts.into_iter().zip(read).map(|(verdict, read)| match read {
            Read::Answer(_) => verdict,
            Read::Unfinished => verdict.with_feedback("no answer: the thinking block never ends"),
        });
        Ok(told.collect())
    }
}
