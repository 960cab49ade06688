//! What calls use: tokens, numbers of calls and money, real and at their worst.

use std::iter::Sum;
use std::ops::Add;

use serde::{Deserialize, Serialize};

use crate::money::Usd;

/// Tokens read and written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the prompt, soft tokens included.
    pub tokens_in: u64,
    /// Tokens written.
    pub tokens_out: u64,
}

impl Usage {
    /// Tokens read and written together.
    pub fn tokens(self) -> u64 {
        self.tokens_in + self.tokens_out
    }
}

impl Add for Usage {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            tokens_in: self.tokens_in + other.tokens_in,
            tokens_out: self.tokens_out + other.tokens_out,
        }
    }
}

impl Sum for Usage {
    fn sum<I: Iterator<Item = Self>>(usages: I) -> Self {
        usages.fold(Self::default(), Add::add)
    }
}

/// What one or more calls cost, or may cost at their worst.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Calls.
    pub calls: u64,
    /// Tokens.
    pub usage: Usage,
    /// Money.
    pub usd: Usd,
}

impl Cost {
    /// This many times the cost.
    #[must_use]
    pub fn times(self, count: u64) -> Self {
        let Usage { tokens_in, tokens_out } = self.usage;
        let usage = Usage {
            tokens_in: tokens_in.saturating_mul(count),
            tokens_out: tokens_out.saturating_mul(count),
        };
        Self { calls: self.calls.saturating_mul(count), usage, usd: self.usd.times(count) }
    }
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            calls: self.calls + other.calls,
            usage: self.usage + other.usage,
            usd: self.usd + other.usd,
        }
    }
}

impl Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.fold(Self::default(), Add::add)
    }
}
