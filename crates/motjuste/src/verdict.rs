//! What an answer is worth.

use std::collections::BTreeMap;

/// A score, or none; what was said about the answer; and the parts that the score is made of.
///
/// ```
/// use motjuste::score::Verdict;
/// assert_eq!(Verdict::from(true).score, Some(1.0));
/// assert_eq!(Verdict::missing("the judge gave no points").score, None);
/// assert_eq!(Verdict::from(0.5).with_feedback("too long").feedback.as_deref(), Some("too long"));
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Verdict {
    /// The score, in [0, 1]; none when there is none to be had, which is never a 0.
    pub score: Option<f64>,
    /// What there is to say about the answer, for people and for methods that read it.
    pub feedback: Option<String>,
    /// Scores by name that the score is made of.
    pub parts: BTreeMap<String, f64>,
    /// What was taken for the answer, where the metric looks for it in what the target wrote.
    pub read: Option<String>,
}

impl Verdict {
    /// No score, and why.
    pub fn missing(why: impl Into<String>) -> Self {
        Self { feedback: Some(why.into()), ..Self::default() }
    }

    /// The same verdict with something to say about the answer.
    #[must_use]
    pub fn with_feedback(self, feedback: impl Into<String>) -> Self {
        Self { feedback: Some(feedback.into()), ..self }
    }

    /// The same verdict, saying what was taken for the answer.
    ///
    /// ```
    /// use motjuste::score::Verdict;
    /// assert_eq!(Verdict::from(1.0).reading(Some("12".into())).read.as_deref(), Some("12"));
    /// ```
    #[must_use]
    pub fn reading(self, read: Option<String>) -> Self {
        Self { read, ..self }
    }

    /// The same verdict, with something to say about an answer that is not fully right.
    ///
    /// ```
    /// use motjuste::score::Verdict;
    /// assert_eq!(Verdict::from(1.0).or_feedback(|| "?".into()).feedback, None);
    /// assert_eq!(Verdict::from(0.5).or_feedback(|| "half".into()).feedback.as_deref(), Some("half"));
    /// ```
    #[must_use]
    pub fn or_feedback(self, feedback: impl FnOnce() -> String) -> Self {
        match self.score {
            Some(score) if score < 1.0 => self.with_feedback(feedback()),
            _ => self,
        }
    }

    /// The better of two verdicts on the same answer; the first, where they are alike.
    #[must_use]
    pub(crate) fn or_better(self, other: Self) -> Self {
        if other.score > self.score { other } else { self }
    }
}

impl From<f64> for Verdict {
    fn from(score: f64) -> Self {
        Self { score: Some(score), ..Self::default() }
    }
}

impl From<bool> for Verdict {
    fn from(is_right: bool) -> Self {
        Self::from(if is_right { 1.0 } else { 0.0 })
    }
}
