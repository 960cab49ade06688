//! Language models, behind one trait.
//!
//! A [`Model`] answers [`Request`]s. Generator, target and judge are roles: any model can play each of
//! them, if its [`Abilities`] cover what the role needs.

mod abilities;
mod completion;
mod embedder;
mod leave;
mod parameters;
mod request;
mod scripted;

pub use abilities::Abilities;
pub(crate) use completion::hidden_state;
pub use completion::{Completion, FinishReason};
pub use embedder::{Embedder, Embeddings};
pub use leave::Leave;
#[cfg(feature = "schema")]
pub(crate) use parameters::Section as ParametersSection;
pub use parameters::{Parameters, RoleParameters};
pub use request::{
    Computation, Decoding, Drawn, Entries, Exclude, LabelReply, LabelSearch, Labelled, Lesson,
    Message, MessageRole, Parts, Policy, PolicyReply, PolicyRun, Projection, Prompt, Request,
    Returns, SoftPrompt, Swap, SwapLoss, SwapReply, Swapped, TEMPLATE_TOKENS, TRIGGER, Trigger,
};
pub use scripted::Scripted;

use async_trait::async_trait;

use crate::counted::counted;
use crate::{Error, Result};

/// A language model: requests in, completions out.
///
/// Wrappers, such as [`Metered`](crate::calls::Metered), implement the same trait. A model makes one
/// attempt a request; who calls decides about the next.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use async_trait::async_trait;
/// use motjuste::Result;
/// use motjuste::model::{Completion, Decoding, Model, Request};
///
/// struct Shout;
///
/// #[async_trait]
/// impl Model for Shout {
///     fn id(&self) -> &str {
///         "shout@1"
///     }
///
///     async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
///         batch.iter().map(|request| Ok(Completion::of(request.text().to_uppercase()))).collect()
///     }
/// }
///
/// let answer = Shout.answer(&Request::new("hi", Decoding::greedy(8))).await.unwrap();
/// assert_eq!(answer.text, "HI");
/// # });
/// ```
#[async_trait]
pub trait Model: Send + Sync {
    /// The model's name and revision; part of every cache key. Two models that may answer one request
    /// differently have different ids.
    fn id(&self) -> &str;

    /// What it can do besides answering messages; by default nothing.
    fn abilities(&self) -> Abilities {
        Abilities::default()
    }

    /// Whether a call leaves this process, so that one that was begun may be charged for even if its
    /// answer never arrives. By default it does, which is never wrong, only slower.
    fn is_remote(&self) -> bool {
        true
    }

    /// How many requests to put into one call: the most that a failed call can lose.
    fn batch_size(&self) -> usize {
        1
    }

    /// Answers every request of a batch, in order, in one attempt.
    ///
    /// A completion depends on its request alone, never on its neighbours in the batch. A request for
    /// something outside the model's abilities is refused with [`Error::is_configuration`].
    ///
    /// # Errors
    /// For each request [`Error::is_model`] when no answer can be had; [`Error::is_transient`] when
    /// another attempt may succeed, and [`Error::may_be_billed`] when this one may have been charged
    /// for.
    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>>;

    /// As [`Self::complete`], sending only while there is leave to. A model whose requests wait for their turn
    /// asks the leave once it has come; by default they are sent at once.
    ///
    /// # Errors
    /// As [`Self::complete`], and what the leave ended with, for each request that was not sent.
    async fn complete_with_leave(
        &self,
        batch: &[Request],
        leave: Leave<'_>,
    ) -> Vec<Result<Completion>> {
        match leave.check() {
            Ok(()) => self.complete(batch).await,
            Err(error) => vec![Err(error); batch.len()],
        }
    }

    /// Answers one request.
    ///
    /// # Errors
    /// As [`Self::complete`].
    async fn answer(&self, request: &Request) -> Result<Completion> {
        let answers = self.complete(std::slice::from_ref(request)).await;
        answers.into_iter().next().unwrap_or_else(|| Err(no_answer(self.id(), 1, 0)))
    }
}

#[async_trait]
impl<M: Model + ?Sized> Model for std::sync::Arc<M> {
    fn id(&self) -> &str {
        (**self).id()
    }

    fn abilities(&self) -> Abilities {
        (**self).abilities()
    }

    fn is_remote(&self) -> bool {
        (**self).is_remote()
    }

    fn batch_size(&self) -> usize {
        (**self).batch_size()
    }

    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
        (**self).complete(batch).await
    }

    async fn complete_with_leave(
        &self,
        batch: &[Request],
        leave: Leave<'_>,
    ) -> Vec<Result<Completion>> {
        (**self).complete_with_leave(batch, leave).await
    }
}

/// A model gave another number of answers than there were requests.
pub(crate) fn no_answer(model: &str, requests: usize, answers: usize) -> Error {
    let (answers, requests) = (counted(answers, "answer"), counted(requests, "request"));
    Error::model(format!("{model} gave {answers} to {requests}"))
        .with_help("a model answers every request of a batch, in order")
}
