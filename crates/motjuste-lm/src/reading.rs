//! Reading a batch of sequences: shared runs first, then the rest of each, in chunks.

use std::sync::Arc;

use crate::cache::{Cache, Segment};
use crate::config::Config;
use crate::forward::{Decoder, InputEmbedding, Span};
use crate::sharing::Tree;

/// Tokens read in one step: activations of this many rows stay in the second-level cache.
const CHUNK: usize = 512;

/// What a model reads: tokens, with soft-prompt embeddings in front of them or between them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sequence {
    /// Soft tokens, shape (soft tokens, hidden), row-major; empty without a soft prompt.
    pub soft: Vec<f32>,
    /// Token ids.
    pub tokens: Vec<u32>,
    /// How many of the tokens stand in front of the soft prompt.
    pub soft_at: usize,
}

impl Sequence {
    /// What is left to read behind the first `start` tokens.
    fn rest(&self, start: usize) -> Rest<'_> {
        let (before, behind) = self.tokens[start..].split_at(self.soft_at.saturating_sub(start));
        Rest { before, soft: &self.soft, behind }
    }

    /// What the first layer reads, shape (length, hidden), row-major.
    pub(crate) fn embed(&self, embedding: &InputEmbedding) -> Vec<f32> {
        let mut embeddings = Vec::new();
        self.rest(0).embed(embedding, &mut embeddings);
        embeddings
    }

    /// The number of soft tokens and tokens.
    pub(crate) fn len(&self, hidden: usize) -> usize {
        self.soft.len() / hidden + self.tokens.len()
    }

    /// What the model reads, as bytes: it names the random stream of the tokens drawn behind it.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let (before, behind) = self.tokens.split_at(self.soft_at);
        let soft = self.soft.iter().flat_map(|value| value.to_le_bytes());
        let bytes = |tokens: &[u32]| tokens.iter().flat_map(|token| token.to_le_bytes()).collect();
        let [before, behind]: [Vec<u8>; 2] = [before, behind].map(bytes);
        before.into_iter().chain(soft).chain(behind).collect()
    }
}

/// A sequence to read, and for how many of its last tokens the hidden state is wanted.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    pub(crate) sequence: Sequence,
    pub(crate) wanted: usize,
    /// How many tokens the text will have once it is written.
    text: usize,
    /// How many tokens another sequence could have read already.
    shareable: usize,
}

impl Reading {
    /// Of a sequence to which up to `max_tokens` will be written.
    pub(crate) fn new(
        sequence: Sequence,
        wanted: usize,
        max_tokens: usize,
        config: &Config,
    ) -> Self {
        let text = sequence.len(config.hidden) + max_tokens;
        let tokens = sequence.tokens.len().saturating_sub(wanted);
        // Nothing behind a soft prompt can be shared, and nothing that is rotated differently.
        let shareable = match (config.rotates_as_usual(text), sequence.soft.is_empty()) {
            (false, _) => 0,
            (true, true) => tokens,
            (true, false) => sequence.soft_at.min(tokens),
        };
        Self { sequence, wanted, text, shareable }
    }

    /// The tokens that another sequence could have read already.
    pub(crate) fn shareable(&self) -> &[u32] {
        &self.sequence.tokens[..self.shareable]
    }
}

/// What is left of a sequence once it is read.
pub(crate) struct Read {
    pub(crate) cache: Cache,
    /// Hidden states behind the final norm, shape (wanted, hidden).
    pub(crate) hidden: Vec<f32>,
}

/// Reads a batch, each shared run once.
pub(crate) fn read(decoder: &Decoder, readings: &[&Reading]) -> Vec<Read> {
    let shareable: Vec<&[u32]> = readings.iter().map(|reading| reading.shareable()).collect();
    let tree = Tree::grow(&shareable);
    let mut shared: Vec<Vec<Arc<Segment>>> = vec![Vec::new(); tree.nodes.len()];
    let behind = |shared: &[Vec<Arc<Segment>>], parent: Option<usize>, text: usize| {
        let segments = parent.map_or_else(Vec::new, |parent| shared[parent].clone());
        Cache::behind(segments, &decoder.config, text)
    };
    for (index, node) in tree.nodes.iter().enumerate() {
        let tokens = &readings[node.row].sequence.tokens[node.range.clone()];
        let cache = behind(&shared, node.parent, 0);
        let part = Part { rest: Rest { before: tokens, soft: &[], behind: &[] }, wanted: 0, cache };
        let read = read_parts(decoder, vec![part]);
        shared[index] = read.into_iter().flat_map(|read| read.cache.into_shared()).collect();
    }
    let parts = readings.iter().zip(&tree.leaves).map(|(reading, leaf)| Part {
        rest: reading.sequence.rest(leaf.start),
        wanted: reading.wanted,
        cache: behind(&shared, leaf.parent, reading.text),
    });
    read_parts(decoder, parts.collect())
}

/// What is to be read behind what a cache holds.
struct Part<'a> {
    rest: Rest<'a>,
    wanted: usize,
    cache: Cache,
}

/// Tokens, soft tokens, tokens.
#[derive(Clone, Copy)]
struct Rest<'a> {
    before: &'a [u32],
    soft: &'a [f32],
    behind: &'a [u32],
}

impl Rest<'_> {
    fn len(&self, hidden: usize) -> usize {
        self.before.len() + self.soft.len() / hidden + self.behind.len()
    }

    /// Appends what the first layer reads.
    fn embed(&self, embedding: &InputEmbedding, embeddings: &mut Vec<f32>) {
        embeddings.extend(self.before.iter().flat_map(|&token| embedding.row(token)));
        embeddings.extend_from_slice(self.soft);
        embeddings.extend(self.behind.iter().flat_map(|&token| embedding.row(token)));
    }
}

fn read_parts(decoder: &Decoder, parts: Vec<Part>) -> Vec<Read> {
    let mut done = Vec::with_capacity(parts.len());
    let mut chunk = Vec::new();
    let mut tokens = 0;
    for part in parts {
        let len = part.rest.len(decoder.config.hidden);
        if tokens + len > CHUNK && !chunk.is_empty() {
            done.extend(read_chunk(decoder, std::mem::take(&mut chunk)));
            tokens = 0;
        }
        tokens += len;
        chunk.push(part);
    }
    done.extend(read_chunk(decoder, chunk));
    done
}

fn read_chunk(decoder: &Decoder, parts: Vec<Part>) -> Vec<Read> {
    let width = decoder.config.hidden;
    let span = |part: &Part| Span { new: part.rest.len(width), wanted: part.wanted };
    let spans: Vec<Span> = parts.iter().map(span).collect();
    let mut embeddings = Vec::new();
    parts.iter().for_each(|part| part.rest.embed(&decoder.embedding, &mut embeddings));
    let mut caches: Vec<Cache> = parts.into_iter().map(|part| part.cache).collect();
    let hidden = decoder.read(embeddings, &mut caches, &spans);
    let mut hidden = &hidden[..];
    let reads = caches.into_iter().zip(&spans).map(|(cache, span)| {
        let (own, rest) = hidden.split_at(span.wanted * width);
        hidden = rest;
        Read { cache, hidden: own.to_vec() }
    });
    reads.collect()
}
