//! How one answer is judged: a score in [0, 1].
//!
//! The metrics and their normalisation are those of the instruction-induction suite (Honovich et
//! al., arXiv 2205.10782), which APE, InstructZero and INSTINCT score with. [`Mode::Compat`]
//! reproduces that code, defects included; [`Mode::Strict`], the default, mends them. Answers that
//! must first be found in a reply are the business of [`answer`], with OPRO's metrics.

pub mod answer;
mod compare;
mod normalise;
pub mod python;

pub use normalise::normalise;

use answer::{AnswerKind, Reply};
use serde::{Deserialize, Serialize};

/// Judges an answer against the accepted outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// 1 when the answer equals an accepted output.
    ExactMatch,
    /// 1 when an accepted output stands in the answer between word boundaries.
    Contains,
    /// 1 when the answer has the same set of words as an accepted output.
    ExactSet,
    /// The best bag-of-words F1 against an accepted output.
    F1,
    /// 1 when the number found in the reply is the accepted one.
    Number,
    /// 1 when the truth value found in the reply is the accepted one.
    Boolean,
    /// 1 when the choice found in the reply is the accepted one.
    Choice,
    /// 1 when the text found in the reply is the accepted one.
    Text,
}

/// Which form of a metric.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// White space folded, signs kept, empty answers score 0, long lists do not "contain".
    #[default]
    Strict,
    /// The published code's behaviour, for comparison with published numbers.
    Compat,
}

impl Metric {
    /// All metrics by the names a task file uses.
    pub const NAMES: [(&'static str, Self); 8] = [
        ("exact_match", Self::ExactMatch),
        ("contains", Self::Contains),
        ("exact_set", Self::ExactSet),
        ("f1", Self::F1),
        ("number", Self::Number),
        ("boolean", Self::Boolean),
        ("choice", Self::Choice),
        ("text", Self::Text),
    ];

    /// What kind of answer it finds in a reply, if it looks for one.
    pub fn answer_kind(self) -> Option<AnswerKind> {
        match self {
            Self::Number => Some(AnswerKind::Number),
            Self::Boolean => Some(AnswerKind::Boolean),
            Self::Choice => Some(AnswerKind::Choice),
            Self::Text => Some(AnswerKind::Text),
            Self::ExactMatch | Self::Contains | Self::ExactSet | Self::F1 => None,
        }
    }

    /// The score of `answer`, in [0, 1]: the best over the `accepted` outputs.
    ///
    /// ```
    /// use motjuste::metric::{Metric, Mode};
    /// let accepted = ["ninety four".to_owned()];
    /// assert_eq!(Metric::ExactMatch.score("Ninety-four.", &accepted, Mode::Strict), 1.0);
    /// assert_eq!(Metric::ExactMatch.score("It is ninety-four.", &accepted, Mode::Strict), 0.0);
    /// ```
    pub fn score(self, answer: &str, accepted: &[String], mode: Mode) -> f64 {
        self.judge(&Reply { text: answer, ..Reply::default() }, accepted, mode)
    }

    /// As [`Self::score`], with the question that the reply answers: a choice may then be named by
    /// its text as well as by its letter.
    ///
    /// ```
    /// use motjuste::metric::answer::Reply;
    /// use motjuste::metric::{Metric, Mode};
    /// let question = "Where does the sun rise? (A) west (B) east";
    /// let reply = Reply { text: "In the east.", question, ..Reply::default() };
    /// assert_eq!(Metric::Choice.judge(&reply, &["(B)".to_owned()], Mode::Strict), 1.0);
    /// ```
    pub fn judge(self, reply: &Reply<'_>, accepted: &[String], mode: Mode) -> f64 {
        let one = |accepted: &String| match self {
            Self::ExactMatch => compare::exact_match(reply.text, accepted, mode),
            Self::Contains => compare::contains(reply.text, accepted, mode),
            Self::ExactSet => compare::exact_set(reply.text, accepted, mode),
            Self::F1 => compare::f1(reply.text, accepted, mode),
            Self::Number => AnswerKind::Number.score(reply, accepted, mode),
            Self::Boolean => AnswerKind::Boolean.score(reply, accepted, mode),
            Self::Choice => AnswerKind::Choice.score(reply, accepted, mode),
            Self::Text => AnswerKind::Text.score(reply, accepted, mode),
        };
        accepted.iter().map(one).fold(0.0, f64::max)
    }
}
