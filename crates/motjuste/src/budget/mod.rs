//! Spending: what a study may use, and the one ledger that every model call passes.

mod account;
mod clock;
mod ledger;

pub use crate::stop_reason::StopReason;
pub use account::{Account, Role, Spending};
pub use ledger::{Ledger, Reservation};

use serde::{Deserialize, Serialize};

use crate::money::Usd;

/// The most a study may use. `None` is no limit.
///
/// The budget does not belong to a study's identity: a study that its budget stopped goes on
/// under a larger one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Budget {
    /// Trials: instructions selected for evaluation, repeats included.
    pub trials: Option<u64>,
    /// The search's calls to the target.
    pub target_calls: Option<u64>,
    /// The search's texts from the generator.
    pub generator_calls: Option<u64>,
    /// The search's tokens, of all models, read and written.
    pub tokens: Option<u64>,
    /// Money, for the search and the held-out scoring after it together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd: Option<Usd>,
    /// Seconds of wall time, from where the study is run, for the search and the held-out scoring after it
    /// together: the search leaves as much of them as the scoring takes at its pace, half at the most. Calls in
    /// flight get a twentieth more, one second at least and ten at the most, and are then given up.
    pub seconds: Option<f64>,
    /// The dev score at which the search ends, because it is good enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Whether the search goes on although an instruction is right on every dev row, or none promises to be better than the
    /// prompt in use.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub search_on: bool,
}

impl Budget {
    /// No line at all.
    ///
    /// ```
    /// use motjuste::budget::Budget;
    /// assert_eq!(Budget::unlimited().trials, None);
    /// ```
    pub fn unlimited() -> Self {
        Self { trials: None, ..Self::default() }
    }

    /// What is left of it after `used`. Trials, seconds and score belong to one study and stay as they are.
    ///
    /// ```
    /// use motjuste::budget::{Account, Budget};
    /// let budget = Budget { target_calls: Some(100), ..Budget::default() };
    /// let mut used = Account::default();
    /// used.target.calls = 30;
    /// assert_eq!(budget.left(&used).target_calls, Some(70));
    /// ```
    #[must_use]
    pub fn left(&self, used: &Account) -> Self {
        let less = |cap: Option<u64>, used: u64| cap.map(|cap| cap.saturating_sub(used));
        let usd = self.usd.map(|mut usd| {
            usd -= used.usd();
            usd
        });
        Self {
            target_calls: less(self.target_calls, used.target.calls),
            generator_calls: less(self.generator_calls, used.generator.calls),
            tokens: less(self.tokens, used.search_tokens()),
            usd,
            ..*self
        }
    }

    /// The narrower of two budgets, line by line.
    ///
    /// ```
    /// use motjuste::budget::Budget;
    /// let each = Budget { target_calls: Some(100), ..Budget::default() };
    /// let left = Budget { target_calls: Some(30), trials: None, ..Budget::default() };
    /// assert_eq!(each.within(&left).target_calls, Some(30));
    /// assert_eq!(each.within(&left).trials, Some(150));
    /// ```
    #[must_use]
    pub fn within(&self, other: &Self) -> Self {
        let least = |a: Option<u64>, b: Option<u64>| a.into_iter().chain(b).min();
        Self {
            trials: least(self.trials, other.trials),
            target_calls: least(self.target_calls, other.target_calls),
            generator_calls: least(self.generator_calls, other.generator_calls),
            tokens: least(self.tokens, other.tokens),
            usd: self.usd.into_iter().chain(other.usd).min(),
            seconds: self.seconds.into_iter().chain(other.seconds).reduce(f64::min),
            score: self.score.into_iter().chain(other.score).reduce(f64::min),
            search_on: self.search_on || other.search_on,
        }
    }

    /// Whether it caps what calls use, and not their number alone.
    pub(crate) fn caps_usage(&self) -> bool {
        self.tokens.is_some() || self.usd.is_some()
    }
}

impl Default for Budget {
    /// InstructZero's budget: 150 trials (arXiv 2306.03082).
    fn default() -> Self {
        Self {
            trials: Some(150),
            target_calls: None,
            generator_calls: None,
            tokens: None,
            usd: None,
            seconds: None,
            score: None,
            search_on: false,
        }
    }
}
