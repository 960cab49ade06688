//! The published scoring of OPRO (arXiv 2309.03409), defects included, for comparison with
//! published numbers.
//!
//! [`normalise`] turns a reply into an answer, [`accuracy`] compares it with the true one. The
//! defects are listed in `FIDELITY.md`; [`super::strict`] mends them.

mod accuracy;
mod choice;
mod normalise;
mod number;

pub use accuracy::accuracy;
pub use choice::{choice_index, choice_text};
pub use normalise::normalise;

use serde::{Deserialize, Serialize};

use super::AnswerKind;
use crate::metric::python::{first_group, strip};

/// What the published extraction takes an answer for; choices are text to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// A number, rounded to so many decimals.
    Number {
        /// Decimals that are kept; 0 in every published run.
        decimals: usize,
    },
    /// One of true, false, yes, no, valid and invalid; 0 and 1 are read as false and true.
    Boolean {
        /// Decimals of the number that is compared with 0 and 1; 0 in every published run.
        decimals: usize,
    },
    /// Anything else.
    Text,
}

impl From<AnswerKind> for Form {
    fn from(kind: AnswerKind) -> Self {
        match kind {
            AnswerKind::Number => Self::Number { decimals: 0 },
            AnswerKind::Boolean => Self::Boolean { decimals: 0 },
            AnswerKind::Choice | AnswerKind::Text => Self::Text,
        }
    }
}

/// The answer that the published pipeline finds in a reply; `boxed` is on for GPT scorers.
///
/// The content of the first `\boxed{…}`, else the normalised reply; then without colons around it,
/// its first line, up to `Q:`. A `\boxed` without braces, which stops the published code, is read as
/// any other text.
pub fn extract(reply: &str, kind: AnswerKind, boxed: bool) -> String {
    first_line(&extract_last(reply, kind, boxed)).to_owned()
}

/// As [`extract`], of the answer to a second round: all of it, not its first line alone.
pub fn extract_last(reply: &str, kind: AnswerKind, boxed: bool) -> String {
    let content = boxed.then(|| first_boxed(reply)).flatten();
    content.unwrap_or_else(|| normalise(reply, kind.into()))
}

fn first_boxed(reply: &str) -> Option<String> {
    let group = first_group(reply, "\\boxed{", "}")?;
    Some(group["\\boxed{".len()..group.len() - 1].to_owned())
}

fn first_line(answer: &str) -> &str {
    let line = strip(answer.trim_matches(':')).split('\n').next().unwrap_or_default();
    line.split("Q:").next().unwrap_or_default()
}

/// Whether a prediction that merely includes the true answer counts: always, but for numbers.
pub fn inclusion_counts(kind: AnswerKind) -> bool {
    kind != AnswerKind::Number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boxed_answer_is_taken_from_gpt_scorers_alone() {
        let reply = r"so \boxed{\frac{1}{2}}";
        assert_eq!(extract(reply, AnswerKind::Number, true), r"\frac{1");
        assert_eq!(extract(reply, AnswerKind::Number, false), "2");
        assert_eq!(extract("\\boxed 5", AnswerKind::Number, true), "5");
    }

    #[test]
    fn the_answer_of_a_second_round_keeps_its_colons() {
        assert_eq!(extract_last("(b): east", AnswerKind::Text, false), "(b)");
        assert_eq!(extract_last(": one\ntwo", AnswerKind::Text, false), ": one\ntwo");
    }

    #[test]
    fn the_answer_is_one_line_without_colons() {
        assert_eq!(extract("answer is : (b)", AnswerKind::Choice, false), "(b)");
        assert_eq!(extract("one\ntwo", AnswerKind::Text, false), "one");
    }
}
