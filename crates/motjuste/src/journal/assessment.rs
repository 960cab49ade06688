//! What the winner and its baselines score on held-out examples.

use serde::{Deserialize, Serialize};

use crate::budget::Account;
use crate::history::Evaluation;
use crate::interval::{Difference, Estimate};

/// The winner next to the baselines, on dev and on the held-out test examples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    /// The instruction the search chose; none when no trial was completed.
    pub winner: Option<Assessed>,
    /// The instruction that the person has in use, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yours: Option<Assessed>,
    /// The empty instruction.
    pub empty: Assessed,
    /// The Manual baseline: the generator's greedy text without a soft prompt.
    pub manual: Assessed,
    /// What the search held for the best before that, on the test examples; none where nobody asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course: Option<Vec<Proven>>,
    /// What the study has used in all, this assessment included.
    pub account: Account,
}

impl Assessment {
    /// The winner's test score less that of the person's own prompt, paired by example; none where the
    /// winner is that prompt, and where there is no such prompt.
    pub fn difference_to_yours(&self) -> Option<Difference> {
        let (winner, yours) = (self.winner.as_ref()?, self.yours.as_ref()?);
        if winner.instruction == yours.instruction {
            return None;
        }
        let pairs = Difference::of_pairs(&winner.test.all_scores(), &yours.test.all_scores());
        (!pairs.is_empty()).then(|| Difference::paired(&[vec![pairs]]))
    }

    /// The test score of an instruction that was scored on the test examples.
    pub fn test_of(&self, instruction: &str) -> Option<Estimate> {
        let whole = self.winner.iter().chain(&self.yours).chain([&self.empty, &self.manual]);
        let whole = whole.map(|one| (one.instruction.as_str(), one.interval));
        let course = self.course.iter().flatten().map(|one| (one.instruction.as_str(), one.test));
        whole.chain(course).find(|(text, _)| *text == instruction).map(|(_, test)| test)
    }

    /// Whether the person should keep the prompt that is in use: the search found none that scored higher
    /// on dev, or what it found scores no higher on the test examples.
    pub fn keeps_yours(&self) -> bool {
        match (&self.winner, &self.yours) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(winner), Some(yours)) => {
                winner.instruction == yours.instruction
                    || self.difference_to_yours().is_none_or(|difference| difference.value <= 0.0)
            }
        }
    }
}

/// One instruction on both splits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assessed {
    /// The text.
    pub instruction: String,
    /// Its dev scores.
    pub dev: Evaluation,
    /// Its test scores.
    pub test: Evaluation,
    /// The test score with its 95 % interval.
    pub interval: Estimate,
}

/// One instruction on the test examples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proven {
    /// The text.
    pub instruction: String,
    /// Its test score with its 95 % interval.
    pub test: Estimate,
}
