//! One instruction under evaluation, and what came of it.

use serde::{Deserialize, Serialize};

use crate::proposal::SoftPrompt;
use crate::usage::Usage;

/// One proposal on its way from waiting to complete.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// The trial's number in its study, from 0, in the order of selection.
    pub id: usize,
    /// The round it belongs to.
    pub round: usize,
    /// How far it got.
    pub state: TrialState,
    /// The text under evaluation.
    pub instruction: String,
    /// The soft prompt that made the generator write it, where there was one.
    pub soft_prompt: Option<SoftPrompt>,
    /// The scores; present once the trial is complete, partial when it was pruned.
    pub evaluation: Option<Evaluation>,
    /// The earlier trial with the same instruction, whose evaluation this one shares.
    pub repeats: Option<usize>,
}

impl Trial {
    /// The trial's score, once it is complete.
    pub fn score(&self) -> Option<f64> {
        match self.state {
            TrialState::Complete => self.evaluation.as_ref().map(|evaluation| evaluation.score),
            _ => None,
        }
    }
}

/// How far a trial got; the words are Optuna's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrialState {
    /// Selected, and not evaluated: the budget ended before it.
    Waiting,
    /// Scored on every example.
    Complete,
    /// Stopped early because it could no longer win; its scores are partial.
    Pruned,
    /// Its evaluation failed.
    Fail,
}

/// What an instruction scored on a set of examples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The mean of the per-example scores, in [0, 1]; higher is better.
    pub score: f64,
    /// One entry for each example, in the order of the split.
    pub per_example: Vec<ExampleScore>,
    /// Tokens read and written for it, answers from the cache included.
    pub usage: Usage,
}

impl Evaluation {
    /// The evaluation with these per-example scores.
    ///
    /// ```
    /// use motjuste::trial::{Evaluation, ExampleScore};
    /// let half = |example, score| ExampleScore { example, score, answer: String::new() };
    /// let evaluation = Evaluation::new(vec![half(0, 1.0), half(1, 0.0)], Default::default());
    /// assert_eq!(evaluation.score, 0.5);
    /// ```
    pub fn new(per_example: Vec<ExampleScore>, usage: Usage) -> Self {
        let total: f64 = per_example.iter().map(|example| example.score).sum();
        let score = total / per_example.len().max(1) as f64;
        Self { score, per_example, usage }
    }

    /// The per-example scores alone, shape (m).
    pub fn scores(&self) -> Vec<f64> {
        self.per_example.iter().map(|example| example.score).collect()
    }
}

/// One example's answer, judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExampleScore {
    /// The example's index in its split.
    pub example: usize,
    /// The metric's verdict, in [0, 1].
    pub score: f64,
    /// What the target answered.
    pub answer: String,
}
