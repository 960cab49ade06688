//! The few of Python's text rules that the published code reads replies by, where Rust's differ.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// `str.strip`: Python also counts the four ASCII separators as white space.
pub(crate) fn strip(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c))
}

/// `float(text)`: digits of any script, single underscores between digits, `inf` and `nan`.
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    let digits: Option<String> = text.trim().chars().map(as_ascii).collect();
    without_underscores(&digits?)?.parse().ok()
}

fn as_ascii(character: char) -> Option<char> {
    match character {
        ascii if ascii.is_ascii() => Some(ascii),
        digit if is_decimal(digit) => char::from_digit(digit_value(digit), 10),
        _ => None,
    }
}

/// A decimal digit of any script.
fn is_decimal(character: char) -> bool {
    character.general_category() == GeneralCategory::DecimalNumber
}

/// Decimal digits come in unbroken runs of ten from their zero.
fn digit_value(digit: char) -> u32 {
    let run = (1..).map_while(|back| char::from_u32(u32::from(digit) - back));
    run.take_while(|before| is_decimal(*before)).count() as u32 % 10
}

/// The number without its underscores, if each stands between two digits.
fn without_underscores(number: &str) -> Option<String> {
    let bytes = number.as_bytes();
    let is_digit = |index: Option<usize>| {
        index.and_then(|index| bytes.get(index)).is_some_and(u8::is_ascii_digit)
    };
    let between = |index: usize| is_digit(index.checked_sub(1)) && is_digit(Some(index + 1));
    let mut indices = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'_');
    indices.all(|(index, _)| between(index)).then(|| number.replace('_', ""))
}

/// The insides of all matches of the regular expression `OPEN.*?CLOSE`: the shortest that stand on
/// one line, from left to right without overlap.
pub(crate) fn groups<'a>(text: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    let mut groups = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find(open).map(|offset| from + offset + open.len()) {
        let line = text[start..].split('\n').next().unwrap_or_default();
        from = match line.find(close) {
            Some(length) => {
                groups.push(&line[..length]);
                start + length + close.len()
            }
            None => start,
        };
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_read_as_python_reads_them() {
        let read = ["1_000", "+.5", "5.", " 7 ", "1e3", "٣٤", "𝟙𝟘"].map(parse_float);
        assert_eq!(read, [1000.0, 0.5, 5.0, 7.0, 1000.0, 34.0, 10.0].map(Some));
        for wrong in ["1__0", "_1", "1_", "²", "one", ""] {
            assert_eq!(parse_float(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn groups_are_the_shortest_on_one_line() {
        assert_eq!(groups("[a] b [c[d] e] [f\n] [g]", "[", "]"), ["a", "c[d", "g"]);
        assert_eq!(strip("\u{1c} a b\u{1f}\n"), "a b");
    }
}
