//! Response matrices: every instruction of a pool, scored on every dev and test row once.
//!
//! A matrix is the ruler that searches are measured with. It is paid for once; then any method runs on it
//! through the ordinary study, as often as one likes, and the test score of whatever it holds for the best is
//! known at every moment. [`Matrix::fill`] makes one, [`Recorded`] answers as the target did, [`Landscape`] and
//! [`PoolWriter`] write the pool's instructions, for soft prompts and for words; [`Replay`] runs a method, and [`Ruler`]
//! compares many.

mod fill;
mod landscape;
#[cfg(feature = "parquet")]
mod parquet;
mod pool_writer;
mod recorded;
mod replay;
mod ruler;
mod synthetic;

pub use landscape::Landscape;
pub use pool_writer::{Heritage, PoolWriter};
pub use recorded::Recorded;
pub use replay::{CALLS_A_TRIAL, Course, Moment, Replay, ReplaySettings};
pub use ruler::{Mark, Measured, Reading, Ruler};
pub use synthetic::synthetic;

use serde::{Deserialize, Serialize};

use crate::history::ExampleScore;
use crate::method::opro::polish;
use crate::task::{Example, Task};
use crate::{Error, Result};

/// The version of the file's format.
const FORMAT: u32 = 1;

/// What a target answered to every instruction of a pool, on every dev and test row of a task, and the scores.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// What it was scored with.
    pub about: About,
    /// One entry for each instruction, in the order of the pool.
    pub lines: Vec<Line>,
}

/// What a matrix was scored with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// The version of the format.
    pub format: u32,
    /// The task's name.
    pub task: String,
    /// A hash of all its examples, in order.
    pub data: String,
    /// How an answer is scored.
    pub scoring: String,
    /// The model's name and revision.
    pub target: String,
    /// The largest number of tokens in an answer.
    pub max_tokens: usize,
}

/// An instruction of the pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    /// The text.
    pub instruction: String,
    /// Where it comes from: people, a model, a soft prompt.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
}

/// An instruction with its scores, one for each row of the split, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The instruction.
    pub wording: Wording,
    /// On the dev split.
    pub dev: Vec<ExampleScore>,
    /// On the test split.
    pub test: Vec<ExampleScore>,
}

impl Matrix {
    /// Refuses a task that is not the one that was scored: other rows, or another metric.
    ///
    /// # Errors
    /// [`Error::is_data`] saying what differs.
    pub fn check(&self, task: &Task) -> Result<()> {
        let differs = match &self.about {
            about if about.data != task.data_hash() => "other rows",
            about if about.scoring != task.score().id() => "another metric",
            _ if !self.lines.iter().all(|line| line.is_whole(task)) => "fewer or more rows",
            _ => return Ok(()),
        };
        let message = format!(
            "the matrix of {} was scored with {differs} than {}",
            self.about.task,
            task.name()
        );
        Err(Error::data(message)
            .with_help("score the matrix again, or give the task that it is of"))
    }

    /// Each instruction as it is; then, as OPRO spells it, each that is another text then.
    fn spelled(&self) -> impl Iterator<Item = (String, &Line)> {
        let as_it_is = self.lines.iter().map(|line| (line.wording.instruction.clone(), line));
        let polished = self.lines.iter().flat_map(|line| {
            [false, true].map(|period| (polish(&line.wording.instruction, period), line))
        });
        as_it_is.chain(polished)
    }

    /// The mean test score of the best instruction.
    pub fn best(&self) -> f64 {
        self.lines.iter().map(|line| mean(&line.test)).fold(0.0, f64::max)
    }
}

impl About {
    fn of(task: &Task, target: &str, max_tokens: usize) -> Self {
        Self {
            format: FORMAT,
            task: task.name().to_owned(),
            data: task.data_hash(),
            scoring: task.score().id(),
            target: target.to_owned(),
            max_tokens,
        }
    }
}

impl Line {
    fn is_whole(&self, task: &Task) -> bool {
        (self.dev.len(), self.test.len()) == (task.dev().len(), task.test().len())
    }

    /// The mean score on these rows, of which the first are dev.
    fn score_on(&self, rows: &[usize]) -> f64 {
        let all: Vec<&ExampleScore> = self.dev.iter().chain(&self.test).collect();
        mean(rows.iter().filter_map(|&row| all.get(row).copied()))
    }

    /// The answer and its score on each row, the dev rows first, then those of the test split.
    fn cells<'a>(
        &'a self,
        task: &'a Task,
    ) -> impl Iterator<Item = (&'a Example, &'a ExampleScore)> {
        let dev = task.dev().iter().zip(&self.dev);
        dev.chain(task.test().iter().zip(&self.test))
    }
}

/// The mean of the scores there are; 0 without any.
fn mean<'a>(scores: impl IntoIterator<Item = &'a ExampleScore>) -> f64 {
    let known: Vec<f64> = scores.into_iter().filter_map(|one| one.score).collect();
    known.iter().sum::<f64>() / known.len().max(1) as f64
}
