//! Finding the answer in a free-form reply, and telling whether it is the true one.
//!
//! A model that reasons before it answers cannot be judged by its whole reply. The metrics of OPRO
//! (arXiv 2309.03409) first extract a number, a boolean, a choice or a text. [`compat`] is the
//! published code, defects included; [`strict`], the default, reads the same replies without them.

pub mod compat;
mod labels;
pub mod strict;

use serde::{Deserialize, Serialize};

use super::{Metric, Mode};

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
#[derive(Debug, Clone, Copy)]
pub struct Reply<'a> {
    /// What the target wrote.
    pub text: &'a str,
    /// The question alone: strict choices are read from it.
    pub question: &'a str,
    /// The whole prompt, instruction included: the published code reads choices from that.
    pub prompt: &'a str,
}

impl AnswerKind {
    /// 1 when the reply gives the true answer, else 0.
    ///
    /// [`Mode::Compat`] is the published pipeline for scorers that are not GPT models, without a
    /// second round.
    ///
    /// ```
    /// use motjuste::metric::Mode;
    /// use motjuste::metric::answer::{AnswerKind, Reply};
    /// let reply = Reply { text: "Answer: eighteen eggs", question: "", prompt: "" };
    /// assert_eq!(AnswerKind::Number.score(&reply, "18", Mode::Strict), 1.0);
    /// assert_eq!(AnswerKind::Number.score(&reply, "18", Mode::Compat), 0.0);
    /// ```
    pub fn score(self, reply: &Reply<'_>, truth: &str, mode: Mode) -> f64 {
        match mode {
            Mode::Strict => strict::score(self, reply.text, reply.question, truth),
            Mode::Compat => self.published_score(reply, truth),
        }
    }

    /// The metric of this kind of answer.
    pub fn metric(self) -> Metric {
        match self {
            Self::Number => Metric::Number,
            Self::Boolean => Metric::Boolean,
            Self::Choice => Metric::Choice,
            Self::Text => Metric::Text,
        }
    }

    fn published_score(self, reply: &Reply<'_>, truth: &str) -> f64 {
        let prediction = compat::extract(reply.text, self, false);
        let choices_in = if self == Self::Choice { reply.prompt } else { "" };
        compat::accuracy(truth, &prediction, choices_in, compat::inclusion_counts(self))
    }
}
