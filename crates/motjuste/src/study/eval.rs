//! One instruction, scored outside any search.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::builder::answer_tokens;
use super::evaluator::{Answers, Evaluator, Models};
use crate::Result;
use crate::budget::{Account, Budget, Ledger};
use crate::calls::{CallPolicy, Calls};
use crate::history::Evaluation;
use crate::interval::Estimate;
use crate::model::Model;
use crate::sampling::Sampling;
use crate::storage::{InMemory, Storage};
use crate::task::{Split, Task};

/// What it takes to score one instruction.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use std::sync::Arc;
/// use motjuste::model::Scripted;
/// use motjuste::study::Eval;
/// use motjuste::task::{Example, Split, Task};
/// let example = |input: &str| Example::new(input, ["x"]);
/// let task = Task::new("t", vec![example("a")], vec![example("b")], vec![example("c")]).unwrap();
/// let eval = Eval::of(task, Arc::new(Scripted::new("m", |_| "x".into())));
/// let (_, estimate, _) = eval.score("say x", Split::Test).await.unwrap();
/// assert_eq!(estimate.score, 1.0);
/// # });
/// ```
#[derive(Clone)]
pub struct Eval {
    /// The task.
    pub task: Task,
    /// The model being instructed.
    pub target: Arc<dyn Model>,
    /// The model that judges answers, where the task wants one.
    pub judge: Option<Arc<dyn Model>>,
    /// The largest number of tokens in an answer; none is the default for the target.
    pub answer_tokens: Option<usize>,
    /// The most examples that are scored, the first of the split.
    pub rows: usize,
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

impl Eval {
    /// A task and the model that is instructed, everything else at its default.
    pub fn of(task: Task, target: Arc<dyn Model>) -> Self {
        Self {
            task,
            target,
            judge: None,
            answer_tokens: None,
            rows: usize::MAX,
            sampling: Sampling::default(),
            budget: Budget { trials: None, ..Budget::default() },
            calls: CallPolicy::default(),
            storage: Arc::new(InMemory::default()),
            stop: Arc::default(),
        }
    }

    /// Scores `instruction`, or a whole prompt with what stands around it, on the examples of `split`.
    ///
    /// # Errors
    /// Whatever the model or the store fails with, and
    /// [`Error::is_interrupted`](crate::Error::is_interrupted) when asked to stop.
    pub async fn score(
        self,
        instruction: &str,
        split: Split,
    ) -> Result<(Evaluation, Estimate, Account)> {
        let scorer = self.scorer()?;
        let evaluation = scorer.score(instruction, split).await?;
        let estimate = Estimate::of(&evaluation.scores());
        Ok((evaluation, estimate, scorer.account()))
    }

    /// What scores any number of instructions, one after the other or at once.
    ///
    /// # Errors
    /// [`Error::is_configuration`](crate::Error::is_configuration) when the target or the judge is not up to
    /// the task.
    pub fn scorer(self) -> Result<Scorer> {
        let ledger = Arc::new(Ledger::new(self.budget));
        // What an earlier process paid for is in the cache, and not on this one's bill.
        let name = format!("eval-{}-{}", self.task.name(), std::process::id());
        let concurrency = self.calls.concurrency;
        let calls = Calls::stoppable(self.storage, ledger, name, self.calls, self.stop);
        let max_tokens = answer_tokens(self.answer_tokens, self.target.as_ref());
        let target = self.target.id().to_owned();
        let models = Models { target: self.target, judge: self.judge };
        let answers = Answers { max_tokens, sampling: self.sampling };
        let task = Arc::new(self.task.asked_of(models.target.as_ref()));
        let evaluator = Evaluator::new(&calls.after_the_search(), task, &models, answers)?;
        Ok(Scorer { evaluator, calls, target, rows: self.rows, concurrency })
    }
}

/// Scores instructions outside any search.
pub struct Scorer {
    evaluator: Evaluator,
    calls: Calls,
    target: String,
    rows: usize,
    concurrency: usize,
}

impl Scorer {
    /// Scores `instruction`, or a whole prompt with what stands around it, on the examples of `split`.
    ///
    /// # Errors
    /// As [`Eval::score`].
    pub async fn score(&self, instruction: &str, split: Split) -> Result<Evaluation> {
        let examples = self.task().split(split);
        let rows: Vec<usize> = (0..examples.len().min(self.rows)).collect();
        let instruction = self.task().instruction_in(instruction);
        self.evaluator.evaluate(instruction, examples, &rows).await
    }

    /// The task.
    pub fn task(&self) -> &Task {
        &self.evaluator.task
    }

    /// The id of the model that is instructed.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The largest number of tokens in an answer.
    pub fn max_tokens(&self) -> usize {
        self.evaluator.answers.max_tokens
    }

    /// How many instructions keep the wire busy.
    pub(crate) fn at_a_time(&self) -> usize {
        let rows = self.task().dev().len().min(self.rows).max(1);
        1 + (2 * self.concurrency).div_ceil(rows)
    }

    /// What it has used so far.
    pub fn account(&self) -> Account {
        self.calls.ledger().account()
    }
}
