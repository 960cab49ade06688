//! Letters of choices and the texts behind them, as published.

use crate::metric::python::{first_group, strip};

/// The answer itself, or its first parenthesised group if it names exactly one choice `(a)`–`(z)`;
/// the group need not be that choice, a published defect.
pub(super) fn only_choice(answer: &str) -> String {
    let named = ('a'..='z').filter(|letter| answer.contains(&format!("({letter})"))).count();
    let group = (named == 1).then(|| first_group(answer, "(", ")")).flatten();
    group.unwrap_or_else(|| answer.to_owned())
}

/// The place of a choice: `(C)`, `C` and `c` are 2. `None` for anything but a single letter.
///
/// ```
/// assert_eq!(motjuste::metric::answer::compat::choice_index("(c)"), Some(2));
/// ```
pub fn choice_index(symbol: &str) -> Option<usize> {
    let symbol = symbol.to_lowercase();
    let mut letters = letter_of(&symbol).unwrap_or(&symbol).chars();
    match (letters.next(), letters.next()) {
        (Some(letter @ 'a'..='z'), None) => Some(letter as usize - 'a' as usize),
        _ => None,
    }
}

/// `b` of `(b)`.
pub(super) fn letter_of(symbol: &str) -> Option<&str> {
    let inside = symbol.strip_prefix('(')?.strip_suffix(')')?;
    (inside.len() == 1 && inside.as_bytes()[0].is_ascii_lowercase()).then_some(inside)
}

/// The lower-case text of a choice: the prompt is cut at every `(A)`–`(Z)` and `A:`, and the piece
/// with the choice's number is taken, up to the end of its line.
///
/// ```
/// use motjuste::metric::answer::compat::choice_text;
/// assert_eq!(choice_text("Pick one (A) red (B) blue\nNow", "(B)").as_deref(), Some("blue"));
/// ```
pub fn choice_text(prompt: &str, symbol: &str) -> Option<String> {
    let piece = strip(pieces(prompt).get(choice_index(symbol)?)?).to_lowercase();
    Some(piece.split('\n').next().unwrap_or_default().to_owned())
}

/// What stands behind each mark, up to the next.
fn pieces(prompt: &str) -> Vec<&str> {
    let marks: Vec<(usize, usize)> = marks(prompt).collect();
    let ends = marks.iter().skip(1).map(|(start, _)| *start).chain([prompt.len()]);
    marks.iter().zip(ends).map(|((_, begin), end)| &prompt[*begin..end]).collect()
}

/// Where marks start and end.
fn marks(prompt: &str) -> impl Iterator<Item = (usize, usize)> {
    let bytes = prompt.as_bytes();
    (0..bytes.len()).filter_map(|start| match &bytes[start..] {
        [b'(', b'A'..=b'Z', b')', ..] => Some((start, start + 3)),
        [b'A', b':', ..] => Some((start, start + 2)),
        _ => None,
    })
}

/// The letters `(A)`, `(B)`, … that the prompt has without a gap.
pub(super) fn choices(prompt: &str) -> Vec<String> {
    let symbols = ('A'..='Z').map(|letter| format!("({letter})"));
    symbols.take_while(|symbol| prompt.contains(symbol.as_str())).collect()
}
