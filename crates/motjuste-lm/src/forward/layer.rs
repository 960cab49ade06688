//! One layer: attention, then the feed-forward part, each behind a norm and beside a residual.

use candle_core::{Result, Tensor};

use super::Step;
use super::attention::Attention;
use super::feed_forward::FeedForward;
use super::norm::Norm;
use crate::config::Config;
use crate::weights::Weights;

pub(super) struct Layer {
    attention_norm: Norm,
    attention: Attention,
    feed_forward_norm: Norm,
    feed_forward: FeedForward,
}

impl Layer {
    pub(super) fn load(weights: &Weights, c: &Config, index: usize) -> motjuste::Result<Self> {
        let part = |part: &str| format!("model.layers.{index}.{part}");
        Ok(Self {
            attention_norm: Norm::load(weights, &part("input_layernorm"), c)?,
            attention: Attention::load(weights, &part("self_attn"), c)?,
            feed_forward_norm: Norm::load(weights, &part("post_attention_layernorm"), c)?,
            feed_forward: FeedForward::load(weights, &part("mlp"), c)?,
        })
    }

    pub(super) fn parameters(&self) -> usize {
        let norms = self.attention_norm.parameters() + self.feed_forward_norm.parameters();
        norms + self.attention.parameters() + self.feed_forward.parameters()
    }

    /// (Σ new, hidden) → (Σ wanted, hidden).
    pub(super) fn forward(&self, x: &Tensor, step: &mut Step) -> Result<Tensor> {
        let attended = self.attention.forward(&self.attention_norm.forward(x)?, step)?;
        let x = (step.wanted(x)? + attended)?;
        let fed = self.feed_forward.forward(&self.feed_forward_norm.forward(&x)?)?;
        x + fed
    }
}
