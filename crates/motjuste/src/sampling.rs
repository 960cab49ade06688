//! How answers are drawn.

use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// How answers are drawn.
///
/// An example's score is the mean over its draws; the answer that is shown is the first draw.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sampling {
    /// 0 takes the likeliest token at every step; above 0, tokens are drawn.
    temperature: f64,
    /// Draws for each example.
    draws: NonZeroU64,
    /// Whether the target is shown each reply and asked for the answer alone (OPRO, arXiv
    /// 2309.03409); what it says then is scored, and each draw is two calls.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    second_round: bool,
}

impl Default for Sampling {
    /// The likeliest answer, once.
    fn default() -> Self {
        Self { temperature: 0.0, draws: NonZeroU64::MIN, second_round: false }
    }
}

impl Sampling {
    /// So many draws at a temperature.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when the temperature is not between 0 and 2, for no draws, and for
    /// several at temperature 0, which are all the same.
    ///
    /// ```
    /// use motjuste::study::Sampling;
    /// assert!(Sampling::new(0.7, 5).is_ok());
    /// assert!(Sampling::new(0.7, 0).is_err());
    /// assert!(Sampling::new(0.0, 5).is_err());
    /// ```
    pub fn new(temperature: f64, draws: u64) -> Result<Self> {
        let refuse = |what: &str, help: &str| Err(Error::configuration(what).with_help(help));
        let Some(draws) = NonZeroU64::new(draws) else {
            return refuse("0 draws of an answer are no answer", "draw at least once");
        };
        if !(0.0..=2.0).contains(&temperature) {
            return refuse("the temperature cannot be used", "it lies between 0 and 2");
        }
        if temperature == 0.0 && draws.get() > 1 {
            return refuse(
                "at temperature 0 every draw is the same answer",
                "draw once, or at a temperature above 0",
            );
        }
        Ok(Self { temperature, draws, second_round: false })
    }

    /// The same, each reply followed by the question for the answer alone.
    #[must_use]
    pub fn with_second_round(self) -> Self {
        Self { second_round: true, ..self }
    }

    /// 0 takes the likeliest token at every step; above 0, tokens are drawn.
    pub fn temperature(&self) -> f64 {
        self.temperature
    }

    /// Draws for each example.
    pub fn draws(&self) -> u64 {
        self.draws.get()
    }

    /// Whether the target is shown each reply and asked for the answer alone.
    pub fn second_round(&self) -> bool {
        self.second_round
    }

    /// Whether it is the default.
    pub(crate) fn is_greedy(&self) -> bool {
        *self == Self::default()
    }

    /// Calls to the target for each example.
    pub(crate) fn calls(&self) -> u64 {
        self.draws() * if self.second_round { 2 } else { 1 }
    }
}
