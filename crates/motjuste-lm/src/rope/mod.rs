//! Rotary position embedding (arXiv 2104.09864), in the half-split form of Llama checkpoints.

mod frequencies;

use std::sync::OnceLock;

use crate::config::RopeConfig;
use frequencies::Frequencies;

/// Positions whose angles are computed together, when one of them is first asked for.
const BLOCK: usize = 64;

/// The rotation of queries and keys by their positions.
#[derive(Debug)]
pub(crate) struct Rope {
    usual: Table,
    /// For texts longer than a length.
    long: Option<(usize, Table)>,
}

impl Rope {
    pub(crate) fn new(config: &RopeConfig, context: usize) -> Self {
        let table = |frequencies| Table::new(frequencies, context);
        let long = frequencies::long(config);
        Self {
            usual: table(frequencies::usual(config)),
            long: long.map(|(beyond, frequencies)| (beyond, table(frequencies))),
        }
    }

    /// The table for a text that has, or will have, this many tokens.
    pub(crate) fn table(&self, text: usize) -> &Table {
        match &self.long {
            Some((beyond, table)) if text > *beyond => table,
            _ => &self.usual,
        }
    }

    /// Turns the pair (a, b) by an angle: (a cos − b sin, b cos + a sin).
    #[inline(always)]
    pub(crate) fn turn(a: f32, b: f32, cos: f32, sin: f32) -> (f32, f32) {
        (a * cos - b * sin, b * cos + a * sin)
    }
}

/// cos and sin of every angle p · fᵢ: position p, pair i of the rotated values.
#[derive(Debug)]
pub(crate) struct Table {
    frequencies: Frequencies,
    /// Each of shape (64 positions, cos then sin, pairs).
    blocks: Vec<OnceLock<Vec<f32>>>,
}

impl Table {
    fn new(frequencies: Frequencies, context: usize) -> Self {
        let blocks = (0..context.div_ceil(BLOCK)).map(|_| OnceLock::new()).collect();
        Self { frequencies, blocks }
    }

    /// cos and sin of one position, one of each for every pair.
    #[inline(always)]
    pub(crate) fn at(&self, position: usize) -> (&[f32], &[f32]) {
        let pairs = self.frequencies.values.len();
        let index = position / BLOCK;
        let block = self.blocks[index].get_or_init(|| self.block(index));
        block[position % BLOCK * 2 * pairs..][..2 * pairs].split_at(pairs)
    }

    #[cold]
    fn block(&self, index: usize) -> Vec<f32> {
        let Frequencies { values, factor } = &self.frequencies;
        let row = |position: usize| {
            // The angle is rounded to f32 where transformers rounds it; cos and sin are taken in
            // f64, where platforms differ too little to be seen after rounding.
            let angle = move |f: &f32| f64::from(position as f32 * f);
            let cos = values.iter().map(move |f| angle(f).cos() as f32 * factor);
            cos.chain(values.iter().map(move |f| angle(f).sin() as f32 * factor))
        };
        (index * BLOCK..(index + 1) * BLOCK).flat_map(row).collect()
    }
}
