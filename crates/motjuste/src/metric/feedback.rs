//! What is said about an answer that is not fully right: what was read, and what is accepted.
//!
//! Short, and true of this answer alone. No advice: the reader draws the conclusions.

use std::fmt::Write;

use crate::verdict::Verdict;
use crate::{Error, Result};

/// The most characters of a text that is quoted.
const QUOTED: usize = 200;

/// The most texts that are listed.
const LISTED: usize = 8;

/// The best verdict over the accepted outputs.
pub(super) fn best(accepted: &[String], one: impl Fn(&str) -> Verdict) -> Verdict {
    let verdicts = accepted.iter().map(|output| one(output));
    let none = || Verdict::missing("the row has no expected output");
    verdicts.reduce(Verdict::or_better).unwrap_or_else(none)
}

/// A verdict of right or wrong on what was read.
pub(super) fn judged(is_right: bool, read: &str, accepted: &[String]) -> Verdict {
    if accepted.is_empty() {
        return best(accepted, |_| Verdict::default());
    }
    let verdict = Verdict::from(is_right).or_feedback(|| wrong(read, accepted));
    verdict.reading(Some(read.to_owned()))
}

/// What was read is not accepted.
pub(super) fn wrong(read: &str, accepted: &[String]) -> String {
    match read.trim().is_empty() {
        true => format!("the answer is empty; accepted: {}", either(accepted)),
        false => format!("read {}; accepted: {}", quoted(read), either(accepted)),
    }
}

/// Nothing of the required form was found.
pub(super) fn nothing(what: &str, accepted: &[String]) -> String {
    format!("no {what} found; accepted: {}", either(accepted))
}

/// Texts of which each will do.
pub(super) fn either(texts: &[String]) -> String {
    joined(texts.iter().map(String::as_str), " or ")
}

/// A list of texts; `nothing` for an empty one.
pub(super) fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    joined(texts, ", ")
}

fn joined<'a>(texts: impl IntoIterator<Item = &'a str>, between: &str) -> String {
    let mut texts = texts.into_iter();
    let shown: Vec<String> = texts.by_ref().take(LISTED).map(quoted).collect();
    let mut said = shown.join(between);
    let more = texts.count();
    if more > 0 {
        // Writing to a String never fails.
        let _ = write!(said, " and {more} more");
    }
    if said.is_empty() { "nothing".to_owned() } else { said }
}

/// A text in quotes, its end left out where it is long.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        None => format!("{text:?}"),
        Some((end, _)) => format!("{:?}…", &text[..end]),
    }
}

/// Refuses an expected output that is empty: no answer can be right.
pub(super) fn refuse_empty(output: &str) -> Result<()> {
    match output.trim().is_empty() {
        false => Ok(()),
        true => Err(Error::data("the expected output is empty, so no answer can be right").with_help(
            "fill it in, leave the row out, or score with a metric that reads no expected output",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_and_long_lists_are_cut_between_characters() {
        let long = "é".repeat(300);
        assert_eq!(quoted(&long).chars().count(), QUOTED + 3);
        let many: Vec<String> = (0..11).map(|index| index.to_string()).collect();
        assert!(either(&many).ends_with("\"7\" and 3 more"));
        assert_eq!(wrong(" ", &["x".into()]), "the answer is empty; accepted: \"x\"");
        assert_eq!(judged(true, "x", &[]).score, None);
    }
}
