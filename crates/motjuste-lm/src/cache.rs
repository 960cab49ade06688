//! Keys and values of the tokens that a model has read.
//!
//! A sequence's cache is a chain: segments that other sequences share, then its own. Attention
//! walks the keys in the order of their positions, so how a sequence is cut into segments changes
//! no bit of its result.

use std::ops::Range;
use std::sync::Arc;

use crate::config::Config;
use crate::rope::{Rope, Table};

/// Keys stored together, transposed: attention spends vector lanes on keys, not on a sum.
pub(crate) const KEYS: usize = 16;

/// What a sequence has read so far.
#[derive(Debug, Clone)]
pub(crate) struct Cache {
    shared: Vec<Arc<Segment>>,
    shared_len: usize,
    own: Segment,
    text: usize,
}

impl Cache {
    /// An empty sequence behind shared segments, of a text that will have `text` tokens.
    pub(crate) fn behind(shared: Vec<Arc<Segment>>, config: &Config, text: usize) -> Self {
        let shared_len = shared.iter().map(|segment| segment.len()).sum();
        Self { shared, shared_len, own: Segment::new(config), text }
    }

    /// The tokens that the whole text will have: those to read and those to write.
    pub(crate) fn text(&self) -> usize {
        self.text
    }

    /// The whole chain, for other sequences to go behind.
    pub(crate) fn into_shared(mut self) -> Vec<Arc<Segment>> {
        self.shared.push(Arc::new(self.own));
        self.shared
    }

    /// Appends one layer's keys and values, rows of width 2 · key-value width: keys, then values.
    pub(crate) fn append(&mut self, layer: usize, rows: &[f32], rope: Option<&Rope>) {
        let table = rope.map(|rope| rope.table(self.text));
        self.own.layers[layer].append(rows, self.shared_len, table);
    }

    /// One layer's keys and values, in the order of their positions.
    pub(crate) fn layer(&self, layer: usize) -> impl Iterator<Item = &LayerCache> {
        let segments = self.shared.iter().map(Arc::as_ref).chain([&self.own]);
        segments.map(move |segment| &segment.layers[layer])
    }
}

/// Consecutive tokens of a sequence.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    layers: Vec<LayerCache>,
}

impl Segment {
    fn new(config: &Config) -> Self {
        let layer = LayerCache::new(config.key_value_heads, config.head_width);
        Self { layers: vec![layer; config.layers.len()] }
    }

    // The last layer is the last to be extended.
    fn len(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.len)
    }
}

/// One layer's keys and values of a segment.
#[derive(Debug, Clone)]
pub(crate) struct LayerCache {
    /// Shape (blocks, heads, head width, 16 keys); the last block is filled up with zeros.
    keys: Vec<f32>,
    /// Shape (tokens, heads, head width).
    values: Vec<f32>,
    len: usize,
    heads: usize,
    head_width: usize,
}

impl LayerCache {
    fn new(heads: usize, head_width: usize) -> Self {
        Self { keys: Vec::new(), values: Vec::new(), len: 0, heads, head_width }
    }

    /// The number of tokens.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Blocks of 16 keys of one head, each of shape (head width, 16).
    pub(crate) fn key_blocks(&self, head: usize) -> impl Iterator<Item = &[[f32; KEYS]]> {
        let (columns, _) = self.keys.as_chunks::<KEYS>();
        let blocks = columns.chunks_exact(self.heads * self.head_width);
        blocks.map(move |block| &block[head * self.head_width..][..self.head_width])
    }

    /// The values of one head for some tokens, one slice for each.
    #[inline(always)]
    pub(crate) fn values(&self, head: usize, tokens: Range<usize>) -> impl Iterator<Item = &[f32]> {
        let width = self.heads * self.head_width;
        let rows = self.values[tokens.start * width..tokens.end * width].chunks_exact(width);
        rows.map(move |row| &row[head * self.head_width..][..self.head_width])
    }

    fn append(&mut self, rows: &[f32], offset: usize, table: Option<&Table>) {
        let width = self.heads * self.head_width;
        for row in rows.chunks_exact(2 * width) {
            let (keys, values) = row.split_at(width);
            self.append_keys(keys, table.map(|table| table.at(offset + self.len)));
            self.values.extend_from_slice(values);
            self.len += 1;
        }
    }

    /// Scatters the keys of one token into their lane, rotated by cos and sin of its position.
    fn append_keys(&mut self, keys: &[f32], rotation: Option<(&[f32], &[f32])>) {
        let (block, lane) = (self.len / KEYS, self.len % KEYS);
        let block_len = keys.len() * KEYS;
        if lane == 0 {
            self.keys.resize((block + 1) * block_len, 0.0);
        }
        let (columns, _) = self.keys[block * block_len..].as_chunks_mut::<KEYS>();
        let (cos, sin) = rotation.unwrap_or_default();
        let half = cos.len();
        let heads = columns.chunks_exact_mut(self.head_width);
        for (columns, key) in heads.zip(keys.chunks_exact(self.head_width)) {
            let (turned, rest) = columns.split_at_mut(2 * half);
            let (low, high) = turned.split_at_mut(half);
            for i in 0..half {
                (low[i][lane], high[i][lane]) = Rope::turn(key[i], key[i + half], cos[i], sin[i]);
            }
            for (column, &key) in rest.iter_mut().zip(&key[2 * half..]) {
                column[lane] = key;
            }
        }
    }
}
