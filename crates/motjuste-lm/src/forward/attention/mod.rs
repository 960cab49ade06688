//! Causal self-attention with grouped heads (arXiv 1706.03762; arXiv 2305.13245): the maps around
//! it, and its caches.

mod attend;
mod projections;

use motjuste::Result;

use super::Step;
use super::affine::Affine;
use crate::config::Config;
use crate::weights::Weights;
use attend::attend;
pub(crate) use projections::Maps;
use projections::Projections;

pub(crate) struct Attention {
    pub(crate) projections: Projections,
    pub(crate) output: Affine,
    heads: usize,
    key_value_heads: usize,
    head_width: usize,
    scale: f32,
    cap: Option<f32>,
    window: Option<usize>,
}

impl Attention {
    pub(super) fn load(weights: &Weights, name: &str, c: &Config, layer: usize) -> Result<Self> {
        let (output, width) = (format!("{name}.o_proj"), c.heads * c.head_width);
        let biased = c.bias.attention_output;
        Ok(Self {
            projections: Projections::load(weights, name, c)?,
            output: Affine::load(weights, &[&output], width, &[c.hidden], biased)?,
            heads: c.heads,
            key_value_heads: c.key_value_heads,
            head_width: c.head_width,
            scale: c.query_scale,
            cap: c.attention_cap,
            window: c.layers[layer].window,
        })
    }

    pub(super) fn parameters(&self) -> usize {
        self.projections.parameters() + self.output.parameters()
    }

    /// Extends the caches by all rows and answers for the wanted ones:
    /// (Σ new, hidden) → (Σ wanted, hidden).
    pub(super) fn forward(&self, x: &[f32], step: &mut Step) -> Vec<f32> {
        let (mut rows, key_values) = self.projections.forward(x, step);
        self.extend(&key_values, step);
        attend(self, step, &mut rows);
        self.output.forward(&rows)
    }

    fn extend(&self, mut rows: &[f32], step: &mut Step) {
        let width = 2 * self.key_value_heads * self.head_width;
        for (cache, span) in step.caches.iter_mut().zip(step.spans) {
            let (own, rest) = rows.split_at(span.new * width);
            cache.append(step.layer, own, step.rope);
            rows = rest;
        }
    }
}
