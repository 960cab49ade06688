//! Every number of a text, in digits of any script.

use std::fmt;

use super::super::text::with_ascii_digits;
use super::super::words::is_unspaced;
use super::DecimalSign;
use super::power::with_exponent;
use super::scale::{Scale, scale};
use super::separators::{self, decimal_text};

/// A number with what it stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Quantity {
    /// The number; per cent as hundredths.
    pub value: f64,
    /// Whether it has a per cent sign.
    pub is_percent: bool,
    /// Whether a scale stands behind it that is not read.
    pub is_doubtful: bool,
}

impl Quantity {
    /// A number without a unit.
    pub(super) fn plain(value: f64) -> Self {
        Self { value, is_percent: false, is_doubtful: false }
    }

    /// The number, so many times where a scale says so.
    fn scaled(value: f64, scale: Option<Scale>) -> Self {
        match scale {
            Some(Scale::Of(scale)) => Self::plain(value * scale),
            Some(Scale::Doubtful) => Self { is_doubtful: true, ..Self::plain(value) },
            None => Self::plain(value),
        }
    }

    /// The number in front of its per cent sign.
    pub(super) fn written(self) -> f64 {
        if self.is_percent { self.value * 100.0 } else { self.value }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_percent {
            // Six digits behind the point: not the noise of the factor.
            true => write!(f, "{} %", (self.written() * 1e6).round() / 1e6),
            false => write!(f, "{}", self.value),
        }
    }
}

/// Every number of the text, from left to right. A run such as `10.1.2.3`, which is an address or a version,
/// is none; nor are digits that a word or a raised digit goes on in.
pub(super) fn quantities(text: &str, sign: DecimalSign) -> Vec<Quantity> {
    let text = with_ascii_digits(text);
    let (mut found, mut position) = (Vec::new(), 0);
    while let Some(digit) = next_digit(&text, position) {
        let start = digit - leading_point(&text[position..digit]);
        let end = digit + separators::run(&text[digit..]).len();
        let raw = &text[start..end];
        let (before, after) = (&text[..start], &text[end..]);
        let (quantity, length) = quantity(raw, before, after, sign);
        let is_number = !is_joined(before) && !is_raised(after);
        if let Some(quantity) = quantity.filter(|_| is_number) {
            let value = quantity.value * minus(before);
            found.push(Quantity { value, ..quantity });
        }
        position = end + length;
    }
    found
}

fn next_digit(text: &str, from: usize) -> Option<usize> {
    text[from..].find(|c: char| c.is_ascii_digit()).map(|offset| from + offset)
}

/// The length of a decimal point or comma in front of the first digit, as in `.5`.
fn leading_point(before: &str) -> usize {
    let Some(rest) = before.strip_suffix(['.', ',']) else { return 0 };
    let is_free = |c: char| c.is_whitespace() || "-−–+$€£¥₹(".contains(c);
    usize::from(rest.chars().next_back().is_none_or(is_free))
}

/// Whether a word goes on in the digits.
fn is_joined(before: &str) -> bool {
    let previous = before.chars().next_back();
    previous.is_some_and(|c| (c.is_alphanumeric() || c == '_') && !is_unspaced(c))
}

/// Whether a raised or circled digit follows, which makes it another number.
fn is_raised(after: &str) -> bool {
    after.chars().next().is_some_and(|c| c.is_numeric() && !c.is_ascii_digit() && !is_unspaced(c))
}

/// A minus that stands at the number, or before its currency sign, and that nothing else needs.
fn minus(before: &str) -> f64 {
    let before = before.trim_end_matches(['$', '€', '£', '¥', '₹']);
    let Some(rest) = before.strip_suffix(['-', '−', '–']) else { return 1.0 };
    let is_needed = rest.chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == ')');
    if is_needed { 1.0 } else { -1.0 }
}

/// The number of a run of digits with the exponent, fraction, scale word or per cent sign behind it, and
/// how long that is.
fn quantity(raw: &str, before: &str, after: &str, sign: DecimalSign) -> (Option<Quantity>, usize) {
    let Some(text) = decimal_text(raw, sign) else { return (None, 0) };
    let (value, exponent) = with_exponent(&text, after);
    let Some(value) = value.filter(|value| value.is_finite()) else { return (None, exponent) };
    let rest = &after[exponent..];
    // Behind a bar stands a part of a date.
    let below = denominator(rest).filter(|_| !before.ends_with('/'));
    let (below, length) = below.unwrap_or((1.0, 0));
    let (quantity, more) = in_units(value / below, &rest[length..]);
    (Some(quantity), exponent + length + more)
}

/// The number in front of a per cent sign or a scale, and how long these are.
fn in_units(value: f64, after: &str) -> (Quantity, usize) {
    if let Some(length) = percent(after) {
        return (Quantity { is_percent: true, ..Quantity::plain(value / 100.0) }, length);
    }
    let (scale, length) = scale(after).unzip();
    (Quantity::scaled(value, scale), length.unwrap_or_default())
}

/// The number below a fraction's bar, and its length with the bar; a date has two bars.
fn denominator(after: &str) -> Option<(f64, usize)> {
    let digits = after.strip_prefix(['/', '⁄'])?;
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    let below: f64 = digits[..count].parse().ok()?;
    let mut rest = digits[count..].chars();
    let goes_on = match rest.next() {
        Some('/') => true,
        Some('.' | ',') => rest.next().is_some_and(|c| c.is_ascii_digit()),
        _ => false,
    };
    (below != 0.0 && !goes_on).then_some((below, after.len() - digits.len() + count))
}

/// The length of a per cent sign, or of the words, with the space before it.
fn percent(after: &str) -> Option<usize> {
    let sign = after.trim_start_matches([' ', '\u{a0}', '\u{202f}', '\\']);
    let space = after.len() - sign.len();
    let words = ["%", "％", "٪", "percent", "per cent"];
    let found = words
        .iter()
        .find(|word| sign.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)));
    found.map(|word| space + word.len())
}
