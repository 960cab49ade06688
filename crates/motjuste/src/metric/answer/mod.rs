//! Finding the answer in a free-form reply, and telling whether it is the true one.
//!
//! A model that reasons before it answers cannot be judged by its whole reply. The metrics of OPRO
//! (arXiv 2309.03409) first extract a number, a boolean, a choice or a text. [`compat`] is the
//! published code, defects included; [`strict`], the default, reads the same replies without them.

pub mod compat;
mod labels;
pub mod strict;

use serde::{Deserialize, Serialize};

use super::Mode;
use super::python::strip;

/// What kind of answer a question has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerKind {
    /// A number: GSM8K, arithmetic, counting.
    Number,
    /// True or false, yes or no, valid or invalid.
    Boolean,
    /// The letter of one of the question's choices, `(A)` to `(Z)`.
    Choice,
    /// Any other text.
    Text,
}

/// A reply and what it replies to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reply<'a> {
    /// What the target wrote.
    pub text: &'a str,
    /// The question alone: strict choices are read from it.
    pub question: &'a str,
    /// The whole prompt, instruction included: the published code reads choices from that.
    pub prompt: &'a str,
    /// Whether the target was asked for the answer alone.
    pub second_round: bool,
}

impl<'a> Reply<'a> {
    /// A reply whose question does not matter.
    pub fn of(text: &'a str) -> Self {
        Self { text, ..Self::default() }
    }
}

/// The prompt of a second round: the first one, the reply up to a next `Q:`, and the question for the
/// answer alone.
///
/// ```
/// use motjuste::metric::answer::second_round;
/// assert_eq!(second_round("Q: 1+1?\n\nA:", "It is 2. Q: 3"), "Q: 1+1?\n\nA: It is 2. So the final answer is");
/// ```
pub fn second_round(prompt: &str, reply: &str) -> String {
    let kept = strip(reply.split("Q:").next().unwrap_or_default());
    format!("{prompt} {kept} So the final answer is")
}

impl AnswerKind {
    /// 1 when the reply gives the true answer, else 0.
    ///
    /// [`Mode::Compat`] is the published pipeline for scorers that are not GPT models;
    /// [`Self::boxed_score`] is the one for those.
    ///
    /// ```
    /// use motjuste::metric::Mode;
    /// use motjuste::metric::answer::{AnswerKind, Reply};
    /// let reply = Reply { text: "Answer: eighteen eggs", ..Reply::default() };
    /// assert_eq!(AnswerKind::Number.score(&reply, "18", Mode::Strict), 1.0);
    /// assert_eq!(AnswerKind::Number.score(&reply, "18", Mode::Compat), 0.0);
    /// ```
    pub fn score(self, reply: &Reply<'_>, truth: &str, mode: Mode) -> f64 {
        match mode {
            Mode::Strict => strict::score(self, reply.text, reply.question, truth),
            Mode::Compat => self.published_score(reply, truth, false),
        }
    }

    /// As [`Self::score`] in compat, where the content of a `\boxed{…}` is the answer: the published
    /// code does so for GPT scorers once the search is over.
    ///
    /// ```
    /// use motjuste::metric::Mode;
    /// use motjuste::metric::answer::{AnswerKind, Reply};
    /// let reply = Reply { text: r"\boxed{4} of 5", ..Reply::default() };
    /// assert_eq!(AnswerKind::Number.boxed_score(&reply, "4"), 1.0);
    /// assert_eq!(AnswerKind::Number.score(&reply, "4", Mode::Compat), 0.0);
    /// ```
    pub fn boxed_score(self, reply: &Reply<'_>, truth: &str) -> f64 {
        self.published_score(reply, truth, true)
    }

    /// The answer that is found in the reply, in words; none where there is none.
    pub(crate) fn read(self, reply: &Reply<'_>, mode: Mode, boxed: bool) -> Option<String> {
        let found = match mode {
            Mode::Strict => strict::extract(reply.text, self, reply.question)?.to_string(),
            Mode::Compat => self.predicted(reply, boxed),
        };
        Some(found).filter(|found| !found.is_empty())
    }

    fn predicted(self, reply: &Reply<'_>, boxed: bool) -> String {
        match reply.second_round {
            true => compat::extract_last(reply.text, self, boxed),
            false => compat::extract(reply.text, self, boxed),
        }
    }

    fn published_score(self, reply: &Reply<'_>, truth: &str, boxed: bool) -> f64 {
        let prediction = self.predicted(reply, boxed);
        let choices_in = if self == Self::Choice { reply.prompt } else { "" };
        compat::accuracy(truth, &prediction, choices_in, compat::inclusion_counts(self))
    }
}
