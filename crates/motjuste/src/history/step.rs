//! One step of a search: what was proposed, what the generator wrote, what was paid for.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::candidate::{Candidate, Origin};
use super::proposal::Proposal;
use super::trial::Evaluation;
use crate::model::{Completion, FinishReason};
use crate::usage::Usage;

/// One step of a search.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The step's index, from 0.
    pub index: usize,
    /// What the method wanted written.
    pub proposals: Vec<Proposal>,
    /// What the generator wrote for each proposal, in the same order.
    pub replies: Vec<Reply>,
    /// What the method read in each reply, in the same order.
    pub readings: Vec<Reading>,
    /// What was to be paid for, in order.
    pub assignments: Vec<Assignment>,
    /// The trials that the method gave up, by their ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pruned: Vec<usize>,
    /// Candidates whose answers to train rows the method wanted to see.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examinations: Vec<Examination>,
}

/// What the generator wrote for one proposal.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// The text without the white space around it.
    pub text: String,
    /// Why it ends there.
    #[serde(default)]
    pub finish_reason: FinishReason,
    /// The mean hidden state over the text; empty when not asked for, or when the model does not tell.
    #[serde(with = "crate::model::hidden_state", default, skip_serializing_if = "Vec::is_empty")]
    pub hidden_state: Vec<f32>,
    /// What it cost.
    pub usage: Usage,
}

impl From<Completion> for Reply {
    fn from(completion: Completion) -> Self {
        let Completion { text, finish_reason, hidden_state, usage, .. } = completion;
        Self { text: text.trim().to_owned(), finish_reason, hidden_state, usage }
    }
}

impl Reply {
    /// A text that cost nothing.
    pub fn of(text: impl Into<String>) -> Self {
        Self { text: text.into(), finish_reason: FinishReason::Stop, ..Self::default() }
    }
}

/// The instructions that a method read in one reply, in order.
pub type Reading = Vec<Found>;

/// An instruction in a reply, and whether it becomes a candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The instruction; empty when there is none.
    pub instruction: String,
    /// Why it becomes no candidate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dropped: Option<String>,
    /// The candidates that it was made of, by their ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<usize>,
}

impl Found {
    /// A candidate.
    pub fn new(instruction: impl Into<String>) -> Self {
        Self { instruction: instruction.into(), dropped: None, parents: Vec::new() }
    }

    /// No candidate, and why.
    pub fn dropped(instruction: impl Into<String>, reason: impl ToString) -> Self {
        Self { dropped: Some(reason.to_string()), ..Self::new(instruction) }
    }
}

/// One instruction to be scored on some rows, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    /// The trial that the scores belong to.
    pub trial: usize,
    /// The candidate that is scored.
    pub candidate: usize,
    /// The rows of the dev split.
    pub rows: Vec<usize>,
    /// The earlier trial with the same instruction, whose scores this one shares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<usize>,
    /// The scores; none while the budget does not reach it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluation: Option<Evaluation>,
}

/// What a candidate answers to train rows: what a generator may be shown of its failures. It says nothing about
/// its score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Examination {
    /// The candidate, by its id. Journals of the first edition named a trial; nothing shows those any more.
    #[serde(default = "nobody")]
    pub candidate: usize,
    /// The rows of the train split.
    pub rows: Vec<usize>,
    /// The answers and their scores; none while the budget does not reach it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluation: Option<Evaluation>,
}

/// No candidate.
fn nobody() -> usize {
    usize::MAX
}

impl Step {
    /// Whether the budget ended before the step did.
    pub fn is_cut(&self) -> bool {
        self.assignments.iter().any(|assignment| assignment.evaluation.is_none())
            || self.examinations.iter().any(|examination| examination.evaluation.is_none())
    }

    /// What the generator made of its soft prompts: how many there were, how many distinct texts came of them, and
    /// how many of those became candidates.
    ///
    /// ```
    /// use motjuste::history::{Found, Proposal, Reply, Step};
    /// use motjuste::model::{Entries, Projection, SoftPrompt};
    /// let projection = Projection { tokens: 5, entries: Entries::Uniform, seed: 0 };
    /// let at = |z| Proposal::SoftPrompt(SoftPrompt { z: vec![z], projection, demonstrations: 0 });
    /// let step = Step {
    ///     proposals: vec![at(0.1), at(0.2), at(0.3)],
    ///     replies: ["Say a.", "", "Say a."].map(Reply::of).into(),
    ///     readings: vec![
    ///         vec![Found::new("Say a.")],
    ///         vec![Found::dropped("", "empty")],
    ///         vec![Found::dropped("Say a.", "known already")],
    ///     ],
    ///     ..Step::default()
    /// };
    /// assert_eq!(step.decoded(), (3, 2, 1));
    /// ```
    pub fn decoded(&self) -> (usize, usize, usize) {
        let is_soft = |proposal: &Proposal| matches!(proposal, Proposal::SoftPrompt(_));
        let written = self.proposals.iter().zip(self.replies.iter().zip(&self.readings));
        let written: Vec<_> = written.filter(|(it, _)| is_soft(it)).map(|(_, it)| it).collect();
        let distinct: HashSet<&str> =
            written.iter().map(|(reply, _)| reply.text.as_str()).collect();
        let found = written.iter().flat_map(|(_, reading)| reading.iter());
        let usable: HashSet<&str> = found
            .filter(|found| found.dropped.is_none())
            .map(|found| found.instruction.as_str())
            .collect();
        (written.len(), distinct.len(), usable.len())
    }

    /// The candidates that its replies hold, the first of them with this id.
    pub fn candidates(&self, first: usize) -> Vec<Candidate> {
        let readings = self.readings.iter().enumerate();
        let found = readings.flat_map(|(reply, reading)| {
            reading.iter().enumerate().map(move |(position, found)| (reply, position, found))
        });
        let kept = found.filter(|(_, _, found)| found.dropped.is_none());
        let candidate =
            |(offset, (reply, position, found)): (usize, (usize, usize, &Found))| Candidate {
                id: first + offset,
                instruction: found.instruction.clone(),
                origin: Origin {
                    step: self.index,
                    reply,
                    position,
                    parents: found.parents.clone(),
                },
            };
        kept.enumerate().map(candidate).collect()
    }
}
