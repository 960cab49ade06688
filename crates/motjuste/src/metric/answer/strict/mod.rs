//! Reading answers without the published defects.
//!
//! One extractor for search and test: `\boxed{…}` first, then the text that a marker points to, then
//! the whole reply. Markers need no particular case and no trailing space; a question label cuts only
//! where a word begins and something stands before it. Numbers are compared as numbers, booleans as
//! truth values, choices as letters, and nothing is right by mere inclusion.

mod boolean;
mod choice;
mod number;
mod number_words;
mod options;
mod region;
mod text;

pub use options::options;

use std::fmt;

use super::AnswerKind;

/// The answer found in a reply.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// A finite number.
    Number(f64),
    /// A truth value.
    Boolean(bool),
    /// The upper-case letter of a choice.
    Choice(char),
    /// A text, lower-case, with single spaces.
    Text(String),
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(value) => write!(f, "{value}"),
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Choice(letter) => write!(f, "({letter})"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// The part of a reply where its number stands, and whether a marker points to it: then its first number
/// counts, else its last.
pub(crate) fn number_region(reply: &str) -> (&str, bool) {
    let region = region::find(reply, AnswerKind::Number);
    (region.text, region.indicated)
}

/// The numbers that a text has in English words.
pub(crate) fn numbers_in_words(text: &str) -> impl Iterator<Item = f64> {
    number_words::all(text).map(|(_, value)| value)
}

/// The answer in `reply`, if there is one and only one.
///
/// The choices, if any, are read from `question`.
///
/// ```
/// use motjuste::metric::answer::AnswerKind;
/// use motjuste::metric::answer::strict::{Answer, extract};
/// let number = |reply| extract(reply, AnswerKind::Number, "");
/// assert_eq!(number("The answer is 1/2."), Some(Answer::Number(0.5)));
/// assert_eq!(number("someone"), None);
/// ```
pub fn extract(reply: &str, kind: AnswerKind, question: &str) -> Option<Answer> {
    let region = region::find(reply, kind);
    match kind {
        AnswerKind::Number => number::extract(&region).map(Answer::Number),
        AnswerKind::Boolean => boolean::extract(&region).map(Answer::Boolean),
        AnswerKind::Choice => choice::extract(&region, &options(question)).map(Answer::Choice),
        AnswerKind::Text => text::extract(&region).map(Answer::Text),
    }
}

/// 1 when the reply's answer is the true one, else 0.
pub fn score(kind: AnswerKind, reply: &str, question: &str, truth: &str) -> f64 {
    let right = match (extract(reply, kind, question), true_answer(kind, truth)) {
        (Some(Answer::Number(found)), Some(Answer::Number(truth))) => number::equal(found, truth),
        (Some(found), Some(truth)) => found == truth,
        _ => false,
    };
    if right { 1.0 } else { 0.0 }
}

/// The true answer as an answer; `None` when it is not of this kind, as a few published ones are not.
///
/// ```
/// use motjuste::metric::answer::AnswerKind;
/// use motjuste::metric::answer::strict::true_answer;
/// assert!(true_answer(AnswerKind::Choice, "Monsters, Inc").is_none());
/// ```
pub fn true_answer(kind: AnswerKind, truth: &str) -> Option<Answer> {
    match kind {
        AnswerKind::Number => number::all(truth).next().map(Answer::Number),
        AnswerKind::Boolean => boolean::word(truth.trim()).map(Answer::Boolean),
        AnswerKind::Choice => choice::letter(truth.trim()).map(Answer::Choice),
        AnswerKind::Text => text::fold(truth).map(Answer::Text),
    }
}
