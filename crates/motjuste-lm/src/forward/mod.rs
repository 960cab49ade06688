//! The forward pass of a decoder, from embeddings, over packed rows.
//!
//! A step extends several sequences at once. Their new tokens are packed one sequence behind the
//! other, without padding, into a matrix of shape (tokens, hidden); every layer but attention sees
//! one matrix, and attention sees each sequence with its cache. Activations are row-major slices, and
//! all arithmetic is that of [`kernel`](crate::kernel), so that a sequence's result has the same bits in
//! every company.

pub(crate) mod activation;
mod affine;
mod attention;
mod feed_forward;
mod input;
mod layer;
mod linear;
mod norm;

use motjuste::Result;

use crate::cache::Cache;
use crate::config::Config;
use crate::rope::Rope;
use crate::weights::Weights;
pub(crate) use affine::Affine;
pub(crate) use attention::Maps;
pub(crate) use input::InputEmbedding;
pub(crate) use layer::Layer;
pub(crate) use linear::Linear;
pub(crate) use norm::Norm;

/// What a step does to one sequence: it reads `new` tokens and answers for the last `wanted`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) new: usize,
    pub(crate) wanted: usize,
}

/// A decoder of any family: the weights, and the [`Config`] that says how they are used.
pub(crate) struct Decoder {
    pub(crate) config: Config,
    /// The head too, when that is tied.
    pub(crate) embedding: InputEmbedding,
    pub(crate) layers: Vec<Layer>,
    pub(crate) norm: Norm,
    head: Option<Linear>,
    pub(crate) ropes: Vec<Rope>,
}

impl Decoder {
    pub(crate) fn load(config: Config, weights: &Weights) -> Result<Self> {
        let embedding = InputEmbedding::load(&config, weights)?;
        let head = || Linear::load(weights, &["lm_head"], config.hidden, &[config.vocabulary]);
        let head = if config.tied_head { None } else { Some(head()?) };
        let layers = (0..config.layers.len()).map(|index| Layer::load(weights, &config, index));
        Ok(Self {
            layers: layers.collect::<Result<_>>()?,
            norm: Norm::load(weights, "model.norm", config.hidden, &config)?,
            ropes: config.ropes.iter().map(|rope| Rope::new(rope, config.context)).collect(),
            head,
            embedding,
            config,
        })
    }

    /// The number of parameters, a tied head counted once.
    pub(crate) fn parameters(&self) -> usize {
        let head = self.head.as_ref().map_or(0, Linear::parameters);
        let layers: usize = self.layers.iter().map(Layer::parameters).sum();
        self.embedding.table.parameters() + layers + self.norm.parameters() + head
    }

    /// Reads packed embeddings, shape (Σ new, hidden), into the caches, and returns the hidden
    /// states behind the final norm of the wanted tokens, shape (Σ wanted, hidden).
    pub(crate) fn read(
        &self,
        embeddings: Vec<f32>,
        caches: &mut [Cache],
        spans: &[Span],
    ) -> Vec<f32> {
        let mut x = embeddings;
        let all: Vec<Span> = spans.iter().map(|s| Span { new: s.new, wanted: s.new }).collect();
        for (index, layer) in self.layers.iter().enumerate() {
            // What the last layer makes of a token matters to that token alone.
            let spans = if index + 1 == self.layers.len() { spans } else { &all };
            let rope = self.config.layers[index].rope.map(|rope| &self.ropes[rope]);
            let mut step = Step { layer: index, caches, spans, rope };
            x = layer.forward(x, &mut step);
        }
        self.norm.apply(&mut x);
        x
    }

    /// The output matrix, of shape (vocabulary, hidden).
    pub(crate) fn head(&self) -> &Linear {
        self.head.as_ref().unwrap_or(&self.embedding.table)
    }

    /// The logits of hidden states behind the final norm: (rows, hidden) → (rows, vocabulary).
    pub(crate) fn logits(&self, hidden: &[f32]) -> Vec<f32> {
        let mut logits = self.head().forward(hidden);
        activation::cap_row(&mut logits, self.config.logit_cap);
        logits
    }
}

/// One layer's share of a step.
struct Step<'a> {
    layer: usize,
    caches: &'a mut [Cache],
    spans: &'a [Span],
    rope: Option<&'a Rope>,
}

impl Step<'_> {
    /// The rows of the wanted tokens: (Σ new, width) → (Σ wanted, width).
    fn wanted(&self, x: Vec<f32>) -> Vec<f32> {
        let new: usize = self.spans.iter().map(|span| span.new).sum();
        if self.spans.iter().all(|span| span.wanted == span.new) {
            return x;
        }
        let (width, mut end) = (x.len() / new, 0);
        let mut rows = Vec::new();
        for span in self.spans {
            end += span.new;
            rows.extend_from_slice(&x[(end - span.wanted) * width..end * width]);
        }
        rows
    }
}
