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
