//! How one answer is judged: a score in [0, 1].
//!
//! The metrics and their normalisation are those of the instruction-induction suite (Honovich et
//! al., arXiv 2205.10782), which APE, InstructZero and INSTINCT score with. [`Mode::Compat`]
//! reproduces that code, defects included; [`Mode::Strict`], the default, mends them.

mod compare;
mod normalise;

pub use normalise::normalise;

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
}

/// Which form of a metric.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    pub const NAMES: [(&'static str, Self); 4] = [
        ("exact_match", Self::ExactMatch),
        ("contains", Self::Contains),
        ("exact_set", Self::ExactSet),
        ("f1", Self::F1),
    ];

    /// The score of `answer`, in [0, 1]: the best over the `accepted` outputs.
    ///
    /// ```
    /// use motjuste::metric::{Metric, Mode};
    /// let accepted = ["ninety four".to_owned()];
    /// assert_eq!(Metric::ExactMatch.score("Ninety-four.", &accepted, Mode::Strict), 1.0);
    /// assert_eq!(Metric::ExactMatch.score("It is ninety-four.", &accepted, Mode::Strict), 0.0);
    /// ```
    pub fn score(self, answer: &str, accepted: &[String], mode: Mode) -> f64 {
        let one = |accepted: &String| match self {
            Self::ExactMatch => compare::exact_match(answer, accepted, mode),
            Self::Contains => compare::contains(answer, accepted, mode),
            Self::ExactSet => compare::exact_set(answer, accepted, mode),
            Self::F1 => compare::f1(answer, accepted, mode),
        };
        accepted.iter().map(one).fold(0.0, f64::max)
    }
}
