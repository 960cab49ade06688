//! A number in the answer.

mod lexer;
mod power;
mod scale;
mod separators;

use serde::{Deserialize, Serialize};

use super::answer::{Reply, strict};
use super::{Metric, feedback, identity};
use crate::verdict::Verdict;
use crate::{Error, Result};
use lexer::{Quantity, quantities};

/// 1 when the number in the answer is the accepted one, up to a tolerance.
///
/// It reads digits of every script, decimal points and commas, thousands separators, signs, exponents (`2e3`,
/// `2 × 10^3`, `10^6`), fractions, per cent signs and scales that mean one number (`1.2 million`, `1 Mrd.`, `3k`,
/// `5万`; "billion" is English); English number words where there are no digits. The `M` and `B` of `3M` may mean
/// several things: such a number is right only where the accepted one has such a letter, too. Of several numbers it
/// takes the one that a marker such as "answer is" or `\boxed{}` points to, else the last. Per cent are hundredths:
/// 50 % is 0.5. Where one of the two numbers alone has the sign, that number may also be meant without it, unless the
/// other is smaller than 1.
///
/// ```
/// use motjuste::metric::{Metric, Number, answer::Reply};
/// let metric = Number { tolerance: 0.01, ..Number::default() };
/// let verdict = |text| metric.judge(&Reply::of(text), &["1234.50".to_owned()]);
/// assert_eq!(verdict("It comes to 1 234,50 €").score, Some(1.0));
/// let off = verdict("1,234.75").feedback;
/// assert_eq!(off.as_deref(), Some("read 1234.75; accepted: \"1234.50\"; off by 0.25"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Number {
    /// How far off a number may be, absolutely.
    #[serde(skip_serializing_if = "is_zero")]
    pub tolerance: f64,
    /// How far off a number may be, as a share of the accepted one.
    #[serde(skip_serializing_if = "is_zero")]
    pub relative: f64,
    /// What a lone comma or point before exactly three digits is.
    #[serde(skip_serializing_if = "DecimalSign::is_default")]
    pub decimal: DecimalSign,
}

/// Which sign stands before decimals where a number alone does not tell: `1,234` and `1.234`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DecimalSign {
    /// `1,234` is a thousand, `1.234` is little more than one.
    #[default]
    Point,
    /// The other way round.
    Comma,
}

impl DecimalSign {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

/// Two numbers are equal up to the rounding of a division.
const ROUNDING: f64 = 1e-9;

impl Number {
    /// The number that a text gives, if it gives any.
    fn read(&self, text: &str) -> Option<Quantity> {
        let (region, is_indicated) = strict::number_region(text);
        let right = region.rsplit('=').next().unwrap_or_default();
        [right, region]
            .into_iter()
            .find_map(|part| {
                let found = quantities(part, self.decimal);
                let mut found = found.into_iter();
                if is_indicated { found.next() } else { found.next_back() }
            })
            .or_else(|| {
                let mut words = strict::numbers_in_words(region).map(Quantity::plain);
                if is_indicated { words.next() } else { words.last() }
            })
    }

    /// The number that an expected output is.
    fn truth(&self, output: &str) -> Option<Quantity> {
        let found = quantities(output, self.decimal);
        match found[..] {
            [only] => Some(only),
            [] => strict::numbers_in_words(output).last().map(Quantity::plain),
            _ => None,
        }
    }

    fn judge_one(&self, read: Quantity, output: &str) -> Verdict {
        let Some(truth) = self.truth(output) else {
            return Verdict::missing(format!("the expected output {output:?} is no number"));
        };
        if read.is_doubtful != truth.is_doubtful {
            return Verdict::from(0.0).with_feedback(doubtful(read, output));
        }
        let off = readings(read, truth)
            .into_iter()
            .map(|(read, truth)| ((read - truth).abs(), self.allowed(truth)))
            .find_map(|(off, allowed)| (off <= allowed).then_some(0.0))
            .unwrap_or_else(|| (read.value - truth.value).abs());
        Verdict::from(off == 0.0).or_feedback(|| {
            let output = feedback::quoted(output.trim());
            format!("read {read}; accepted: {output}; off by {}", shortest(off))
        })
    }

    fn allowed(&self, truth: f64) -> f64 {
        let given = self.tolerance.max(self.relative * truth.abs());
        given + ROUNDING * truth.abs().max(given)
    }
}

/// A scale that means several things is said to be there, and not read.
fn doubtful(read: Quantity, output: &str) -> String {
    let (whose, output) =
        (if read.is_doubtful { "it" } else { "that" }, feedback::quoted(output.trim()));
    format!("read {read}; accepted: {output}; the scale behind {whose} may mean several things")
}

/// The pairs of numbers that may be meant: both with their per cent signs; and both without, where one of
/// them has a sign and the other is not a share.
fn readings(read: Quantity, truth: Quantity) -> Vec<(f64, f64)> {
    let mut pairs = vec![(read.value, truth.value)];
    let plain = if read.is_percent { truth.value } else { read.value };
    if read.is_percent != truth.is_percent && plain.abs() >= 1.0 {
        pairs.push((read.written(), truth.written()));
    }
    pairs
}

/// A difference without the noise of its last digits.
fn shortest(value: f64) -> String {
    let rounded: f64 = format!("{value:.6e}").parse().unwrap_or(value);
    rounded.to_string()
}

impl Metric for Number {
    fn id(&self) -> String {
        identity::id("number", self)
    }

