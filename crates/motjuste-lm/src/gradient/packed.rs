//! The matrices of a decoder as the gradient needs them, packed when they are first asked for.

use super::maps::{Forms, Map};
use crate::forward::{Affine, Decoder, Maps};

/// What the gradient keeps of a decoder between calls: each matrix Wᵀ, in f32, once a product with it was
/// asked for; and W in f32 where the decoder has it quantised. So the memory of a model grows by 4 bytes a
/// weight, or 8 where it is quantised, and for a policy, which goes back through the output matrix alone, by
/// that matrix.
pub(crate) struct Packed {
    layers: Vec<PackedLayer>,
    head: Forms,
}

/// Those of one layer.
#[derive(Default)]
pub(super) struct PackedLayer {
    /// One for queries, keys and values together, or one for queries and one for the others.
    projections: [Forms; 2],
    output: Forms,
    gate_up: Forms,
    down: Forms,
}

/// The linear maps of one layer.
pub(super) struct LayerMaps<'a> {
    /// Each with the widths of what it makes; all together: queries, keys, values.
    pub(super) projections: Vec<(Map<'a>, Vec<usize>)>,
    pub(super) output: Map<'a>,
    pub(super) gate_up: Map<'a>,
    pub(super) down: Map<'a>,
}

impl Packed {
    /// Nothing yet, for a decoder of so many layers.
    pub(crate) fn new(layers: usize) -> Self {
        let layers = (0..layers).map(|_| PackedLayer::default()).collect();
        Self { layers, head: Forms::default() }
    }

    /// The output matrix.
    pub(crate) fn head<'a>(&'a self, decoder: &'a Decoder) -> Map<'a> {
        Map { linear: decoder.head(), bias: None, forms: &self.head }
    }

    /// The maps of a layer.
    pub(super) fn layer<'a>(&'a self, decoder: &'a Decoder, index: usize) -> LayerMaps<'a> {
        let (layer, packed) = (&decoder.layers[index], &self.layers[index]);
        let feed_forward = &layer.feed_forward;
        LayerMaps {
            projections: projections(decoder, &layer.attention.projections.maps, packed),
            output: map(&layer.attention.output, &packed.output),
            gate_up: map(&feed_forward.gate_up, &packed.gate_up),
            down: map(&feed_forward.down, &packed.down),
        }
    }
}

fn projections<'a>(
    decoder: &Decoder,
    maps: &'a Maps,
    packed: &'a PackedLayer,
) -> Vec<(Map<'a>, Vec<usize>)> {
    let c = &decoder.config;
    let (queries, keys) = (c.heads * c.head_width, c.key_value_heads * c.head_width);
    let [first, second] = &packed.projections;
    match maps {
        Maps::Fused(all) => vec![(map(all, first), vec![queries, keys, keys])],
        Maps::Apart { query, key_value } => {
            vec![(map(query, first), vec![queries]), (map(key_value, second), vec![keys, keys])]
        }
    }
}

fn map<'a>(affine: &'a Affine, forms: &'a Forms) -> Map<'a> {
    Map { linear: &affine.linear, bias: affine.bias.as_deref(), forms }
}
