//! The few of Python's text rules that published scores depend on and that Rust's differ from.

use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

/// `str.strip`: Python also counts the four ASCII separators as white space.
///
/// ```
/// assert_eq!(motjuste::metric::python::strip("\u{1c} a b\u{1f}\n"), "a b");
/// ```
pub fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

/// `str.isalpha` of one character: a letter, where Rust also counts vowel signs and letter numbers.
pub(crate) fn is_alpha(character: char) -> bool {
    character.general_category_group() == GeneralCategoryGroup::Letter
}

/// `\d` of a regular expression: a decimal digit of any script.
pub(crate) fn is_decimal(character: char) -> bool {
    character.general_category() == GeneralCategory::DecimalNumber
}

/// Code points of Unicode's `Numeric_Type=Digit`: digits that are not decimal, such as `²` and `①`.
const OTHER_DIGITS: [(char, char); 20] = [
    ('\u{b2}', '\u{b3}'),
    ('\u{b9}', '\u{b9}'),
    ('\u{1369}', '\u{1371}'),
    ('\u{19da}', '\u{19da}'),
    ('\u{2070}', '\u{2070}'),
    ('\u{2074}', '\u{2079}'),
    ('\u{2080}', '\u{2089}'),
    ('\u{2460}', '\u{2468}'),
    ('\u{2474}', '\u{247c}'),
    ('\u{2488}', '\u{2490}'),
    ('\u{24ea}', '\u{24ea}'),
    ('\u{24f5}', '\u{24fd}'),
    ('\u{24ff}', '\u{24ff}'),
    ('\u{2776}', '\u{277e}'),
    ('\u{2780}', '\u{2788}'),
    ('\u{278a}', '\u{2792}'),
    ('\u{10a40}', '\u{10a43}'),
    ('\u{10e60}', '\u{10e68}'),
    ('\u{11052}', '\u{1105a}'),
    ('\u{1f100}', '\u{1f10a}'),
];

/// `str.isdigit` of one character.
pub(crate) fn is_digit(character: char) -> bool {
    is_decimal(character)
        || OTHER_DIGITS.iter().any(|(first, last)| (*first..=*last).contains(&character))
}

/// `float(text)`: digits of any script, single underscores between digits, `inf` and `nan`.
///
/// ```
/// use motjuste::metric::python::parse_float;
/// assert_eq!(parse_float(" 1_000 "), Some(1000.0));
/// assert_eq!(parse_float("1,000"), None);
/// ```
pub fn parse_float(text: &str) -> Option<f64> {
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

/// Decimal digits come in unbroken runs of ten from their zero.
pub(crate) fn digit_value(digit: char) -> u32 {
    let run = (1..).map_while(|back| char::from_u32(u32::from(digit) - back));
    run.take_while(|before| is_decimal(*before)).count() as u32 % 10
}

/// The number without its underscores, if each stands between two digits.
fn without_underscores(number: &str) -> Option<String> {
    let bytes = number.as_bytes();
    let is_digit = |position: Option<usize>| {
        position.and_then(|position| bytes.get(position)).is_some_and(u8::is_ascii_digit)
    };
    let between =
        |position: usize| is_digit(position.checked_sub(1)) && is_digit(Some(position + 1));
    let mut positions = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'_');
    positions.all(|(position, _)| between(position)).then(|| number.replace('_', ""))
}

/// The text without ASCII punctuation.
pub(crate) fn without_punctuation(text: &str) -> String {
    text.chars().filter(|character| !character.is_ascii_punctuation()).collect()
}

/// The insides of all matches of the regular expression `OPEN.*?CLOSE`: the shortest that stand on
/// one line, from left to right without overlap.
///
/// ```
/// assert_eq!(motjuste::metric::python::groups("[a] b [c[d] [f\n]", "[", "]"), ["a", "c[d"]);
/// ```
pub fn groups<'a>(text: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    let mut groups = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find(open).map(|offset| from + offset + open.len()) {
        let line = text[start..].split('\n').next().unwrap_or_default();
        from = match line.find(close) {
            Some(length) => {
                groups.push(&line[..length]);
                start + length + close.len()
            }
            // None of those that open behind it closes either.
            None => start + line.len(),
        };
    }
    groups
}

/// The first match of the regular expression `OPEN.*?CLOSE`, brackets included.
pub(crate) fn first_group(text: &str, open: &str, close: &str) -> Option<String> {
    groups(text, open, close).first().map(|inside| format!("{open}{inside}{close}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_read_as_python_reads_them() {
        let read = ["1_000", "+.5", "5.", " 7 ", "1e3", "٣٤", "𝟙𝟘"].map(parse_float);
        assert_eq!(read, [1000.0, 0.5, 5.0, 7.0, 1000.0, 34.0, 10.0].map(Some));
        assert_eq!(["", "_1", "1__0", "1_", "1,0", "½", "one"].map(parse_float), [None; 7]);
    }

    #[test]
    fn letters_and_digits_are_pythons() {
        assert!(is_alpha('ß') && is_alpha('问') && !is_alpha('Ⅷ') && !is_alpha('\u{9be}'));
        assert!(is_digit('²') && is_digit('٣') && !is_digit('½') && !is_decimal('²'));
        assert_eq!(strip("\u{1f} a \u{a0}"), "a");
    }

    #[test]
    fn a_group_is_the_first_that_closes_on_its_line() {
        assert_eq!(first_group("[a\n] [[b] [c]", "[", "]").as_deref(), Some("[[b]"));
        assert_eq!(first_group("[a", "[", "]"), None);
        assert_eq!(groups("[a][[b]] [c\n[d]", "[", "]"), ["a", "[b", "d"]);
    }
}
