//! A metric that is a Rust function.

use std::fmt;

use async_trait::async_trait;

use super::{Answer, Score, Verdict};
use crate::Result;
use crate::model::Model;

/// A metric that is a function of one answer; see [`from_fn`].
pub struct Function<F> {
    id: String,
    function: F,
}

/// A metric that is a function of one answer. The id is part of a study's identity: change it whenever the
/// function changes.
///
/// ```
/// use motjuste::score::{Score, from_fn};
/// let short = from_fn("short, edition 1", |answer| answer.text.len() < 20);
/// assert_eq!(short.id(), "short, edition 1");
/// ```
pub fn from_fn<F, V>(id: impl Into<String>, function: F) -> Function<F>
where
    F: Fn(&Answer<'_>) -> V + Send + Sync,
    V: Into<Verdict>,
{
    Function { id: id.into(), function }
}

impl<F> fmt::Debug for Function<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Function").field(&self.id).finish()
    }
}

#[async_trait]
impl<F, V> Score for Function<F>
where
    F: Fn(&Answer<'_>) -> V + Send + Sync,
    V: Into<Verdict>,
{
    fn id(&self) -> String {
        self.id.clone()
    }

    async fn score(&self, answers: &[Answer<'_>], _: Option<&dyn Model>) -> Result<Vec<Verdict>> {
        Ok(answers.iter().map(|answer| (self.function)(answer).into()).collect())
    }
}
