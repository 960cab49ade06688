//! Values that are more than text and less than a type of the library.

use std::str::FromStr;
use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser, RangedU64ValueParser, TypedValueParser};
use motjuste::method::Registry;
use motjuste::model::Parameters;
use motjuste::money::Usd;
use motjuste_lm::Embedded;

/// An amount of money, with or without its sign.
pub(super) fn dollars(text: &str) -> Result<Usd, String> {
    let amount =
        text.trim_start_matches('$').parse().map_err(|_| "expected a number of dollars")?;
    Usd::dollars(amount).map_err(|error| error.to_string())
}

/// The name of a method or a preset.
pub(super) fn methods() -> PossibleValuesParser {
    let registry = Registry::built_in();
    let values = registry.entries().iter().flat_map(|entry| {
        let presets = entry.presets.iter().map(|preset| preset.name);
        presets.map(|name| match name == entry.name {
            true => PossibleValue::new(name).help(entry.summary),
            false => PossibleValue::new(name),
        })
    });
    PossibleValuesParser::new(values.collect::<Vec<_>>())
}

/// One of the models in the binary.
pub(super) fn embedded() -> impl TypedValueParser<Value = Embedded> {
    let names = PossibleValuesParser::new(Embedded::ALL.map(Embedded::name));
    names.try_map(|name| Embedded::named(&name).ok_or("no such embedded model"))
}

/// Parameters of a model, as a JSON object.
pub(super) fn parameters(text: &str) -> Result<Parameters, String> {
    let told = |error: motjuste::Error| match error.help() {
        Some(help) => format!("{error}; {help}"),
        None => error.to_string(),
    };
    Parameters::parse(text).map_err(told)
}

/// A score: above 0, and 1 at the most.
pub(super) fn share(text: &str) -> Result<f64, String> {
    let score = text.parse().ok().filter(|score: &f64| *score > 0.0 && *score <= 1.0);
    score.ok_or_else(|| "expected a score above 0, up to 1".to_owned())
}

/// A time in seconds, above 0.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let time = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    time.filter(|time| !time.is_zero()).ok_or("expected a number of seconds above 0".to_owned())
}

/// Seconds as a number, above 0; a number beyond all measure is no limit.
pub(super) fn budget_seconds(text: &str) -> Result<f64, String> {
    let seconds = text.parse().ok().filter(|seconds: &f64| seconds.is_finite() && *seconds > 0.0);
    seconds.ok_or_else(|| "expected a number of seconds above 0".to_owned())
}

/// The most tokens that anything is asked to have: more than any model reads or writes at once.
const MOST_TOKENS: u64 = 10_000_000;

/// A number of tokens, at least one.
pub(super) fn some_tokens() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..=MOST_TOKENS)
}

/// A number of tokens, or none.
pub(super) fn tokens() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(..=MOST_TOKENS)
}

/// A number above 0.
pub(super) fn above_zero<T>() -> impl TypedValueParser<Value = T>
where
    T: FromStr + PartialOrd + From<u8> + Clone + Send + Sync + 'static,
{
    |text: &str| match text.parse::<T>() {
        Ok(number) if number >= T::from(1) => Ok(number),
        _ => Err("expected a whole number, at least 1"),
    }
}

/// A number, or everything there is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Amount(pub Option<usize>);

impl FromStr for Amount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self(None)),
            _ => match text.parse() {
                Ok(0) | Err(_) => Err("expected a number above 0, or `all`".to_owned()),
                Ok(number) => Ok(Self(Some(number))),
            },
        }
    }
}

/// A number, or no limit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit(pub Option<u64>);

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self(None)),
            _ => text
                .parse()
                .map(|number| Self(Some(number)))
                .map_err(|_| "expected a number, or `none`".to_owned()),
        }
    }
}
