//! How an answer is turned into a score, behind one trait: a metric of ours, a program of the user's, a
//! judging language model, or a function.

mod bare;
mod built_in;
mod function;
mod judge;
mod program;

pub use crate::metric::Expects;
pub use crate::verdict::Verdict;
pub use bare::Bare;
pub use built_in::BuiltIn;
pub use function::{Function, from_fn};
pub use judge::Judge;
pub use program::Program;

use std::fmt::Debug;

use async_trait::async_trait;

use crate::example::Example;
use crate::model::{Completion, FinishReason, Model};
use crate::usage::Usage;
use crate::{Error, Result};

/// Scores answers.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use async_trait::async_trait;
/// use motjuste::Result;
/// use motjuste::model::Model;
/// use motjuste::score::{Answer, Score, Verdict};
///
/// /// Half a point for the first letter, half for the length.
/// #[derive(Debug)]
/// struct Near;
///
/// #[async_trait]
/// impl Score for Near {
///     fn id(&self) -> String {
///         "near, edition 1".to_owned()
///     }
///
///     async fn score(&self, answers: &[Answer<'_>], _: Option<&dyn Model>) -> Result<Vec<Verdict>> {
///         let one = |answer: &Answer<'_>| {
///             let accepted = &answer.example.outputs[0];
///             let first = answer.text.chars().next() == accepted.chars().next();
///             let length = answer.text.len() == accepted.len();
///             Verdict::from(0.5 * f64::from(u8::from(first)) + 0.5 * f64::from(u8::from(length)))
///         };
///         Ok(answers.iter().map(one).collect())
///     }
/// }
/// # });
/// ```
#[async_trait]
pub trait Score: Debug + Send + Sync {
    /// What determines the scores, in words: part of a study's identity.
    fn id(&self) -> String;

    /// What it needs a row's expected output to be.
    fn expects(&self) -> Expects {
        Expects::default()
    }

    /// The name of the judging model, where there is one.
    fn judge(&self) -> Option<&str> {
        None
    }

    /// The most calls to the judge that scoring one answer takes.
    fn judge_calls(&self) -> u64 {
        1
    }

    /// Whether it can read this reply of the judge. One that it cannot is kept for the step it was asked in,
    /// so that a step that is interrupted goes on as it began, and answers nobody else.
    fn can_read(&self, reply: &Completion) -> bool {
        let _ = reply;
        true
    }

    /// The most tokens that scoring this answer can take of the judge, in all its calls.
    ///
    /// # Errors
    /// When the judge cannot be asked about it.
    fn worst_case(&self, answer: &Answer<'_>) -> Result<Usage> {
        let _ = answer;
        Ok(Usage::default())
    }

    /// One verdict for each answer, in order. `judge` is the model of the name that
    /// [`Self::judge`] gives; calls to it are on the study's bill.
    ///
    /// # Errors
    /// When scoring fails as a whole; a single answer that cannot be scored is [`Verdict::missing`].
    async fn score(
        &self,
        answers: &[Answer<'_>],
        judge: Option<&dyn Model>,
    ) -> Result<Vec<Verdict>>;
}

/// Refuses a scale that is none.
fn check_scale(scale: f64) -> Result<()> {
    match scale.is_finite() && scale > 0.0 {
        true => Ok(()),
        false => Err(Error::configuration(format!("the scale {scale} cannot be used"))
            .with_help("a scale is the score of a perfect answer: a number above 0, such as 100")),
    }
}

/// One answer to be scored.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// What was asked, and what is accepted.
    pub example: &'a Example,
    /// The whole prompt that was answered, instruction included.
    pub prompt: &'a str,
    /// What the target wrote, without the white space around it.
    pub text: &'a str,
    /// Why it ends there.
    pub finish_reason: FinishReason,
    /// Whether the target was shown its reply and asked for the answer alone.
    pub second_round: bool,
}

impl<'a> Answer<'a> {
    /// An answer whose prompt does not matter.
    pub fn to(example: &'a Example, text: &'a str) -> Self {
        let finish_reason = FinishReason::Stop;
        Self { example, prompt: "", text, finish_reason, second_round: false }
    }
}
