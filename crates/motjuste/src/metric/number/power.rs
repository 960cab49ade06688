//! Exponents behind a number: `2.5e3`, `2 × 10^3`, `10^6`.

/// What is put between a number and a power of ten.
const TIMES: [&str; 6] = ["×", "·", "*", "x", r"\times", r"\cdot"];

/// The number that digits stand for with the exponent behind them, and how long that is.
pub(super) fn with_exponent(digits: &str, after: &str) -> (Option<f64>, usize) {
    if let Some((exponent, length)) = scientific(after) {
        return (format!("{digits}e{exponent}").parse().ok(), length);
    }
    match power(after) {
        Some((power, length)) => (digits.parse().ok().map(|base: f64| base.powi(power)), length),
        None => (digits.parse().ok(), 0),
    }
}

/// A power of ten behind a number, and its length.
fn scientific(after: &str) -> Option<(i32, usize)> {
    letter_e(after).or_else(|| {
        let rest = after.trim_start_matches(' ');
        let rest = TIMES.iter().find_map(|times| rest.strip_prefix(times))?;
        let (power, length) = power(rest.trim_start_matches(' ').strip_prefix("10")?)?;
        let start = rest.trim_start_matches(' ').len() - 2;
        Some((power, after.len() - start + length))
    })
}

/// The exponent of `e-3`, where digits and no letter follow.
fn letter_e(after: &str) -> Option<(i32, usize)> {
    let (exponent, length) = whole(after.strip_prefix(['e', 'E'])?)?;
    let goes_on = after[1 + length..].chars().next().is_some_and(char::is_alphanumeric);
    (!goes_on).then_some((exponent, 1 + length))
}

/// The exponent of `^6`, `^{6}` or `**6`.
fn power(after: &str) -> Option<(i32, usize)> {
    let rest = after.strip_prefix('^').or_else(|| after.strip_prefix("**"))?;
    let inner = rest.strip_prefix('{').unwrap_or(rest);
    let (exponent, length) = whole(inner)?;
    let is_braced = inner.len() < rest.len();
    let closed = if is_braced { inner[length..].strip_prefix('}')? } else { &inner[length..] };
    Some((exponent, after.len() - closed.len()))
}

/// A whole number that a text begins with, and its length.
fn whole(text: &str) -> Option<(i32, usize)> {
    let digits = text.strip_prefix(['+', '-', '−']).unwrap_or(text);
    let sign = text.len() - digits.len();
    let length = sign + digits.bytes().take_while(u8::is_ascii_digit).count();
    let value: i32 = text[sign..length].parse().ok()?;
    Some((if text.starts_with(['-', '−']) { -value } else { value }, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_an_exponent_is_read_whole() {
        for (digits, after, value, length) in [
            ("2.5", "e3 m", 2500.0, 2),
            ("2", " × 10^3.", 2000.0, 8),
            ("2", r" \times 10^{-3}", 0.002, 15),
            ("2", "·10^−3", 0.002, 9),
            ("10", "^6", 1e6, 2),
            ("10", "^{6}", 1e6, 4),
            ("2", "**8", 256.0, 3),
            ("2", "e3x", 2.0, 0),
            ("2", " x 10", 2.0, 0),
            ("2", "^", 2.0, 0),
            ("2", "", 2.0, 0),
        ] {
            assert_eq!(with_exponent(digits, after), (Some(value), length), "{digits}{after}");
        }
    }
}
