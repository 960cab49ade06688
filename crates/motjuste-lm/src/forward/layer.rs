//! One layer: attention, then the feed-forward part, each behind a norm and beside a residual.

use motjuste::Result;

use super::Step;
use super::attention::Attention;
use super::feed_forward::FeedForward;
use super::norm::Norm;
use crate::config::Config;
use crate::kernel::columns::add;
use crate::weights::Weights;

pub(crate) struct Layer {
    pub(crate) attention_norm: Norm,
    pub(crate) attention: Attention,
    pub(crate) feed_forward_norm: Norm,
    pub(crate) feed_forward: FeedForward,
    /// Of what attention and the feed-forward part add.
    pub(crate) post_norms: Option<[Norm; 2]>,
}

impl Layer {
    pub(super) fn load(weights: &Weights, c: &Config, index: usize) -> Result<Self> {
        let part = |part: &str| format!("model.layers.{index}.{part}");
        let norm = |name: &str| Norm::load(weights, &part(name), c.hidden, c);
        // Where there are norms behind, the name that says "post" belongs to the first of them.
        let (feed_forward_norm, post_norms) = match c.post_norms {
            false => (norm("post_attention_layernorm")?, None),
            true => (
                norm("pre_feedforward_layernorm")?,
                Some([norm("post_attention_layernorm")?, norm("post_feedforward_layernorm")?]),
            ),
        };
        Ok(Self {
            attention_norm: norm("input_layernorm")?,
            attention: Attention::load(weights, &part("self_attn"), c, index)?,
            feed_forward: FeedForward::load(weights, &part("mlp"), c)?,
            feed_forward_norm,
            post_norms,
        })
    }

    pub(super) fn parameters(&self) -> usize {
        let norms = [&self.attention_norm, &self.feed_forward_norm];
        let norms = norms.into_iter().chain(self.post_norms.iter().flatten());
        norms.map(Norm::parameters).sum::<usize>()
            + self.attention.parameters()
            + self.feed_forward.parameters()
    }

    /// (Σ new, hidden) → (Σ wanted, hidden).
    pub(super) fn forward(&self, x: Vec<f32>, step: &mut Step) -> Vec<f32> {
        let mut attended = self.attention.forward(&self.attention_norm.of(&x), step);
        if let Some([norm, _]) = &self.post_norms {
            norm.apply(&mut attended);
        }
        let mut x = step.wanted(x);
        add(&mut x, &attended);
        let mut fed = self.feed_forward.forward(&self.feed_forward_norm.of(&x));
        if let Some([_, norm]) = &self.post_norms {
            norm.apply(&mut fed);
        }
        add(&mut x, &fed);
        x
    }
}
