//! GEPA: reflective evolution with a Pareto front over examples (arXiv 2507.19457), for one instruction.
//!
//! Each iteration draws a parent from the front, shows the generator what the parent answers to a minibatch of train
//! rows, reads one child, and asks the child the same rows. A child that does strictly better there is scored on the
//! whole dev split and joins the pool, whatever it scores; any other is forgotten. The answer is the highest dev mean.
//!
//! | symbol | meaning |
//! |---|---|
//! | b | rows of a minibatch, 3 |
//! | front of a row | the pool members with the best dev score on it |

mod front;
#[cfg(test)]
mod golden;
mod plan;

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::chat::{self, Asked, LONGEST_FAILURE, LONGEST_FRAME, REFLECT};
use super::soft_prompts::count;
use super::{Bounds, Method, MethodId, Needs, PromptBound, Registered};
use crate::history::{Allocation, Ask, Candidate, History, Job, Proposal, Reading, Reply, Rows};
use crate::random::Stream;
use crate::{Error, Result};
use plan::{Plan, looked_at};

/// GEPA for one instruction.
///
/// ```
/// use motjuste::history::History;
/// use motjuste::method::{Gepa, Method};
/// use motjuste::random::Streams;
/// let mut stream = Streams::new(0).stream("ask", 0);
/// // Without a prompt in use, the first is induced from train rows.
/// let history = History::scored_on(vec![0]).with_train_rows(9);
/// assert_eq!(Gepa::default().propose(&history, &mut stream).unwrap().len(), 1);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Gepa {
    /// Train rows of a minibatch, b.
    pub minibatch: NonZeroUsize,
    /// Who is reflected upon.
    pub parent: Parent,
    /// With `epsilon_greedy`: how often the parent is any member of the pool.
    pub epsilon: f64,
    /// When a child is scored on the dev split.
    pub accept: Accept,
    /// Whether a parent that is right on the whole minibatch is left alone.
    pub skip_perfect: bool,
    /// Iterations without a child that is accepted after which the search ends.
    pub patience: usize,
    /// The temperature of the generator.
    pub temperature: f64,
    /// The largest number of tokens in a reply of the generator.
    pub max_tokens: usize,
    /// The most bytes in an instruction; 0: twice those of the prompt in use, and at least 1,500.
    pub longest: usize,
}

/// Who is reflected upon.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parent {
    /// A draw from the front, in proportion to the rows on which a member is among the best.
    #[default]
    Pareto,
    /// The highest dev mean, the oldest of equals.
    CurrentBest,
    /// The highest dev mean, now and then anybody.
    EpsilonGreedy,
}

/// When a child is scored on the dev split.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Accept {
    /// When it does better than its parent on the minibatch.
    #[default]
    Better,
    /// When it does as well.
    BetterOrEqual,
}

impl Default for Gepa {
    fn default() -> Self {
        Self {
            minibatch: count(3),
            parent: Parent::Pareto,
            epsilon: 0.1,
            accept: Accept::Better,
            skip_perfect: true,
            patience: 40,
            temperature: 1.0,
            max_tokens: 8192,
            longest: 0,
        }
    }
}

impl Registered for Gepa {
    const NAME: &'static str = "gepa";
    const SUMMARY: &'static str = "Reflects on what a parent from the Pareto front answers to three train rows, and keeps a \
                                   child that does better on them.";
}

impl Method for Gepa {
    fn id(&self) -> MethodId {
        MethodId::new(Self::NAME, self)
    }

    fn needs(&self) -> Needs {
        Needs { dev_examples: usize::MAX, shows_train_rows: true, ..Needs::default() }
    }

    fn check(&self) -> Result<()> {
        if !(0.0..=1.0).contains(&self.epsilon) {
            return Err(Error::configuration(format!("epsilon {} is no share", self.epsilon))
                .with_help("set epsilon to a number from 0 to 1"));
        }
        if !self.temperature.is_finite() || self.temperature < 0.0 || self.max_tokens == 0 {
            return Err(Error::configuration("the generator cannot be asked like this")
                .with_help("set temperature to 0 or more, and max_tokens to 1 or more"));
        }
        Ok(())
    }

    fn bounds(&self, trials: u64) -> Bounds {
        let iterations = (self.patience as u64 + 1) * (trials + 1);
        let (rows, longest) = (self.minibatch.get(), self.most_bytes(&[]));
        Bounds {
            replies: 1 + iterations,
            prompt: Some(PromptBound {
                bytes: LONGEST_FRAME + rows.max(SHOWN) * LONGEST_FAILURE + longest,
                rows: rows.max(SHOWN),
                instructions: 1,
                max_tokens: self.max_tokens,
                describes_task: true,
            }),
            instruction_bytes: Some(longest),
            examined_rows: 2 * rows as u64 * iterations,
            ..Bounds::default()
        }
    }

    fn propose(&self, history: &History, stream: &mut Stream) -> Result<Vec<Proposal>> {
        let ask = match self.plan(history, stream) {
            Plan::Begin if history.start().is_empty() => self.induce(history)?,
            Plan::Reflect { parent, rows } => self.reflect(history, parent, &rows)?,
            _ => return Ok(Vec::new()),
        };
        Ok(vec![ask.into()])
    }

    fn read(&self, history: &History, proposals: &[Proposal], replies: &[Reply]) -> Vec<Reading> {
        let longest = self.most_bytes(history.start());
        let mut readings = chat::read(history, proposals, replies, longest);
        readings.iter_mut().for_each(|found| found.truncate(1));
        readings
    }

    fn allocate(
        &self,
        history: &History,
        fresh: &[Candidate],
        stream: &mut Stream,
    ) -> Result<Allocation> {
        let all = |candidate| Allocation::from(vec![Job { candidate, rows: Rows::All }]);
        let look = |candidate, rows| Allocation {
            examine: vec![(candidate, rows)],
            ..Allocation::default()
        };
        Ok(match (self.plan(history, stream), fresh.first()) {
            (Plan::Begin, Some(first)) => all(first.id),
            (Plan::Reflect { rows, .. }, Some(child)) => look(child.id, rows),
            (Plan::Look { parent, rows }, _) => look(history.trials()[parent].candidate, rows),
            (Plan::Validate { child }, _) => all(child),
            (Plan::Begin | Plan::Reflect { .. } | Plan::End, _) => Allocation::default(),
        })
    }
}

/// Train rows that the first instruction is induced from.
const SHOWN: usize = 8;

impl Gepa {
    fn induce(&self, history: &History) -> Result<Ask> {
        let rows: Vec<usize> = (0..history.train_rows().min(SHOWN)).collect();
        self.asked(history).examples(&rows).procedure(chat::INDUCE, "")
    }

    fn reflect(&self, history: &History, parent: usize, rows: &[usize]) -> Result<Ask> {
        let trial = &history.trials()[parent];
        let looked = looked_at(history, trial.candidate, rows);
        self.asked(history)
            .showing(history, &trial.instruction)
            .present(&trial.instruction)
            .failures(&looked, None)
            .procedure(REFLECT, &trial.instruction)
    }

    fn asked(&self, history: &History) -> Asked {
        let draw = history.steps().len() as u64;
        let start = history.start().first().map(String::as_str);
        let asked = Asked::new(1, self.most_bytes(history.start()), start);
        asked.decoded(self.max_tokens, self.temperature, draw)
    }

    /// The most bytes in an instruction, where these prompts are in use.
    fn most_bytes(&self, start: &[String]) -> usize {
        chat::most_bytes(self.longest, start)
    }
}
