//! The attention branch of a layer: projections, norms of queries and keys, heads, output map.

mod heads;
mod rotation;
mod row;

use super::norm;
use super::packed::LayerMaps;
use crate::config::{Config, LayerConfig};
use crate::forward::Norm;
use crate::kernel::columns::{add, join, split};
use crate::rope::Rope;
use heads::Heads;

/// What attention is made of in one layer.
pub(super) struct Attention<'a> {
    pub(super) maps: &'a LayerMaps<'a>,
    /// Of each head's query and of each head's key.
    pub(super) norms: Option<&'a [Norm; 2]>,
    pub(super) config: &'a Config,
    pub(super) layer: LayerConfig,
    pub(super) rope: Option<&'a Rope>,
    /// The number of tokens of each text.
    pub(super) texts: &'a [usize],
}

/// What the way back asks of the way forward.
pub(super) struct Kept {
    /// Before the norms of queries and keys: queries, keys, values.
    raw: Vec<Vec<f32>>,
    /// Behind them.
    projected: Vec<Vec<f32>>,
}

impl Attention<'_> {
    /// (tokens, hidden) → the same.
    pub(super) fn forward(&self, x: &[f32]) -> (Vec<f32>, Kept) {
        let raw = self.project(x);
        let projected = self.normalize(&raw);
        let attended = self.heads().attend(&projected, self.texts);
        (self.maps.output.forward(&attended), Kept { raw, projected })
    }

    /// The gradient of the branch's input from that of its output.
    pub(super) fn back(&self, kept: &Kept, gradient: &[f32]) -> Vec<f32> {
        let attended = self.maps.output.back(gradient);
        let mut parts = self.heads().back(&kept.projected, &attended, self.texts);
        for (index, norm) in self.norms.into_iter().flatten().enumerate() {
            parts[index] = norm::back(norm, &kept.raw[index], &parts[index]);
        }
        self.project_back(&parts)
    }

    /// Queries, keys and values, each (tokens, heads · head width).
    fn project(&self, x: &[f32]) -> Vec<Vec<f32>> {
        let maps = self.maps.projections.iter();
        maps.flat_map(|(map, widths)| split(&map.forward(x), widths)).collect()
    }

    fn project_back(&self, mut parts: &[Vec<f32>]) -> Vec<f32> {
        let mut sum: Option<Vec<f32>> = None;
        for (map, widths) in &self.maps.projections {
            let (own, rest) = parts.split_at(widths.len());
            parts = rest;
            let gradient = map.back(&join(own, widths));
            match &mut sum {
                Some(sum) => add(sum, &gradient),
                None => sum = Some(gradient),
            }
        }
        sum.unwrap_or_default()
    }

    fn normalize(&self, raw: &[Vec<f32>]) -> Vec<Vec<f32>> {
        let mut projected = raw.to_vec();
        for (part, norm) in projected.iter_mut().zip(self.norms.into_iter().flatten()) {
            *part = norm.of(part);
        }
        projected
    }

    fn heads(&self) -> Heads<'_> {
        let c = self.config;
        Heads {
            key_value_heads: c.key_value_heads,
            group: c.heads / c.key_value_heads,
            width: c.head_width,
            scale: c.query_scale,
            cap: c.attention_cap,
            window: self.layer.window.unwrap_or(usize::MAX),
            rope: self.rope,
        }
    }
}
