//! One instruction, scored outside any search.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::models::Models;
use crate::Result;
use crate::budget::{Account, Budget, Ledger};
use crate::evaluator::{Answering, Sampling};
use crate::interval::Estimate;
use crate::model::metered::{Meter, Phase};
use crate::model::{CallPolicy, LanguageModel};
use crate::storage::Storage;
use crate::task::{Example, Task};
use crate::trial::Evaluation;

/// The part of a task that an instruction is scored on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// The examples that a search scores on.
    Dev,
    /// The held-out examples.
    Test,
}

/// What it takes to score one instruction.
pub struct Single {
    /// The task.
    pub task: Task,
    /// The model being instructed.
    pub target: Arc<dyn LanguageModel>,
    /// The model that judges answers, where the task wants one.
    pub judge: Option<Arc<dyn LanguageModel>>,
    /// The largest number of tokens in an answer.
    pub answer_tokens: usize,
    /// How answers are drawn.
    pub sampling: Sampling,
    /// What may be used.
    pub budget: Budget,
    /// How calls leave.
    pub calls: CallPolicy,
    /// Where responses are looked up and kept.
    pub storage: Arc<dyn Storage>,
    /// Set to true by whoever wants it to stop.
    pub stop: Arc<AtomicBool>,
}

impl Single {
    /// Scores `instruction` on all examples of `split`.
    ///
    /// # Errors
    /// Whatever the model or the store fails with, and
    /// [`Error::is_interrupted`](crate::Error::is_interrupted) when asked to stop.
    pub async fn evaluate(
        self,
        instruction: &str,
        split: Split,
    ) -> Result<(Evaluation, Estimate, Account)> {
        let ledger = Arc::new(Ledger::new(self.budget));
        // What an earlier process paid for is in the cache, and not on this one's bill.
        let name = format!("eval-{}-{}", self.task.name, std::process::id());
        let meter = Arc::new(Meter::new(self.storage, ledger.clone(), name, self.stop, self.calls));
        let models = Models { target: self.target, judge: self.judge };
        let answering = Answering { max_tokens: self.answer_tokens, sampling: self.sampling };
        let task = Arc::new(self.task);
        let evaluator = models.evaluator(&meter, task.clone(), answering, Phase::Assessment)?;
        let examples: Vec<(usize, &Example)> = task.split(split).iter().enumerate().collect();
        let evaluation = evaluator.evaluate(instruction, &examples).await?;
        let estimate = Estimate::of(&evaluation.scores());
        Ok((evaluation, estimate, ledger.account()))
    }
}

impl Task {
    /// The examples of a split.
    pub fn split(&self, split: Split) -> &[Example] {
        match split {
            Split::Dev => &self.dev,
            Split::Test => &self.test,
        }
    }
}
