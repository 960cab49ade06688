//! Metrics: how one answer is scored, in [0, 1], and why.
//!
//! | name | right when | settings |
//! |---|---|---|
//! | `exact` (also `exact_match`) | the answer is an accepted one, byte for byte, but for white space around it | – |
//! | `exact_ignore_case` | the same, under Unicode's full case folding | – |
//! | `normalized` | the same, [`normalized`] | – |
//! | `contains` | an accepted text stands anywhere in the answer, as whole words | – |
//! | `regex` | an accepted output, or the pattern, matches in the answer | `pattern`, `ignore_case` |
//! | `label` (also `one_of`) | one label of a set stands in the answer, and it is an accepted one | `labels` |
//! | `labels` | the answer lists the accepted items: F1, Jaccard or all of them | `score`, `labels` |
//! | `number` | the number in the answer is the accepted one | `tolerance`, `relative`, `decimal` |
//! | `json` | the answer is the accepted JSON value, or holds it as its one object or list, with a sentence or a code fence around; or the share of the named fields that are right | `fields` |
//! | `f1` | F1 of the bags of words | – |
//! | `rouge_l` | F1 of the longest common subsequence of words | – |
//! | `induction_…`, `opro_…` | what the published code calls right | `mode` |
//!
//! A metric is a type that implements [`Metric`]; its file and its line in the [`registry`] are all there
//! is to it. Every answer that is not fully right is told with what was read and what is accepted.
//!
//! The comparisons of the instruction-induction suite (Honovich et al., arXiv 2205.10782) and the answers
//! that OPRO finds in replies (arXiv 2309.03409) are in [`published`], bit for bit, each as the published
//! code has it ([`Mode::Compat`]) and without that code's faults ([`Mode::Strict`]).

pub mod answer;
mod compare;
mod contains;
mod exact;
mod feedback;
mod identity;
mod json;
mod label;
mod labels;
mod normalise;
mod number;
mod overlap;
pub mod published;
pub mod python;
mod reading;
pub mod registry;
mod regular;
mod rouge;
mod text;
mod words;

pub use contains::Contains;
pub use exact::{Exact, ExactIgnoreCase, Normalized};
pub use json::Json;
pub use label::Label;
pub use labels::{Labels, SetScore};
pub use normalise::normalise;
pub use number::{DecimalSign, Number};
pub use overlap::F1;
pub use published::Published;
pub use reading::{Read, answer_alone};
pub use regular::Regex;
pub use rouge::RougeL;
pub use text::normalized;

use std::collections::BTreeSet;
use std::fmt::Debug;

use answer::Reply;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::verdict::Verdict;

/// Scores one reply against the accepted outputs of its row.
///
/// ```
/// use motjuste::metric::answer::Reply;
/// use motjuste::metric::{Exact, Metric};
/// let verdict = Exact::default().judge(&Reply::of("1.99"), &["1.20".to_owned()]);
/// assert_eq!(verdict.score, Some(0.0));
/// assert_eq!(verdict.feedback.as_deref(), Some("read \"1.99\"; accepted: \"1.20\""));
/// ```
pub trait Metric: Debug + Send + Sync {
    /// Its name and settings, in words: part of a study's identity.
    fn id(&self) -> String;

    /// What it needs a row's expected output to be.
    fn expects(&self) -> Expects {
        Expects::default()
    }

    /// Whether a thinking block and one code fence around the answer are taken off before it is read,
    /// where the task does not say.
    fn reads_the_answer_alone(&self) -> bool {
        true
    }

    /// Refuses settings that have no meaning.
    ///
    /// # Errors
    /// [`Error::is_configuration`](crate::Error::is_configuration), naming the setting.
    fn check_settings(&self) -> Result<()> {
        Ok(())
    }

    /// Takes what it needs to know from the outputs of all rows: the labels there are.
    fn learn(&mut self, outputs: &BTreeSet<&str>) {
        let _ = outputs;
    }

    /// Refuses an expected output that no answer can reach.
    ///
    /// # Errors
    /// [`Error::is_data`](crate::Error::is_data), saying why.
    fn check_output(&self, output: &str) -> Result<()> {
        feedback::refuse_empty(output)
    }

    /// The verdict on a reply; of several accepted outputs, the best. What is not fully right carries what
    /// was read, and what is accepted.
    fn judge(&self, reply: &Reply<'_>, accepted: &[String]) -> Verdict;
}

/// What a score needs a row's expected output to be: data files are read by it.
///
/// ```
/// use motjuste::metric::{Expects, Json, Metric, Number};
/// assert_eq!(Number::default().expects(), Expects { outputs: true, lists: false });
/// assert!(Json::default().expects().lists);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expects {
    /// Whether expected outputs are read at all: rows may lack them where they are not.
    pub outputs: bool,
    /// Whether a bare list in a data file is one answer that is a list; otherwise it lists alternatives.
    pub lists: bool,
}

impl Default for Expects {
    /// Expected outputs, and lists of alternatives.
    fn default() -> Self {
        Self { outputs: true, lists: false }
    }
}

impl Expects {
    /// No expected output is read.
    pub const NOTHING: Self = Self { outputs: false, lists: false };
    /// A list is one answer.
    pub const LISTS: Self = Self { outputs: true, lists: true };
}

/// Which form of a published metric.
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