    fn check_settings(&self) -> Result<()> {
        let is_usable = |value: f64| value.is_finite() && value >= 0.0;
        match is_usable(self.tolerance) && is_usable(self.relative) {
            true => Ok(()),
            false => Err(Error::configuration("a tolerance of the metric number cannot be used")
                .with_help("tolerance and relative are numbers from 0 on")),
        }
    }

    fn check_output(&self, output: &str) -> Result<()> {
        match self.truth(output) {
            Some(_) => Ok(()),
            None => Err(Error::data(format!("the expected output {output:?} is not one number"))
                .with_help("write one number, or use another metric")),
        }
    }

    fn judge(&self, reply: &Reply<'_>, accepted: &[String]) -> Verdict {
        match self.read(reply.text) {
            Some(read) => feedback::best(accepted, |output| self.judge_one(read, output))
                .reading(Some(read.to_string())),
            None if reply.text.trim().is_empty() => feedback::judged(false, "", accepted),
            None => Verdict::from(0.0).with_feedback(feedback::nothing("number", accepted)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(metric: &Number, text: &str, accepted: &str) -> Verdict {
        metric.judge(&Reply::of(text), &[accepted.to_owned()])
    }

    #[test]
    fn numbers_are_compared_as_numbers() {
        let right = [
            ("1.50", "1.5"),
            ("It is 42.", "42"),
            ("The answer is 18 of 20", "18"),
            (r"so \boxed{7} of 9", "7"),
            ("2 + 3 = 5", "5"),
            ("1,234", "1234"),
            ("3,5", "3.5"),
            ("1.234,5", "1234.5"),
            ("1'234.5", "1234.5"),
            ("1\u{202f}234,5 €", "1234.5"),
            ("12,34,567", "1234567"),
            ("٤٢", "42"),
            ("４２", "42"),
            ("४२ रुपये", "42"),
            ("٣٫٥", "3.5"),
            ("共18个", "18"),
            ("−5", "-5"),
            ("50 %", "0.5"),
            ("50%", "50"),
            ("50", "50%"),
            ("0.5", "50 %"),
            ("2.5e3", "2500"),
            ("about 2 × 10^3 m", "2000"),
            (r"\(10^{6}\)", "1000000"),
            ("12 k", "12000"),
            ("1.2 million", "1200000"),
            ("1 Mio.", "1000000"),
            ("rund 1,5 Mrd. Euro", "1500000000"),
            ("3k", "3000"),
            ("3M", "3M"),
            ("1/2 million", "500000"),
            ("1/2 %", "0.005"),
            ("5万", "50000"),
            ("2,5 млн", "2500000"),
            ("3 million", "3 Mio."),
            ("1/3", "0.333333333333"),
            ("eighteen", "18"),
            ("1/2/2031", "2031"),
            ("$1,000", "1000 USD"),
        ];
        for (text, accepted) in right {
            let verdict = verdict(&Number::default(), text, accepted);
            assert_eq!(verdict.score, Some(1.0), "{text} {accepted}: {verdict:?}");
        }
        let wrong = [
            ("1.99", "1.20"),
            ("5", "-5"),
            ("0.5%", "0.5"),
            ("10.1.2.3", "10.1"),
            ("CO2", "2"),
            ("1 Mio.", "1"),
            ("3M", "3"),
            ("3", "3M"),
            ("1億2000万", "20000000"),
            ("10²", "102"),
            ("", "0"),
            ("none", "1"),
        ];
        for (text, accepted) in wrong {
            let verdict = verdict(&Number::default(), text, accepted);
            assert_eq!(verdict.score, Some(0.0), "{text} {accepted}: {verdict:?}");
            assert!(verdict.feedback.is_some());
        }
    }

    #[test]
    fn a_tolerance_is_absolute_or_relative_and_includes_its_end() {
        let absolute = Number { tolerance: 0.1, ..Number::default() };
        let relative = Number { relative: 0.01, ..Number::default() };
        let score = |metric: &Number, text| verdict(metric, text, "100").score.unwrap();
        assert_eq!((score(&absolute, "100.1"), score(&absolute, "100.2")), (1.0, 0.0));
        assert_eq!((score(&relative, "99"), score(&relative, "98.9")), (1.0, 0.0));
        assert!(Number { tolerance: -1.0, ..Number::default() }.check_settings().is_err());
        assert!(Number { relative: f64::NAN, ..Number::default() }.check_settings().is_err());
    }

    #[test]
    fn a_lone_separator_is_read_as_the_task_says() {
        let comma = Number { decimal: DecimalSign::Comma, ..Number::default() };
        assert_eq!(verdict(&comma, "1.234", "1234").score, Some(1.0));
        assert_eq!(verdict(&comma, "1,234", "1234").score, Some(0.0));
        assert_eq!(comma.id(), r#"number {"decimal":"comma"}"#);
        assert_eq!(Number::default().id(), "number");
    }

    #[test]
    fn what_is_no_number_is_told() {
        let said = |text| verdict(&Number::default(), text, "1.20").feedback.unwrap();
        assert_eq!(said("1.99"), "read 1.99; accepted: \"1.20\"; off by 0.79");
        assert_eq!(said("no idea"), "no number found; accepted: \"1.20\"");
        assert!(Number::default().check_output("n/a").unwrap_err().is_data());
        assert!(Number::default().check_output("1 or 2").unwrap_err().is_data());
    }
}
