//! What a study writes down.

use serde::{Deserialize, Serialize};

use super::assessment::Assessment;
use super::config::StudyConfig;
use crate::budget::{Account, Budget, StopReason};
use crate::history::Step;

/// One entry of a study's journal. A study's state is the fold of its events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// The study began.
    Created {
        /// What it is a study of.
        config: Box<StudyConfig>,
    },
    /// A step ended, or the budget cut it. A second event for the same step completes it.
    Step {
        /// The step, with its scores.
        step: Step,
        /// What the study has used up to and including it.
        account: Account,
    },
    /// The search ended.
    Stopped {
        /// Why.
        reason: StopReason,
        /// Under which budget.
        budget: Budget,
        /// What the search used.
        account: Account,
        /// Seconds of wall time that the search took, in the process that ended it.
        seconds: f64,
    },
    /// The winner and the baselines were scored on the held-out test examples.
    Assessed(Box<Assessment>),
}
