//! Texts in the forms in which they are compared: Unicode's, for every script.

use std::borrow::Cow;

use unicase::UniCase;
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Unicode's full case folding, composed; the dot that `İ` leaves above an `i` goes.
pub(super) fn fold_case(text: &str) -> String {
    let folded: String = UniCase::new(text).to_folded_case().nfc().collect();
    folded.replace("i\u{307}", "i")
}

/// The text in one case, one form of every character, quote and dash, and with single spaces: NFKC, case
/// folding, typographic quotes and dashes as their ASCII forms, no characters that show nothing.
pub(super) fn folded(text: &str) -> String {
    let plain: String = text.nfkc().filter(|c| !shows_nothing(*c)).map(plain).collect();
    let spaced = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    fold_case(&spaced).nfkc().collect()
}

/// Brings a text into the form in which `normalized` compares: NFKC, case folded, quotes and dashes of one
/// kind, white space collapsed; then, at its ends, pairs of quotes and of `*`, and the full stops, commas,
/// colons, question and exclamation marks of every script go. Articles, lines, signs, inner punctuation,
/// decimals and symbols stay.
///
/// ```
/// use motjuste::metric::normalized;
/// assert_eq!(normalized("„Straße“。"), normalized("STRASSE"));
/// assert_eq!(normalized("  The cat,\nand the dog. "), "the cat, and the dog");
/// assert_ne!(normalized("1.99"), normalized("1.20"));
/// assert_ne!(normalized("C++"), normalized("C#"));
/// assert_ne!(normalized("-5"), normalized("5"));
/// ```
pub fn normalized(text: &str) -> String {
    let folded = folded(text);
    match peeled(&folded) {
        // Nothing but punctuation: that is the answer.
        "" => folded,
        peeled => peeled.to_owned(),
    }
}

fn peeled(text: &str) -> &str {
    let mut text = text;
    loop {
        let stopped = without_stops(text.trim()).trim_start_matches(['¿', '¡']);
        let inner = without_pair(stopped).trim();
        if inner.len() == text.len() {
            return text;
        }
        text = inner;
    }
}

/// Without stops at the end; a `!` behind a digit is a factorial.
fn without_stops(text: &str) -> &str {
    let mut kept = text;
    while let Some(last) = kept.chars().next_back().filter(|last| is_stop(*last)) {
        let before = &kept[..kept.len() - last.len_utf8()];
        if last == '!' && before.ends_with(char::is_numeric) {
            break;
        }
        kept = before;
    }
    kept
}

/// Without a pair of quotes, or of marks of emphasis, around it.
fn without_pair(text: &str) -> &str {
    let is_mark = |c: char| matches!(c, '\'' | '"' | '`' | '*') || is_quote(c);
    let mut inner = text.chars();
    match (inner.next(), inner.next_back()) {
        (Some(first), Some(last)) if is_mark(first) && is_mark(last) => inner.as_str(),
        _ => text,
    }
}

/// Whether a text ends with it: punctuation of every script that is neither bracket, quote nor dash, but
/// for signs that have a meaning of their own.
fn is_stop(c: char) -> bool {
    match c {
        '.' | ',' | ';' | ':' | '!' | '?' => true,
        '§' | '¶' | '†' | '‡' | '•' | '‰' | '‱' | '′' | '″' | '‴' | '※' | '·' | '¿' | '¡' => {
            false
        }
        other => !other.is_ascii() && other.general_category() == GeneralCategory::OtherPunctuation,
    }
}

fn is_quote(c: char) -> bool {
    matches!(c, '「' | '」' | '『' | '』' | '《' | '》' | '〈' | '〉' | '〝' | '〞' | '〟')
}

/// Quotes and dashes in their ASCII forms.
fn plain(c: char) -> char {
    match c {
        '\u{2018}'..='\u{201b}' | '‹' | '›' | 'ʼ' => '\'',
        '\u{201c}'..='\u{201f}' | '«' | '»' | '〝' | '〞' | '〟' => '"',
        '−' => '-',
        other if other.general_category() == GeneralCategory::DashPunctuation => '-',
        other => other,
    }
}

/// Soft hyphens, marks of direction, joins of nothing.
fn shows_nothing(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}

/// The text with the digits of every script as ASCII digits.
pub(super) fn with_ascii_digits(text: &str) -> Cow<'_, str> {
    let ascii = |c: char| match super::python::is_decimal(c) {
        true => char::from_digit(super::python::digit_value(c), 10).unwrap_or(c),
        false => c,
    };
    match text.is_ascii() {
        true => Cow::Borrowed(text),
        false => text.chars().map(ascii).collect(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn same(left: &str, right: &str) -> bool {
        normalized(left) == normalized(right)
    }

    #[test]
    fn what_only_looks_different_is_the_same() {
        for (left, right) in [
            ("Refund.", "refund"),
            ("“Refund.”", "refund"),
            ("„Erstattung“", "Erstattung"),
            ("«Remboursement»", "remboursement"),
            ("「退款」。", "退款"),
            ("退款。", "退款"),
            ("¿Cuándo?", "cuándo"),
            ("धनवापसी।", "धनवापसी"),
            ("استرداد؟", "استرداد"),
            ("STRASSE", "Straße"),
            ("İstanbul", "istanbul"),
            ("I\u{307}STANBUL", "İstanbul"),
            ("ΟΔΟΣ", "οδος"),
            ("ＡＢＣ１２", "abc12"),
            ("ﬁne", "fine"),
            ("cafe\u{301}", "café"),
            ("don’t", "don't"),
            ("−5", "-5"),
            ("**refund**", "refund"),
            ("a\u{a0} b\r\nc", "a b c"),
            ("re\u{ad}fund\u{feff}", "refund"),
        ] {
            assert!(same(left, right), "{left} {right}: {:?}", normalized(left));
        }
    }

    #[test]
    fn what_is_different_stays_different() {
        for (left, right) in [
            ("1.99", "1.20"),
            ("v2.0.1", "v2.0.4"),
            ("bob@post.net", "bob@post.org"),
            ("api.example.com", "api.example.net"),
            ("Mr. Smith", "Mr. Jones"),
            ("x\ny", "x"),
            ("x\ny", "x\nz"),
            ("F#", "F++"),
            ("F", "F#"),
            ("-5", "5"),
            ("5%", "5"),
            (".5", "5"),
            ("5!", "5"),
            ("5'", "5\""),
            ("the who", "who"),
            ("cats and dogs", "cats dogs"),
            ("{\"a\": 1}", "{\"a\": 2}"),
            ("ılık", "ilik"),
            ("?", "!"),
            ("", "?"),
        ] {
            assert!(!same(left, right), "{left} {right}");
        }
    }

    proptest! {
        #[test]
        fn normalising_twice_is_normalising_once(text in "\\PC{0,12}") {
            let once = normalized(&text);
            prop_assert_eq!(normalized(&once), once);
        }

        #[test]
        fn case_folding_is_blind_to_case(text in "\\PC{0,12}") {
            prop_assert_eq!(fold_case(&text.to_uppercase().to_lowercase()), fold_case(&fold_case(&text.to_uppercase())));
        }
    }
}
