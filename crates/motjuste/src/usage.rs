//! What calls use: tokens.

use std::iter::Sum;
use std::ops::Add;

use serde::{Deserialize, Serialize};

/// Tokens read and written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Usage {
    /// Tokens of the prompt, soft tokens included.
    pub tokens_in: u64,
    /// Tokens written.
    pub tokens_out: u64,
}

impl Usage {
    /// Tokens read and written together.
    pub fn tokens(self) -> u64 {
        self.tokens_in.saturating_add(self.tokens_out)
    }

    /// What is used as a rule where this is the most. The most counts a token for every byte of a prompt, of which a
    /// token has four, and every text at its full length, of which half is written.
    ///
    /// ```
    /// use motjuste::usage::Usage;
    /// let most = Usage { tokens_in: 4_000, tokens_out: 64 };
    /// assert_eq!(most.as_a_rule(), Usage { tokens_in: 1_000, tokens_out: 32 });
    /// ```
    #[must_use]
    pub fn as_a_rule(self) -> Self {
        Self { tokens_in: self.tokens_in.div_ceil(4), tokens_out: self.tokens_out.div_ceil(2) }
    }
}

impl Add for Usage {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            tokens_in: self.tokens_in.saturating_add(other.tokens_in),
            tokens_out: self.tokens_out.saturating_add(other.tokens_out),
        }
    }
}

impl Sum for Usage {
    fn sum<I: Iterator<Item = Self>>(usages: I) -> Self {
        usages.fold(Self::default(), Add::add)
    }
}
