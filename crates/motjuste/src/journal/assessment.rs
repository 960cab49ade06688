//! What the winner and its baselines score on held-out examples.

use serde::{Deserialize, Serialize};

use crate::budget::Account;
use crate::history::Evaluation;
use crate::interval::Estimate;

/// The winner next to the baselines, on dev and on the held-out test examples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    /// The instruction the search chose; none when no trial was completed.
    pub winner: Option<Assessed>,
    /// The empty instruction.
    pub empty: Assessed,
    /// The Manual baseline: the generator's greedy text without a soft prompt.
    pub manual: Assessed,
    /// What the study has used in all, this assessment included.
    pub account: Account,
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
