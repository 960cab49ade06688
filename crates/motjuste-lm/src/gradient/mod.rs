//! The gradient of a loss in the embeddings that a decoder reads (reverse-mode differentiation).
//!
//! A row is a text as embeddings, of shape (tokens, hidden), with aims at some of its places: an aim S at a
//! place loses −log Σ p over the tokens S, p being the model's distribution of what follows that place, and
//! the row's loss is the mean over its aims. One token an aim is the negative log-likelihood of an answer,
//! taught token by token; one aim of several tokens is the label loss of AutoPrompt (arXiv 2010.15980,
//! equation 1).
//!
//! One backward pass through the decoder gives ∂loss/∂e for every embedding e of the row. No weight has a
//! gradient, so a linear map y = W x + b costs one product more, ∂x = Wᵀ ∂y. Which map, norm, window,
//! rotation and cap there are is what the [`Config`](crate::config::Config) says, for every family; the
//! formulas stand with the parts:
//!
//! - [`head`]: the final norm, the logits and their cap, the losses;
//! - [`layer`]: the two residual branches of a layer, with norms in front and behind;
//! - [`attention`]: rotations, scores and their cap, windows, softmax;
//! - [`gate`] and [`norm`]: the gated feed-forward part, root-mean-square norms.
//!
//! **Arithmetic.** f32 throughout, on the values that the weights stand for: a matrix that is kept quantised
//! is opened into f32 first, so there the loss is that of the opened weights, and not the one of the ordinary
//! pass, which also rounds activations. With weights in f32 the pass forward has the bits of the ordinary
//! one.
//!
//! **Memory.** The pass forward keeps what each layer reads and nothing else, layers · tokens · hidden
//! numbers; the pass back computes the inside of a layer again, one layer at a time (gradient checkpointing,
//! arXiv 1604.06174). Rows go in groups of at most [`TOKENS`] tokens, logits in blocks of bounded size. The
//! transposed matrices take as much as the model in f32, from the first gradient on ([`Packed`]).
//!
//! **Time.** Some 3.4 times that of the ordinary pass over the same rows: there, there again, and back.
//!
//! **Determinism.** A row's loss and gradient have the same bits alone, in any batch and on any number of
//! threads. Every matrix product is one chain over its inner index ([`kernel`](crate::kernel)), every other
//! sum lies within one row or one group of attention heads of one row and is added up by one thread in a
//! fixed order.

mod attention;
mod gate;
mod group;
mod head;
mod layer;
mod maps;
mod norm;
mod packed;
#[cfg(test)]
mod tests;

use std::ops::Range;

use rayon::prelude::*;

use crate::batches::is_small;
use crate::forward::Decoder;
pub(crate) use packed::Packed;

/// Tokens in a group of rows that go through the layers together, if they are more than one row.
const TOKENS: usize = 512;

/// A text, and what is to follow some of its tokens.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// What the first layer reads, shape (tokens, hidden).
    pub(crate) embeddings: Vec<f32>,
    pub(crate) aims: Vec<Aim>,
    /// The tokens whose embeddings' gradient is returned.
    pub(crate) wanted: Range<usize>,
}

/// Tokens one of which is to follow a place of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Aim {
    /// The place of the token in front of them.
    pub(crate) place: usize,
    /// At least one, each once.
    pub(crate) tokens: Vec<u32>,
}

/// What a row loses, and how that changes with its embeddings.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Graded {
    pub(crate) loss: f64,
    /// Shape (wanted tokens, hidden).
    pub(crate) gradient: Vec<f32>,
}

/// Loss and gradient of each row, in order. Every row has a token and an aim, and fits into the context.
pub(crate) fn gradients(decoder: &Decoder, packed: &Packed, rows: &[Row]) -> Vec<Graded> {
    let groups = groups(rows, decoder.config.hidden);
    let graded = |range: &Range<usize>| group::graded(decoder, packed, &rows[range.clone()]);
    // Groups of a large model follow each other, so that only one of them holds its layers' inputs.
    if is_small(decoder) {
        groups.par_iter().flat_map_iter(graded).collect()
    } else {
        groups.iter().flat_map(graded).collect()
    }
}

/// Consecutive rows of at most [`TOKENS`] tokens together, or one row.
fn groups(rows: &[Row], hidden: usize) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    let mut tokens = 0;
    for (index, row) in rows.iter().enumerate() {
        let len = row.embeddings.len() / hidden;
        match groups.last_mut() {
            Some(group) if tokens + len <= TOKENS => group.end = index + 1,
            _ => {
                groups.push(index..index + 1);
                tokens = 0;
            }
        }
        tokens += len;
    }
    groups
}
