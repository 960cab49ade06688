//! What calls cost, really and at their worst: their number, their tokens, their money.

use std::iter::Sum;
use std::ops::Add;

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::money::Usd;
use crate::usage::Usage;

/// What one or more calls cost, or may cost at their worst.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
            calls: self.calls.saturating_add(other.calls),
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

/// What a model costs, a token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Price {
    read: Usd,
    written: Usd,
}

impl Price {
    /// The price of a model that nobody sends a bill for.
    pub const FREE: Self = Self { read: Usd::ZERO, written: Usd::ZERO };

    /// Dollars per million tokens read and written, as price lists have it.
    ///
    /// # Errors
    /// [`Error::is_configuration`](crate::Error::is_configuration) when one of them is no amount of dollars.
    ///
    /// ```
    /// use motjuste::cost::Price;
    /// use motjuste::usage::Usage;
    /// let price = Price::per_million(0.15, 0.60).unwrap();
    /// let cost = price.of(1, Usage { tokens_in: 2_000_000, tokens_out: 1_000_000 });
    /// assert_eq!(cost.usd.to_string(), "$0.90");
    /// ```
    pub fn per_million(read: f64, written: f64) -> Result<Self> {
        let a_token =
            |dollars: f64| Usd::dollars(dollars).and_then(|_| Usd::dollars(dollars / 1e6));
        Ok(Self { read: a_token(read)?, written: a_token(written)? })
    }

    /// What `calls` calls cost that used `usage`.
    pub fn of(self, calls: u64, usage: Usage) -> Cost {
        let usd = self.read.times(usage.tokens_in) + self.written.times(usage.tokens_out);
        Cost { calls, usage, usd }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_with_six_decimals_a_million_is_exact() {
        let price = Price::per_million(0.075, 0.000_001).unwrap();
        let usage = Usage { tokens_in: 3, tokens_out: 1 };
        assert_eq!(price.of(1, usage).usd, Usd::dollars(225_001e-12).unwrap());
    }
}
