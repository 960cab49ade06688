//! One layer: attention, then the feed-forward part, each behind a norm and beside a residual.
//!
//! h = x + post₁(attention(norm₁(x))) and y = h + post₂(feed(norm₂(h))), where a norm behind a branch may be
//! missing. Back: ∂h = ∂y + norm₂ᵀ feedᵀ post₂ᵀ ∂y and ∂x = ∂h + norm₁ᵀ attentionᵀ post₁ᵀ ∂h, each ᵀ the
//! transposed derivative at the values that the way forward had.

use super::attention::{Attention, Kept};
use super::packed::{LayerMaps, Packed};
use super::{gate, norm};
use crate::config::Config;
use crate::forward::{Decoder, Layer, Norm};
use crate::kernel::columns::add;

/// A layer of a decoder and the texts that go through it.
pub(super) struct Pass<'a> {
    decoder: &'a Decoder,
    maps: LayerMaps<'a>,
    texts: &'a [usize],
    index: usize,
}

impl<'a> Pass<'a> {
    pub(super) fn new(
        decoder: &'a Decoder,
        packed: &'a Packed,
        index: usize,
        texts: &'a [usize],
    ) -> Self {
        Self { decoder, maps: packed.layer(decoder, index), texts, index }
    }

    /// (tokens, hidden) → the same.
    pub(super) fn forward(&self, x: &[f32]) -> Vec<f32> {
        let (attended, _) = self.attention().forward(&self.layer().attention_norm.of(x));
        let mut h = self.behind(0, attended);
        add(&mut h, x);
        let fed = self.maps.down.forward(&self.gate(&self.gate_up(&h)));
        let mut y = self.behind(1, fed);
        add(&mut y, &h);
        y
    }

    /// The gradient of the layer's input x from that of its output.
    pub(super) fn back(&self, x: &[f32], gradient: &[f32]) -> Vec<f32> {
        let normed = self.layer().attention_norm.of(x);
        let (attended, kept) = self.attention().forward(&normed);
        let mut h = self.behind(0, attended.clone());
        add(&mut h, x);
        let gradient = self.feed_forward_back(&h, gradient);
        self.attention_back(x, &attended, &kept, gradient)
    }

    /// ∂h from ∂y.
    fn feed_forward_back(&self, h: &[f32], gradient: &[f32]) -> Vec<f32> {
        let c = self.config();
        let gate_up = self.gate_up(h);
        let fed = || self.maps.down.forward(&self.gate(&gate_up));
        let behind = match self.post_norm(1) {
            Some(norm) => norm::back(norm, &fed(), gradient),
            None => gradient.to_vec(),
        };
        let gated = self.maps.down.back(&behind);
        let gated = gate::back(c.activation, &gate_up, &gated, c.feed_forward);
        let normed = self.maps.gate_up.back(&gated);
        let mut result = norm::back(&self.layer().feed_forward_norm, h, &normed);
        add(&mut result, gradient);
        result
    }

    /// ∂x from ∂h.
    fn attention_back(
        &self,
        x: &[f32],
        attended: &[f32],
        kept: &Kept,
        gradient: Vec<f32>,
    ) -> Vec<f32> {
        let normed = match self.post_norm(0) {
            Some(norm) => self.attention().back(kept, &norm::back(norm, attended, &gradient)),
            None => self.attention().back(kept, &gradient),
        };
        let mut result = norm::back(&self.layer().attention_norm, x, &normed);
        add(&mut result, &gradient);
        result
    }

    /// Gate and up of what the first branch has left.
    fn gate_up(&self, h: &[f32]) -> Vec<f32> {
        self.maps.gate_up.forward(&self.layer().feed_forward_norm.of(h))
    }

    fn gate(&self, gate_up: &[f32]) -> Vec<f32> {
        self.layer().feed_forward.gated(gate_up)
    }

    /// The norm behind a branch, if there is one.
    fn behind(&self, branch: usize, x: Vec<f32>) -> Vec<f32> {
        match self.post_norm(branch) {
            Some(norm) => norm.of(&x),
            None => x,
        }
    }

    fn post_norm(&self, branch: usize) -> Option<&'a Norm> {
        self.layer().post_norms.as_ref().map(|norms| &norms[branch])
    }

    fn attention(&self) -> Attention<'_> {
        let layer = self.config().layers[self.index];
        Attention {
            maps: &self.maps,
            norms: self.layer().attention.projections.norms.as_ref(),
            config: self.config(),
            layer,
            rope: layer.rope.map(|rope| &self.decoder.ropes[rope]),
            texts: self.texts,
        }
    }

    fn layer(&self) -> &'a Layer {
        &self.decoder.layers[self.index]
    }

    fn config(&self) -> &'a Config {
        &self.decoder.config
    }
}
