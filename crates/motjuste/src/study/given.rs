//! Answers that are there already, scored.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::evaluator::{check, judge_of, refuse_without_judge};
use crate::budget::{Account, Budget, Ledger};
use crate::calls::{CallPolicy, Calls};
use crate::counted::counted;
use crate::model::Model;
use crate::score::{Answer, Verdict};
use crate::storage::{InMemory, Storage};
use crate::task::{Split, Task};
use crate::{Error, Result};

/// What it takes to score given answers: no target; a judge where the task wants one.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use motjuste::study::Given;
/// use motjuste::task::{Example, Split, Task};
/// let example = |input: &str| Example::new(input, ["x"]);
/// let task = Task::new("t", vec![example("a")], vec![example("b")], vec![example("c")]).unwrap();
/// let (verdicts, _) = Given::of(task).score(&[(0, "y".to_owned())], Split::Test).await.unwrap();
/// assert_eq!(verdicts[0].score, Some(0.0));
/// assert_eq!(verdicts[0].feedback.as_deref(), Some("read \"y\"; accepted: \"x\""));
/// # });
/// ```
#[derive(Clone)]
pub struct Given {
    /// The task.
    pub task: Task,
    /// The model that judges answers, where the task wants one.
    pub judge: Option<Arc<dyn Model>>,
    /// What the judge may use.
    pub budget: Budget,
    /// How calls leave.
    pub calls: CallPolicy,
    /// Where responses are looked up and kept.
    pub storage: Arc<dyn Storage>,
    /// Set to true by whoever wants it to stop.
    pub stop: Arc<AtomicBool>,
}

impl Given {
    /// A task, everything else at its default.
    pub fn of(task: Task) -> Self {
        Self {
            task,
            judge: None,
            budget: Budget { trials: None, ..Budget::default() },
            calls: CallPolicy::default(),
            storage: Arc::new(InMemory::default()),
            stop: Arc::default(),
        }
    }

    /// The answers of *echo*, the baseline that says each row's input back: what a task gives for nothing.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use motjuste::study::Given;
    /// use motjuste::task::{Example, Split, Task};
    /// let row = |input: &str, output: &str| vec![Example::new(input, [output])];
    /// let task = Task::new("t", row("a", "b"), row("c", "d"), row("same", "same")).unwrap();
    /// let given = Given::of(task);
    /// let (verdicts, _) = given.clone().score(&given.echo(Split::Test), Split::Test).await.unwrap();
    /// assert_eq!(verdicts[0].score, Some(1.0));
    /// # });
    /// ```
    pub fn echo(&self, split: Split) -> Vec<(usize, String)> {
        let rows = self.task.split(split).iter().enumerate();
        rows.map(|(index, row)| (index, row.input.clone())).collect()
    }

    /// The verdict on each answer, in order; an answer comes with the index of its row in `split`.
    ///
    /// A published metric that reads choices from the whole prompt reads them from the row's input.
    ///
    /// # Errors
    /// [`Error::is_data`] for an index without a row; whatever the judge or the store fails with; and
    /// [`Error::is_interrupted`] when asked to stop.
    pub async fn score(
        self,
        answers: &[(usize, String)],
        split: Split,
    ) -> Result<(Vec<Verdict>, Account)> {
        refuse_without_judge(&self.task, self.judge.is_some())?;
        let ledger = Arc::new(Ledger::new(self.budget));
        // What an earlier process paid for is in the cache, and not on this one's bill.
        let name = format!("score-{}-{}", self.task.name(), std::process::id());
        let calls = Calls::stoppable(self.storage, ledger.clone(), name, self.calls, self.stop);
        let calls = calls.after_the_search();
        let judge = self.judge.map(|judge| judge_of(&calls, judge, &self.task));
        let rows = self.task.split(split);
        let given = answers.iter().map(|(index, text)| {
            let row = rows.get(*index).ok_or_else(|| no_row(*index, rows.len(), split))?;
            Ok(Answer { prompt: &row.input, ..Answer::to(row, text.trim()) })
        });
        let given: Vec<Answer<'_>> = given.collect::<Result<_>>()?;
        let judge = judge.as_ref().map(|judge| judge as &dyn Model);
        let verdicts = self.task.score().score(&given, judge).await?;
        check(&self.task, given.len(), &verdicts)?;
        Ok((verdicts, ledger.account()))
    }
}

fn no_row(index: usize, rows: usize, split: Split) -> Error {
    let (split, rows) = (split.name(), counted(rows, "row"));
    Error::data(format!("there is an answer to row {index} of {split}, which has {rows}"))
        .with_help("rows are counted from 0; check the split")
}
