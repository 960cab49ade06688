//! The letter of a choice, named or described.

use std::collections::BTreeSet;

use super::region::Region;

/// The choice of a region: the first letter where a marker points to it, else the only one; or the
/// only choice whose text stands in it.
pub(super) fn extract(region: &Region<'_>, options: &[String]) -> Option<char> {
    let offered =
        |letter: &char| options.is_empty() || usize::from(*letter as u8 - b'A') < options.len();
    let mut bracketed: Vec<char> = bracketed(region.text).filter(offered).collect();
    if !region.indicated {
        bracketed = distinct(bracketed);
    }
    match bracketed[..] {
        [only] => Some(only),
        [first, ..] if region.indicated => Some(first),
        [_, ..] => None,
        [] => bare(region.text).filter(offered).or_else(|| described(region.text, options)),
    }
}

/// The letter of `B`, `(B)` or `b`.
pub(super) fn letter(text: &str) -> Option<char> {
    let inside = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(text);
    match inside.as_bytes() {
        [letter] if letter.is_ascii_alphabetic() => Some(letter.to_ascii_uppercase().into()),
        _ => None,
    }
}

fn bracketed(text: &str) -> impl Iterator<Item = char> {
    text.as_bytes().windows(3).filter_map(|triple| match triple {
        [b'(', letter, b')'] if letter.is_ascii_alphabetic() => {
            Some(letter.to_ascii_uppercase().into())
        }
        _ => None,
    })
}

fn distinct(letters: Vec<char>) -> Vec<char> {
    letters.into_iter().collect::<BTreeSet<_>>().into_iter().collect()
}

/// A letter without brackets at the start, which punctuation or the end follows; or a capital
/// other than the words `A` and `I`.
fn bare(text: &str) -> Option<char> {
    let text = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let first = text.chars().next().filter(char::is_ascii_alphabetic)?;
    let alone = match text[1..].chars().next() {
        None => true,
        Some(' ') => first.is_ascii_uppercase() && !matches!(first, 'A' | 'I'),
        Some(next) => matches!(next, '.' | ',' | ':' | ';' | ')' | '*' | '\n' | '"' | '\''),
    };
    alone.then_some(first.to_ascii_uppercase())
}

/// The only choice whose text stands in the reply; a text within a longer one that stands there too
/// does not count.
fn described(reply: &str, options: &[String]) -> Option<char> {
    let reply = reply.to_lowercase();
    let stands = |text: &str| !text.is_empty() && contains_words(&reply, text);
    let longer = |text: &str| {
        options.iter().any(|other| other != text && other.contains(text) && stands(other))
    };
    let mut found = (b'A'..).zip(options).filter(|(_, text)| stands(text) && !longer(text));
    match (found.next(), found.next()) {
        (Some((letter, _)), None) => Some(letter.into()),
        _ => None,
    }
}

fn contains_words(reply: &str, text: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric();
    reply.match_indices(text).any(|(start, _)| {
        let (before, after) = (&reply[..start], &reply[start + text.len()..]);
        !before.chars().next_back().is_some_and(joins) && !after.chars().next().is_some_and(joins)
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::AnswerKind;
    use super::super::{Answer, extract, score};

    const WEST: &str = "Where? (A) west (B) east west (C) north (D) south\n\
                        What's the answer in (A)(B)(C)(D)?";

    #[test]
    fn letters_are_found_in_replies() {
        let cases = [
            ("(A)", 'A'),
            ("(A) apple", 'A'),
            ("(a) and (A)", 'A'),
            ("The answer is (B).", 'B'),
            ("Options are: (B)", 'B'),
            ("The answer is: (B) east", 'B'),
            ("B", 'B'),
            ("Answer: B", 'B'),
            ("The answer is B", 'B'),
            ("The correct option is (C) because (D) is wrong", 'C'),
            ("(see note) the choice is (b)", 'B'),
            ("it's (c) 5.5 units", 'C'),
        ];
        for (reply, letter) in cases {
            let found = extract(reply, AnswerKind::Choice, "");
            assert_eq!(found, Some(Answer::Choice(letter)), "{reply}");
        }
        for reply in ["(b) or (c)", "a good question", "", "I think so"] {
            assert_eq!(extract(reply, AnswerKind::Choice, ""), None, "{reply}");
        }
    }

    #[test]
    fn choices_are_right_by_letter_or_by_text() {
        let score = |truth, reply, question| score(AnswerKind::Choice, reply, question, truth);
        let right = [
            ("(A)", "a", ""),
            ("B", "(b)", WEST),
            ("B", "east west", WEST),
            ("B", "east west it is", WEST),
            ("A", "west", WEST),
            ("A", ": west it is", WEST),
            ("(B)", "The answer is B", WEST),
            ("(A)", "red", "Pick (A) or (B). Now (A) red (B) blue"),
        ];
        for (truth, reply, question) in right {
            assert_eq!(score(truth, reply, question), 1.0, "{truth} {reply}");
        }
        let wrong = [
            ("(A)", "b", ""),
            ("A", ": east", WEST),
            ("A", "east west it is", WEST),
            ("B", "west it is", WEST),
            ("B", "(a)", WEST),
            ("B", "because it is big", WEST),
            ("(B)", "(b) or (c)", WEST),
            ("dearth, wind, & fire", "(a)", WEST),
        ];
        for (truth, reply, question) in wrong {
            assert_eq!(score(truth, reply, question), 0.0, "{truth} {reply}");
        }
    }
}
