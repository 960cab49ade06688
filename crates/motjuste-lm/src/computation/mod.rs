//! What a model with open weights computes in place of a text: the swaps of a trigger, label tokens, a
//! policy.
//!
//! - [`swap`]: one iteration of AutoPrompt (arXiv 2010.15980), after HotFlip (arXiv 1712.06751): a gradient,
//!   the candidates that it promises most of, their exact losses;
//! - [`labels`]: the label tokens of AutoPrompt, by a logistic regression on hidden states;
//! - [`policy`]: RLPrompt (arXiv 2205.12548), a small network between the frozen model and its output matrix,
//!   trained by soft Q-learning.
//!
//! What they share: where rows and triggers get their tokens ([`rows`], [`trigger`]), which tokens may be
//! written ([`words`]), losses by the ordinary forward pass ([`exact`]), steps of Adam ([`adam`]). No weight
//! of the model is ever changed. An answer is a function of its request alone: the same bits in any company
//! and on any number of threads.

mod adam;
mod exact;
mod labels;
mod open;
mod policy;
mod ranking;
mod regression;
mod rows;
mod swap;
mod task;
#[cfg(test)]
mod tests;
mod trigger;
mod words;

use motjuste::model::{Completion, Computation, FinishReason, Request};
use motjuste::usage::Usage;
use motjuste::{Error, Result};
use serde::Serialize;

use crate::forward::Decoder;
use crate::gradient::Packed;
use crate::text::Text;
use open::Open;
use policy::Policies;

/// What is kept between the computations of one model.
pub(crate) struct Computations {
    packed: Packed,
    policies: Policies,
}

/// A reply, and how many tokens were read for it.
type Reply<T> = (T, usize);

impl Computations {
    /// Nothing yet, for a decoder of so many layers.
    pub(crate) fn new(layers: usize) -> Self {
        Self { packed: Packed::new(layers), policies: Policies::default() }
    }

    /// The answer to a request for a computation.
    ///
    /// # Errors
    /// When a row, a trigger or a setting makes no sense for this model, before anything is computed.
    pub(crate) fn answer(
        &self,
        (decoder, text): (&Decoder, &Text),
        request: &Request,
        computation: &Computation,
    ) -> Result<Completion> {
        let open = Open { decoder, text, packed: &self.packed };
        match computation {
            Computation::Swap(swap) => completion(swap::answer(&open, swap)?),
            Computation::Labels(search) => completion(labels::answer(&open, search)?),
            Computation::Policy(run) => {
                completion(policy::answer(&open, &self.policies, &request.prompt, run)?)
            }
            _ => Err(Error::model("an open model does not know this computation")),
        }
    }
}

/// A reply as the text of a completion.
fn completion((reply, tokens): Reply<impl Serialize>) -> Result<Completion> {
    let text = serde_json::to_string(&reply)
        .map_err(|e| Error::model(format!("a reply cannot be written: {e}")).with_source(e))?;
    let usage = Usage { tokens_in: tokens as u64, tokens_out: 0 };
    Ok(Completion { text, finish_reason: FinishReason::Stop, usage, ..Completion::default() })
}
