//! `config.json` of a decoder, checked: every family of models in one vocabulary.
//!
//! [`Config`] says everything the forward pass wants to know; nothing behind it asks for the name of
//! a family. What families do differently is data: the keys of the file ([`file`]), and what no key
//! says ([`family`]).

mod family;
mod file;
mod layers;
mod limits;
mod rope;
#[cfg(test)]
mod tests;

use motjuste::{Error, Result};

pub(crate) use file::TokenIds;
pub(crate) use rope::{Llama3, LongRope, RopeConfig, Scaling, Yarn};

/// The shape of a model and the constants of its layers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Config {
    pub(crate) hidden: usize,
    pub(crate) feed_forward: usize,
    pub(crate) heads: usize,
    pub(crate) key_value_heads: usize,
    pub(crate) head_width: usize,
    pub(crate) vocabulary: usize,
    pub(crate) context: usize,
    pub(crate) layers: Vec<LayerConfig>,
    /// The rotations that the layers refer to.
    pub(crate) ropes: Vec<RopeConfig>,
    /// What embeddings are multiplied by before the first layer.
    pub(crate) embedding_scale: f32,
    pub(crate) norm_epsilon: f32,
    /// What is added to the stored gains of all norms.
    pub(crate) norm_offset: f32,
    /// Whether a norm follows attention and feed-forward part, in front of the residual's sum.
    pub(crate) post_norms: bool,
    /// Whether the queries and keys of every head are normalised before they are rotated.
    pub(crate) query_key_norm: bool,
    pub(crate) query_scale: f32,
    /// The largest attention score and the largest logit, reached by a soft bend.
    pub(crate) attention_cap: Option<f32>,
    pub(crate) logit_cap: Option<f32>,
    pub(crate) activation: Activation,
    pub(crate) bias: Bias,
    /// Whether the file holds q, k, v as one tensor, and gate and up as another.
    pub(crate) fused: bool,
    /// Whether the output matrix is the embedding matrix.
    pub(crate) tied_head: bool,
    /// Tokens that end a text.
    pub(crate) end: Vec<u32>,
}

/// What tells one layer from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LayerConfig {
    /// How many tokens a token sees, itself included; all in front of it without.
    pub(crate) window: Option<usize>,
    /// The rotation of its queries and keys, if they are rotated at all.
    pub(crate) rope: Option<usize>,
}

/// The bend of the feed-forward gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Activation {
    Silu,
    /// GELU by the hyperbolic tangent.
    GeluTanh,
}

/// Which linear maps add a bias.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bias {
    pub(crate) query_key_value: bool,
    pub(crate) attention_output: bool,
    pub(crate) feed_forward: bool,
}

impl Config {
    /// Reads and checks the bytes of the file.
    ///
    /// # Errors
    /// When it is not such a file, or describes a model that we do not compute.
    pub(crate) fn parse(json: &[u8]) -> Result<Self> {
        let (file, family) = file::File::parse(json)?;
        file.check()?;
        limits::check(&file)?;
        Ok(Self {
            hidden: file.hidden_size,
            feed_forward: file.intermediate_size,
            heads: file.num_attention_heads,
            key_value_heads: file.key_value_heads(),
            head_width: file.head_width(),
            vocabulary: file.vocab_size,
            context: file.max_position_embeddings,
            layers: layers::layers(&file, family)?,
            ropes: rope::ropes(&file)?,
            embedding_scale: if family.gemma { (file.hidden_size as f32).sqrt() } else { 1.0 },
            norm_epsilon: file.rms_norm_eps,
            norm_offset: if family.gemma { 1.0 } else { 0.0 },
            post_norms: family.gemma,
            query_key_norm: family.query_key_norm,
            query_scale: 1.0 / file.query_width().sqrt(),
            attention_cap: file.attn_logit_softcapping,
            logit_cap: file.final_logit_softcapping,
            activation: file.activation()?,
            bias: file.bias(family),
            fused: family.fused,
            tied_head: file.tie_word_embeddings,
            end: file.eos_token_id.to_vec(),
        })
    }

    /// Whether a text of this many tokens is rotated as shorter texts are.
    pub(crate) fn rotates_as_usual(&self, text: usize) -> bool {
        self.ropes.iter().all(|rope| match &rope.scaling {
            Scaling::LongRope(scaling) => text <= scaling.original_context,
            _ => true,
        })
    }
}

/// What we do not compute, by name.
fn unsupported(what: &str) -> Error {
    Error::model(format!("config.json: {what} is not supported")).with_help(format!(
        "the model types are {}; the rotary embeddings are {}",
        family::names(),
        rope::TYPES.join(", ")
    ))
}

fn malformed(what: impl std::fmt::Display) -> Error {
    Error::model(format!("config.json: {what}"))
}
