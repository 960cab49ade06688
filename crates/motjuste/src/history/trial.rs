//! A candidate that was paid for, and what came of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::metric::answer_alone;
use crate::model::FinishReason;
use crate::usage::Usage;

/// A candidate under evaluation.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// The trial's number in its study, from 0, in the order of allocation.
    pub id: usize,
    /// The step that it began in.
    pub step: usize,
    /// The candidate, by its id.
    pub candidate: usize,
    /// The text under evaluation.
    pub instruction: String,
    /// How far it got.
    pub state: TrialState,
    /// The scores so far; later jobs may add rows.
    pub evaluation: Option<Evaluation>,
    /// The earlier trial with the same instruction, whose evaluation this one shares.
    pub repeats: Option<usize>,
}

impl Trial {
    /// The rows that it was put to, those without a score among them, ascending.
    pub(crate) fn rows(&self) -> Vec<usize> {
        self.evaluation.as_ref().map(Evaluation::examples).unwrap_or_default()
    }

    /// The scores there are, by row.
    pub(crate) fn scores(&self) -> BTreeMap<usize, f64> {
        self.evaluation.as_ref().map(Evaluation::scores_by_example).unwrap_or_default()
    }

    /// The trial's score, once it is complete.
    pub fn score(&self) -> Option<f64> {
        match self.state {
            TrialState::Complete => self.evaluation.as_ref()?.score,
            _ => None,
        }
    }
}

/// How far a trial got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TrialState {
    /// Allocated, and not evaluated: the budget ended before it.
    Waiting,
    /// Scored on some rows.
    Partial,
    /// Scored on as many rows as the study scores on.
    Complete,
    /// Given up early because it could no longer win; its scores are partial.
    Pruned,
    /// Not one of its answers could be scored.
    Failed,
}

/// What an instruction scored on a set of examples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Evaluation {
    /// The mean of the scores there are, in [0, 1]; higher is better. None when every score is missing.
    pub score: Option<f64>,
    /// One entry for each example, in the order of the split.
    pub per_example: Vec<ExampleScore>,
    /// Tokens read and written for it, answers from the cache included.
    pub usage: Usage,
}

impl Evaluation {
    /// The evaluation with these per-example scores.
    ///
    /// ```
    /// use motjuste::history::{Evaluation, ExampleScore};
    /// let of = |example, score| ExampleScore::new(example, score, "an answer");
    /// let evaluation = Evaluation::new(vec![of(0, Some(1.0)), of(1, None)], Default::default());
    /// assert_eq!((evaluation.score, evaluation.missing()), (Some(1.0), 1));
    /// ```
    pub fn new(per_example: Vec<ExampleScore>, usage: Usage) -> Self {
        let scores: Vec<f64> = per_example.iter().filter_map(|example| example.score).collect();
        let total: f64 = scores.iter().sum();
        let score = (!scores.is_empty()).then(|| total / scores.len() as f64);
        Self { score, per_example, usage }
    }

    /// An evaluation on no example.
    pub(crate) fn empty() -> Self {
        Self::new(Vec::new(), Usage::default())
    }

    /// The scores there are, in the order of the split.
    pub fn scores(&self) -> Vec<f64> {
        self.per_example.iter().filter_map(|example| example.score).collect()
    }

    /// The scores there are, by the index of their example in the split.
    ///
    /// ```
    /// use motjuste::history::{Evaluation, ExampleScore};
    /// let of = |example, score| ExampleScore::new(example, score, "an answer");
    /// let evaluation = Evaluation::new(vec![of(3, Some(0.5)), of(7, None)], Default::default());
    /// assert_eq!(evaluation.scores_by_example(), [(3, 0.5)].into());
    /// ```
    pub fn scores_by_example(&self) -> BTreeMap<usize, f64> {
        let rows = self.per_example.iter();
        rows.filter_map(|row| Some((row.example, row.score?))).collect()
    }

    /// One entry for each example, in the order of the split: its score, if it has one.
    pub fn all_scores(&self) -> Vec<Option<f64>> {
        self.per_example.iter().map(|example| example.score).collect()
    }

    /// The number of examples without a score.
    pub fn missing(&self) -> usize {
        self.per_example.iter().filter(|example| example.score.is_none()).count()
    }

    /// The same evaluation with more examples; an example that both have keeps its first score.
    ///
    /// ```
    /// use motjuste::history::{Evaluation, ExampleScore};
    /// let of = |example, score| ExampleScore::new(example, Some(score), "an answer");
    /// let few = Evaluation::new(vec![of(1, 1.0), of(3, 0.0)], Default::default());
    /// let more = Evaluation::new(vec![of(2, 0.5), of(3, 1.0)], Default::default());
    /// assert_eq!(few.grown(&more).scores(), [1.0, 0.5, 0.0]);
    /// ```
    #[must_use]
    pub fn grown(self, more: &Self) -> Self {
        let known = self.examples();
        let is_new = |example: &&ExampleScore| known.binary_search(&example.example).is_err();
        let new: Vec<ExampleScore> = more.per_example.iter().filter(is_new).cloned().collect();
        if new.is_empty() {
            return self;
        }
        let usage = self.usage + more.usage;
        let mut per_example = self.per_example;
        per_example.extend(new);
        // Two ascending runs, which this merges in one pass.
        per_example.sort_by_key(|example| example.example);
        Self::new(per_example, usage)
    }

    /// The examples that it holds, by their index in the split, ascending.
    pub(crate) fn examples(&self) -> Vec<usize> {
        let mut examples: Vec<usize> =
            self.per_example.iter().map(|example| example.example).collect();
        examples.sort_unstable();
        examples
    }
}

/// One example's answer, scored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExampleScore {
    /// The example's index in its split.
    pub example: usize,
    /// The score, in [0, 1]; none where the answer, or its verdict, is missing.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 1)))]
    pub score: Option<f64>,
    /// What the target answered.
    pub answer: String,
    /// Why the answer ends there; of several draws, why one of them was cut, if one was.
    #[serde(default, skip_serializing_if = "FinishReason::is_unknown")]
    pub finish_reason: FinishReason,
    /// What the metric says about the answer, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback: Option<String>,
    /// Scores by name that the score is made of.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parts: BTreeMap<String, f64>,
}

impl ExampleScore {
    /// A score without feedback.
    pub fn new(example: usize, score: Option<f64>, answer: impl Into<String>) -> Self {
        let (answer, finish_reason) = (answer.into(), FinishReason::Unknown);
        Self { example, score, answer, finish_reason, feedback: None, parts: BTreeMap::new() }
    }

    /// Whether the answer was cut before it began: nothing stands there, or thinking that has not ended.
    ///
    /// ```
    /// use motjuste::history::ExampleScore;
    /// use motjuste::model::FinishReason;
    /// let cut = |answer: &str| {
    ///     let finish_reason = FinishReason::Length;
    ///     ExampleScore { finish_reason, ..ExampleScore::new(0, Some(0.0), answer) }.is_cut_in_thought()
    /// };
    /// assert!(cut("") && cut("<think>Perhaps login"));
    /// assert!(!cut("The customer is asking about a ref"));
    /// ```
    pub fn is_cut_in_thought(&self) -> bool {
        self.finish_reason == FinishReason::Length && answer_alone(&self.answer).text().is_empty()
    }
}
