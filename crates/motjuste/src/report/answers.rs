//! How many of the target's answers are not what a score should rest on.

use serde::{Deserialize, Serialize};

use crate::history::Evaluation;
use crate::journal::Outcome;
use crate::model::FinishReason;

/// How many answers were cut, withheld, empty, or could not be scored. An answer may be several of these.
/// Where an example has several draws, they are one answer: cut where one of them is, empty where the
/// first is.
///
/// ```
/// use motjuste::history::{Evaluation, ExampleScore};
/// use motjuste::report::AnswerCounts;
/// let of = |example, score, answer| ExampleScore::new(example, score, answer);
/// let scores = vec![of(0, Some(1.0), "cold"), of(1, Some(0.0), ""), of(2, None, "who knows")];
/// let counts = AnswerCounts::of(&Evaluation::new(scores, Default::default()));
/// assert_eq!((counts.answers, counts.empty, counts.unscored), (3, 1, 1));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AnswerCounts {
    /// All answers.
    pub answers: usize,
    /// Cut off at the largest number of tokens.
    pub cut: usize,
    /// Of those, the ones that were cut before an answer began: the model was still thinking.
    #[serde(default)]
    pub cut_in_thought: usize,
    /// Withheld by a content filter, wholly or in part.
    pub filtered: usize,
    /// Ended by the call of a tool.
    #[serde(default)]
    pub tool_calls: usize,
    /// Empty. An answer that never came is unscored, and nothing else.
    pub empty: usize,
    /// Without a score: they count in no mean.
    pub unscored: usize,
}

impl AnswerCounts {
    /// The answers of one evaluation.
    pub fn of(evaluation: &Evaluation) -> Self {
        let all = &evaluation.per_example;
        let ended = |reason| all.iter().filter(|one| one.finish_reason == reason).count();
        Self {
            answers: all.len(),
            cut: ended(FinishReason::Length),
            cut_in_thought: all.iter().filter(|one| one.is_cut_in_thought()).count(),
            filtered: ended(FinishReason::Filter),
            tool_calls: ended(FinishReason::ToolCalls),
            empty: all.iter().filter(|one| one.answer.is_empty() && one.score.is_some()).count(),
            unscored: evaluation.missing(),
        }
    }

    /// The answers of a study: those of its search, each once, and those that scored the winner and the
    /// baselines after it.
    pub(super) fn of_study(outcome: &Outcome) -> Self {
        evaluations(outcome).map(Self::of).fold(Self::default(), Self::and)
    }

    fn and(self, other: Self) -> Self {
        Self {
            answers: self.answers + other.answers,
            cut: self.cut + other.cut,
            cut_in_thought: self.cut_in_thought + other.cut_in_thought,
            filtered: self.filtered + other.filtered,
            tool_calls: self.tool_calls + other.tool_calls,
            empty: self.empty + other.empty,
            unscored: self.unscored + other.unscored,
        }
    }
}

/// What holds a study's answers, each once: the search, and the proof after it.
pub(super) fn evaluations(outcome: &Outcome) -> impl Iterator<Item = &Evaluation> {
    let trials = outcome.history.trials().iter().filter(|trial| trial.repeats.is_none());
    let search = trials.filter_map(|trial| trial.evaluation.as_ref());
    let proof = outcome.assessment.iter().flat_map(|all| {
        let both = all.winner.iter().chain(&all.yours);
        let tests = both.chain([&all.empty, &all.manual]).map(|one| &one.test);
        tests.chain([&all.empty.dev, &all.manual.dev])
    });
    search.chain(proof)
}
