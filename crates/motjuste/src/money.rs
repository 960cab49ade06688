//! Money, exactly: whole picodollars, so that sums do not depend on their order.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, SubAssign};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Error, Result};

/// Picodollars in a dollar. A token at a dollar per million costs 10⁶ of them, so every price with
/// six decimals per million tokens is a whole number a token.
const PER_DOLLAR: f64 = 1e12;

/// An amount of US dollars, up to 18 million.
///
/// ```
/// use motjuste::money::Usd;
/// let price = Usd::dollars(0.15).unwrap();
/// assert_eq!(price.to_string(), "$0.15");
/// assert!(Usd::dollars(-1.0).is_err());
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Usd {
    pico: u64,
}

impl Usd {
    /// Nothing.
    pub const ZERO: Self = Self { pico: 0 };

    pub(crate) fn is_zero(&self) -> bool {
        self.pico == 0
    }

    /// This many dollars, rounded to 10⁻¹² of one.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when it is negative, not finite or above 18 million.
    pub fn dollars(dollars: f64) -> Result<Self> {
        if (0.0..=18e6).contains(&dollars) {
            return Ok(Self::nearest(dollars));
        }
        Err(Error::configuration(format!("{dollars} is not an amount of dollars"))
            .with_help("give a number between 0 and 18 million, such as 2.50"))
    }

    /// The nearest amount; the largest there is where that is more.
    fn nearest(dollars: f64) -> Self {
        Self { pico: (dollars * PER_DOLLAR).round() as u64 }
    }

    /// The amount as a number of dollars.
    pub fn as_dollars(self) -> f64 {
        self.pico as f64 / PER_DOLLAR
    }

    /// This many times the amount; the largest amount there is when it is more than that.
    #[must_use]
    pub fn times(self, count: u64) -> Self {
        Self { pico: self.pico.saturating_mul(count) }
    }
}

impl Add for Usd {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { pico: self.pico.saturating_add(other.pico) }
    }
}

impl AddAssign for Usd {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Usd {
    fn sub_assign(&mut self, other: Self) {
        self.pico = self.pico.saturating_sub(other.pico);
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Usd {
    /// Cents from one cent on; below, two digits that say something.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dollars = self.as_dollars();
        if self.pico == 0 || dollars >= 0.01 {
            return write!(f, "${dollars:.2}");
        }
        let digits = 1 - dollars.log10().floor() as i32;
        write!(f, "${dollars:.*}", digits.max(2) as usize)
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_dollars())
    }
}

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let dollars = f64::deserialize(deserializer)?;
        // A sum of amounts, and a sum alone, may be more than 18 million.
        let sum = (dollars > 18e6 && dollars <= 18.5e6).then(|| Self::nearest(dollars));
        sum.map_or_else(|| Self::dollars(dollars), Ok).map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Usd {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Usd".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "number", "minimum": 0, "maximum": 18.5e6 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_survive_json() {
        for dollars in [0.0, 1e-12, 0.1 + 0.2, 19.99, 1_234.567_891] {
            let amount = Usd::dollars(dollars).unwrap();
            let json = serde_json::to_string(&amount).unwrap();
            assert_eq!(serde_json::from_str::<Usd>(&json).unwrap(), amount);
        }
    }

    #[test]
    fn a_sum_that_is_too_large_is_the_largest_amount_and_survives_json() {
        let most = Usd::dollars(18e6).unwrap();
        let sum = most + most;
        let json = serde_json::to_string(&sum).unwrap();
        assert_eq!((sum, serde_json::from_str::<Usd>(&json).unwrap()), (most.times(9), sum));
        for wrong in ["-1", "1e300"] {
            assert!(serde_json::from_str::<Usd>(wrong).is_err());
        }
    }

    #[test]
    fn small_amounts_show_their_first_digits() {
        let shown = |dollars: f64| Usd::dollars(dollars).unwrap().to_string();
        assert_eq!(shown(0.0), "$0.00");
        assert_eq!(shown(0.000_012_3), "$0.000012");
        assert_eq!(shown(12.345), "$12.35");
    }
}
