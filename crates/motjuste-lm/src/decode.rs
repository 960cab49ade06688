//! Writing: token after token, for many rows at once.

use std::sync::Arc;

use crate::batches::in_batches;
use crate::cache::Cache;
use crate::forward::{Decoder, Span};
use crate::reading::{Reading, read};
use crate::sampling::Sampler;

/// How one row continues what it has read.
#[derive(Clone)]
pub(crate) struct Writing {
    pub(crate) sampler: Sampler,
    pub(crate) max_tokens: usize,
    /// Whether the text of these tokens is complete although no token ends it.
    pub(crate) is_complete: Option<IsComplete>,
}

/// A question about the tokens written so far.
pub(crate) type IsComplete = Arc<dyn Fn(&[u32]) -> bool + Send + Sync>;

/// What was written behind one row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Written {
    pub(crate) tokens: Vec<u32>,
    /// Whether the model ended it; otherwise it was cut off.
    pub(crate) is_ended: bool,
}

/// Reads each row and writes its continuation, up to an end token or `max_tokens`.
///
/// The readings want the hidden state of their last token, from which the first one is written.
pub(crate) fn write(decoder: &Decoder, readings: &[Reading], writings: &[Writing]) -> Vec<Written> {
    in_batches(decoder, readings, |rows| {
        let readings: Vec<&Reading> = rows.iter().map(|&row| &readings[row]).collect();
        let read = read(decoder, &readings);
        let hidden = read.iter().flat_map(|read| read.hidden.iter().copied()).collect();
        let caches = read.into_iter().map(|read| read.cache).collect();
        let writings = rows.iter().map(|&row| writings[row].clone()).collect();
        Batch::new(writings, caches).run(decoder, hidden)
    })
}

/// Rows that are written together.
struct Batch {
    writings: Vec<Writing>,
    written: Vec<Written>,
    /// The rows that go on, and their caches.
    active: Vec<usize>,
    caches: Vec<Cache>,
}

impl Batch {
    fn new(writings: Vec<Writing>, caches: Vec<Cache>) -> Self {
        let written = vec![Written::default(); writings.len()];
        Self { active: (0..writings.len()).collect(), writings, written, caches }
    }

    /// Starts from the hidden states of the rows' last tokens, shape (rows, hidden).
    fn run(mut self, decoder: &Decoder, mut hidden: Vec<f32>) -> Vec<Written> {
        loop {
            let tokens = self.pick(decoder, &decoder.logits(&hidden));
            if tokens.is_empty() {
                return self.written;
            }
            let embeddings = tokens.iter().flat_map(|&token| decoder.embedding.row(token));
            let spans = vec![Span { new: 1, wanted: 1 }; tokens.len()];
            hidden = decoder.read(embeddings.collect(), &mut self.caches, &spans);
        }
    }

    /// Picks a token for each active row, lets finished rows go, and returns the tokens of those
    /// that go on.
    fn pick(&mut self, decoder: &Decoder, logits: &[f32]) -> Vec<u32> {
        let mut tokens = Vec::new();
        let mut going = Vec::new();
        for (index, logits) in logits.chunks_exact(decoder.config.vocabulary).enumerate() {
            let next = self.next(self.active[index], decoder, logits);
            going.push(next.is_some());
            tokens.extend(next);
        }
        retain(&mut self.active, &going);
        retain(&mut self.caches, &going);
        tokens
    }

    /// Writes one token of a row; `None` when the row is finished.
    fn next(&mut self, row: usize, decoder: &Decoder, logits: &[f32]) -> Option<u32> {
        let Writing { sampler, max_tokens, is_complete } = &mut self.writings[row];
        let written = &mut self.written[row];
        if written.tokens.len() >= *max_tokens {
            return None;
        }
        let token = sampler.pick(logits);
        if decoder.config.end.contains(&token) {
            written.is_ended = true;
            return None;
        }
        written.tokens.push(token);
        written.is_ended = is_complete.as_ref().is_some_and(|is| is(&written.tokens));
        (!written.is_ended && written.tokens.len() < *max_tokens).then_some(token)
    }
}

fn retain<T>(items: &mut Vec<T>, keep: &[bool]) {
    let mut keep = keep.iter();
    items.retain(|_| keep.next().is_some_and(|&keep| keep));
}
