//! What two answers must share to count as the same.

use super::Mode;

/// Brings an answer into the form in which answers are compared.
///
/// In order: ` and ` becomes a space; `Sentence 1:` and `Sentence 2:` become a space; trim; first
/// line; text before the first `.`; lower case; `-` becomes a space; ASCII punctuation goes.
/// [`Mode::Strict`] also keeps the sign of a number and folds white space.
///
/// ```
/// use motjuste::metric::{Mode, normalise};
/// assert_eq!(normalise("Cat, and dog. Because", Mode::Strict), "cat dog");
/// assert_eq!(normalise("3 - probably", Mode::Compat), "3   probably");
/// assert_eq!(normalise("-5", Mode::Strict), "-5");
/// ```
pub fn normalise(text: &str, mode: Mode) -> String {
    let text = without_connectives(text);
    finish(text.trim().split('\n').next().unwrap_or_default(), mode)
}

/// As [`normalise`], but with all lines in one: strict sets may stand one item to a line.
pub(super) fn normalise_lines(text: &str, mode: Mode) -> String {
    match mode {
        Mode::Strict => finish(&without_connectives(text).trim().replace(['\n', '\r'], " "), mode),
        Mode::Compat => normalise(text, mode),
    }
}

fn without_connectives(text: &str) -> String {
    text.replace(" and ", " ").replace("Sentence 1:", " ").replace("Sentence 2:", " ")
}

fn finish(text: &str, mode: Mode) -> String {
    let text = text.split('.').next().unwrap_or_default().to_lowercase();
    match mode {
        Mode::Compat => without_punctuation(&text.replace('-', " ")),
        Mode::Strict => fold(&without_punctuation_but_signs(&text)),
    }
}

fn without_punctuation(text: &str) -> String {
    text.chars().filter(|character| !character.is_ascii_punctuation()).collect()
}

/// A minus is a sign when a digit follows it and nothing but space comes before it.
fn without_punctuation_but_signs(text: &str) -> String {
    let mut before = ' ';
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        let digit_next = rest.peek().is_some_and(char::is_ascii_digit);
        match character {
            '-' if before.is_whitespace() && digit_next => kept.push('-'),
            '-' => kept.push(' '),
            other if other.is_ascii_punctuation() => {}
            other => kept.push(other),
        }
        before = character;
    }
    kept
}

fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
