//! Numbers as people and models write them.

use super::number_words;
use super::region::Region;

/// The number of a region: the first where a marker points to it, else the last behind the last `=`.
///
/// Digits come before number words when nothing points to either: "the 3 cats, no other one" is 3.
pub(super) fn extract(region: &Region<'_>) -> Option<f64> {
    let right = region.text.rsplit('=').next().unwrap_or_default();
    [right, region.text].into_iter().find_map(|text| match region.indicated {
        true => all(text).next(),
        false => digits(text).map(|(_, value)| value).last().or_else(|| all(text).last()),
    })
}

/// Two numbers are equal up to the rounding of a division.
pub(super) fn equal(a: f64, b: f64) -> bool {
    // A fraction is one rounding off; a decimal that names it carries at least nine digits.
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

/// Every number of the text in order, in digits or in words.
pub(super) fn all(text: &str) -> impl Iterator<Item = f64> {
    let mut found: Vec<(usize, f64)> = digits(text).chain(number_words::all(text)).collect();
    found.sort_by_key(|(position, _)| *position);
    found.into_iter().map(|(_, value)| value)
}

/// Every number in digits, with its position.
fn digits(text: &str) -> impl Iterator<Item = (usize, f64)> {
    let mut position = 0;
    std::iter::from_fn(move || {
        while position < text.len() {
            match begins_number(text, position).then(|| quantity(&text[position..])).flatten() {
                Some((value, length)) => {
                    let start = position;
                    position += length;
                    return Some((start, sign(text, start) * value));
                }
                None => position += 1,
            }
        }
        None
    })
}

/// A digit, or a decimal point before one, that no letter or digit stands in front of.
fn begins_number(text: &str, position: usize) -> bool {
    let bytes = text.as_bytes();
    let before = position.checked_sub(1).map(|before| bytes[before]);
    let joined = before.is_some_and(|before| before.is_ascii_alphanumeric() || before >= 0x80)
        && !follows_currency(text, position);
    let digit = |position: usize| bytes.get(position).is_some_and(u8::is_ascii_digit);
    !joined && (digit(position) || (bytes[position] == b'.' && digit(position + 1)))
}

fn follows_currency(text: &str, position: usize) -> bool {
    text.is_char_boundary(position)
        && text[..position]
            .chars()
            .next_back()
            .is_some_and(|before| matches!(before, '€' | '£' | '¥'))
}

/// A minus that stands at the number, or before its currency sign, and that nothing else needs.
fn sign(text: &str, start: usize) -> f64 {
    let before = text[..start].trim_end_matches(['$', '€', '£', '¥']);
    let Some(rest) = before.strip_suffix(['-', '−']) else { return 1.0 };
    let free = !rest.chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == ')');
    if free { -1.0 } else { 1.0 }
}

/// The value at the start of the text with its fraction or scale, and how long it is.
fn quantity(text: &str) -> Option<(f64, usize)> {
    let (value, length) = decimal(text)?;
    if let Some((below, more)) = text[length..].strip_prefix('/').and_then(decimal)
        && below != 0.0
    {
        return Some((value / below, length + 1 + more));
    }
    let (scale, more) = number_words::scale(&text[length..]).unwrap_or((1.0, 0));
    Some((value * scale, length + more))
}

/// Digits with thousands commas, decimals and an exponent.
fn decimal(text: &str) -> Option<(f64, usize)> {
    let bytes = text.as_bytes();
    let run = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut end = run(0);
    while bytes.get(end) == Some(&b',') && run(end + 1) == 3 {
        end += 4;
    }
    if bytes.get(end) == Some(&b'.') && run(end + 1) > 0 {
        end += 1 + run(end + 1);
    }
    end += exponent(&text[end..]);
    let value: f64 = text[..end].replace(',', "").parse().ok()?;
    value.is_finite().then_some((value, end))
}

fn exponent(text: &str) -> usize {
    let Some(rest) = text.strip_prefix(['e', 'E']) else { return 0 };
    let digits = rest.trim_start_matches(['+', '-']);
    let signs = rest.len() - digits.len();
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    if count == 0 || signs > 1 { 0 } else { 1 + signs + count }
}

#[cfg(test)]
mod tests {
    use super::super::super::AnswerKind;
    use super::super::{Answer, extract};

    fn number(reply: &str) -> Option<f64> {
        match extract(reply, AnswerKind::Number, "") {
            Some(Answer::Number(value)) => Some(value),
            _ => None,
        }
    }

    #[test]
    fn the_table_of_numbers_holds() {
        let cases = [
            ("18", 18.0),
            ("The answer is 18.", 18.0),
            ("The answer is $18.", 18.0),
            ("the answer is: 18", 18.0),
            ("#### 18", 18.0),
            ("answer: 1,234 dollars", 1234.0),
            ("Answer: 18", 18.0),
            ("answer:\n5", 5.0),
            ("Total:\n18", 18.0),
            ("So 16 - 3 - 4 = 9 eggs, 9*2 = 18", 18.0),
            ("She makes 9 * 2 = $18 every day", 18.0),
            ("The answer is 10 or 12", 10.0),
            ("I think 10 or 12", 12.0),
            ("2 hours and 30 minutes", 30.0),
            ("The answer is 5600 pounds", 5600.0),
            ("156kgs", 156.0),
            ("823-yard", 823.0),
            ("The 6th", 6.0),
            ("50%", 50.0),
            ("€20", 20.0),
            ("-5", -5.0),
            ("The answer is -5", -5.0),
            ("eight", 8.0),
            ("answer is ten", 10.0),
            ("eighteen", 18.0),
            ("fourteen", 14.0),
            ("The answer is twenty-five", 25.0),
            ("seventy two", 72.0),
            ("12.5", 12.5),
            ("0.5", 0.5),
            ("3/4", 0.75),
            ("The answer is 1/2", 0.5),
            ("1e3", 1000.0),
            ("$1,000,000", 1_000_000.0),
            ("**18**", 18.0),
            ("The final answer is **18**.", 18.0),
            ("The answer is \\boxed{18}", 18.0),
            ("18 is the answer", 18.0),
            ("18 is the correct answer. Really", 18.0),
            ("The answer is 18. Q: next question 5", 18.0),
            ("Question: foo 18", 18.0),
            ("Using eq: 3+4 = 7", 7.0),
            ("I have 5  apples", 5.0),
            ("answer is 7, not answer is 9", 9.0),
            ("5 this is the solution: 7", 5.0),
            ("answer is about 1.25 million", 1_250_000.0),
        ];
        for (reply, expected) in cases {
            assert_eq!(number(reply), Some(expected), "{reply}");
        }
        for reply in ["someone", "The answer is none", "nan", "inf", "no number here", ""] {
            assert_eq!(number(reply), None, "{reply}");
        }
    }

    #[test]
    fn signs_and_units_are_told_apart() {
        let cases = [
            ("12 - 5", 5.0),
            ("10-12", 12.0),
            ("-$5", -5.0),
            ("$-5", -5.0),
            ("Rs.500", 500.0),
            ("CO2 weighs 44 grams", 44.0),
            ("1,2,3", 3.0),
            ("one hundred and five", 105.0),
            ("The answer is 2 thousand", 2000.0),
            ("5 = x", 5.0),
            ("4/0", 0.0),
            ("the 3 cats, no other one", 3.0),
        ];
        for (reply, expected) in cases {
            assert_eq!(number(reply), Some(expected), "{reply}");
        }
    }
}
