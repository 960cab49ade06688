//! The comparisons of published code, for its suites: bit for bit, or without its faults.
//!
//! The four of the instruction-induction suite (Honovich et al., arXiv 2205.10782), which APE,
//! InstructZero and INSTINCT score with, have names that begin with `induction_` in a task file; the four
//! kinds of answers that OPRO (arXiv 2309.03409) finds in replies, names that begin with `opro_`. None of
//! them takes a thinking block or a code fence off an answer, unless the task says so.

use serde::{Deserialize, Serialize};

use super::answer::{AnswerKind, Reply};
use super::{Metric, Mode, compare, feedback, normalise};
use crate::verdict::Verdict;

/// A published comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Published {
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

impl Published {
    /// The comparison of answers of this kind.
    pub fn of(kind: AnswerKind) -> Self {
        match kind {
            AnswerKind::Number => Self::Number,
            AnswerKind::Boolean => Self::Boolean,
            AnswerKind::Choice => Self::Choice,
            AnswerKind::Text => Self::Text,
        }
    }

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
    /// use motjuste::metric::{Mode, Published};
    /// let accepted = ["ninety four".to_owned()];
    /// let score = |answer| Published::ExactMatch.score(answer, &accepted, Mode::Strict);
    /// assert_eq!(score("Ninety-four."), 1.0);
    /// assert_eq!(score("It is ninety-four."), 0.0);
    /// ```
    pub fn score(self, answer: &str, accepted: &[String], mode: Mode) -> f64 {
        self.score_reply(&Reply::of(answer), accepted, mode)
    }

    /// As [`Self::score`], with the question that the reply answers: a choice may then be named by
    /// its text as well as by its letter.
    ///
    /// ```
    /// use motjuste::metric::answer::Reply;
    /// use motjuste::metric::{Mode, Published};
    /// let question = "Where does the sun rise? (A) west (B) east";
    /// let reply = Reply { question, ..Reply::of("In the east.") };
    /// assert_eq!(Published::Choice.score_reply(&reply, &["(B)".to_owned()], Mode::Strict), 1.0);
    /// ```
    pub fn score_reply(self, reply: &Reply<'_>, accepted: &[String], mode: Mode) -> f64 {
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

    /// Its name among the published comparisons: which one it is, in a study's identity.
    fn name(self) -> &'static str {
        match self {
            Self::ExactMatch => "exact_match",
            Self::Contains => "contains",
            Self::ExactSet => "exact_set",
            Self::F1 => "f1",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Choice => "choice",
            Self::Text => "text",
        }
    }
}

/// A published comparison, in one of its forms, as a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublishedMetric {
    /// Which one.
    comparison: Published,
    /// As the published code has it, or without its faults.
    mode: Mode,
    /// Whether `\boxed{…}` holds the answer, as in OPRO's code for GPT models.
    boxed: Option<AnswerKind>,
}

impl PublishedMetric {
    /// A comparison in this form.
    pub fn new(comparison: Published, mode: Mode) -> Self {
        Self { comparison, mode, boxed: None }
    }

    /// The published code of OPRO as it is for GPT models: `\boxed{…}` holds the answer.
    pub fn boxed(kind: AnswerKind) -> Self {
        Self { comparison: Published::of(kind), mode: Mode::Compat, boxed: Some(kind) }
    }

    fn score(&self, reply: &Reply<'_>, accepted: &[String]) -> f64 {
        match self.boxed {
            None => self.comparison.score_reply(reply, accepted, self.mode),
            Some(kind) => {
                let scores = accepted.iter().map(|truth| kind.boxed_score(reply, truth));
                scores.fold(0.0, f64::max)
            }
        }
    }

    /// What the comparison reads in the reply, in words; none where it finds no answer.
    fn read(&self, reply: &Reply<'_>) -> Option<String> {
        match self.comparison.answer_kind() {
            None => Some(normalise(reply.text, self.mode)).filter(|read| !read.is_empty()),
            Some(kind) => kind.read(reply, self.mode, self.boxed.is_some()),
        }
    }
}

impl Metric for PublishedMetric {
    fn id(&self) -> String {
        let form = match (self.mode, self.boxed) {
            (_, Some(_)) => "compat, boxed",
            (Mode::Strict, None) => "strict",
            (Mode::Compat, None) => "compat",
        };
        format!("{}, {form}", self.comparison.name())
    }

    fn reads_the_answer_alone(&self) -> bool {
        false
    }

    /// The published suites hold outputs that no answer reaches, and score on them.
    fn check_output(&self, _: &str) -> crate::Result<()> {
        Ok(())
    }

    fn judge(&self, reply: &Reply<'_>, accepted: &[String]) -> Verdict {
        let read = self.read(reply);
        let verdict = Verdict::from(self.score(reply, accepted));
        let verdict = match &read {
            Some(read) => verdict.or_feedback(|| feedback::wrong(read, accepted)),
            None => verdict.or_feedback(|| feedback::nothing("answer", accepted)),
        };
        verdict.reading(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_study_of_before_is_still_the_same_study() {
        let id = |metric: PublishedMetric| metric.id();
        assert_eq!(id(PublishedMetric::new(Published::F1, Mode::Strict)), "f1, strict");
        assert_eq!(
            id(PublishedMetric::new(Published::ExactSet, Mode::Compat)),
            "exact_set, compat"
        );
        assert_eq!(id(PublishedMetric::boxed(AnswerKind::Number)), "number, compat, boxed");
    }

    #[test]
    fn wrong_answers_are_told_as_they_are_read() {
        let accepted = ["18".to_owned()];
        let strict = PublishedMetric::new(Published::Number, Mode::Strict);
        let said = |text| strict.judge(&Reply::of(text), &accepted);
        assert_eq!(said("Answer: eighteen eggs").feedback, None);
        let wrong = said("The answer is 19 eggs").feedback.unwrap();
        assert_eq!(wrong, "read \"19\"; accepted: \"18\"");
        assert_eq!(said("who knows").feedback.unwrap(), "no answer found; accepted: \"18\"");
        let exact = PublishedMetric::new(Published::ExactMatch, Mode::Strict);
        let wrong = exact.judge(&Reply::of("The cat. Because"), &["dog".to_owned()]);
        assert_eq!(wrong.feedback.unwrap(), "read \"the cat\"; accepted: \"dog\"");
    }
}
