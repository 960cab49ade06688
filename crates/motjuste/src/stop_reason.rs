//! Why a search ended.

use serde::{Deserialize, Serialize};

/// What ended a study: a line of its budget, or there was nothing left to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// All planned trials were run.
    Trials,
    /// The method has nothing left to propose.
    Finished,
    /// The generator brought no new instruction, many times in a row.
    NothingNew,
    /// Many instructions were tried, and none promises to be better than the prompt in use.
    NoHeadroom,
    /// With a prompt in use: an instruction has the highest score on every dev row, which nothing can exceed.
    Perfect,
    /// No further trial fits into the target calls.
    TargetCalls,
    /// No further text fits into the generator calls.
    GeneratorCalls,
    /// No further trial fits into the tokens.
    Tokens,
    /// No further trial fits into the money.
    Usd,
    /// The time is over.
    Seconds,
    /// An instruction has the score that was asked for.
    Score,
}

impl StopReason {
    /// Whether a cap ended the study before its planned end.
    ///
    /// ```
    /// use motjuste::budget::StopReason;
    /// assert!(StopReason::TargetCalls.is_cap() && !StopReason::Trials.is_cap());
    /// ```
    pub fn is_cap(self) -> bool {
        !matches!(
            self,
            Self::Trials
                | Self::Finished
                | Self::NothingNew
                | Self::NoHeadroom
                | Self::Perfect
                | Self::Score
        )
    }
}
