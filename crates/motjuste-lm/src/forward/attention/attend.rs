//! Packed queries against the caches of their sequences.

use std::ops::Range;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::Attention;
use crate::cache::{Cache, KEYS, LayerCache};
use crate::forward::activation::soft_cap;
use crate::forward::{Span, Step};
use crate::kernel::softmax::softmax_of_finite;
use crate::kernel::vectorized;
use crate::rope::{Rope, Table};

/// Queries that one thread answers at the least.
const QUERIES: usize = 32;

/// Queries, replaced in place by the values that they attend to; shape (Σ wanted, heads · head width).
pub(super) fn attend(attention: &Attention, step: &Step, rows: &mut [f32]) {
    let attend = Attend { attention, step };
    let width = attention.heads * attention.head_width;
    let readers = attend.readers();
    rows.par_chunks_mut(QUERIES * width).zip(readers.par_chunks(QUERIES)).for_each(
        |(rows, readers)| vectorized(AttendRows { attend: &attend, rows, readers, width }),
    );
}

/// The attention of a layer in a step.
struct Attend<'a> {
    attention: &'a Attention,
    step: &'a Step<'a>,
}

impl<'a> Attend<'a> {
    /// One for each of the last `wanted` of the `new` tokens of each sequence; the caches' lengths
    /// do not count this step until its last layer has run.
    fn readers(&self) -> Vec<Reader<'a>> {
        let (step, window) = (self.step, self.attention.window.unwrap_or(usize::MAX));
        let wanted = move |(cache, span): (&'a Cache, &Span)| {
            let end = cache.layer(step.layer).map(LayerCache::len).sum::<usize>();
            let table = step.rope.map(|rope| rope.table(cache.text()));
            (end - span.wanted..end).map(move |position| {
                let seen = (position + 1).saturating_sub(window)..position + 1;
                Reader { cache, layer: step.layer, table, seen }
            })
        };
        step.caches.iter().zip(step.spans).flat_map(wanted).collect()
    }
}

/// What a query reads: the keys and values of some positions, the last of which is its own.
struct Reader<'a> {
    cache: &'a Cache,
    layer: usize,
    table: Option<&'a Table>,
    seen: Range<usize>,
}

impl<'a> Reader<'a> {
    /// The segments of the cache that are seen, each with the part of it that is.
    #[inline(always)]
    fn segments(&self) -> impl Iterator<Item = (&'a LayerCache, Range<usize>)> {
        let (mut start, seen) = (0, self.seen.clone());
        self.cache.layer(self.layer).map_while(move |segment| {
            let end = start + segment.len();
            let part = seen.start.clamp(start, end) - start..seen.end.clamp(start, end) - start;
            let ahead = start < seen.end;
            start = end;
            ahead.then_some((segment, part))
        })
    }
}

/// Some queries, replaced in place by what they attend to.
struct AttendRows<'a> {
    attend: &'a Attend<'a>,
    rows: &'a mut [f32],
    readers: &'a [Reader<'a>],
    width: usize,
}

impl WithSimd for AttendRows<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let attention = self.attend.attention;
        let group = attention.heads / attention.key_value_heads;
        let mut weights = Vec::new();
        for (row, reader) in self.rows.chunks_exact_mut(self.width).zip(self.readers) {
            for (head, query) in row.chunks_exact_mut(attention.head_width).enumerate() {
                rotate(query, reader, attention.scale);
                scores(query, reader, head / group, &mut weights);
                if let Some(cap) = attention.cap {
                    weights.iter_mut().for_each(|score| *score = soft_cap(*score, cap));
                }
                softmax_of_finite(&mut weights);
                mix(&weights, reader, head / group, query);
            }
        }
    }
}

/// q ← R(position) q · scale.
#[inline(always)]
fn rotate(query: &mut [f32], reader: &Reader, scale: f32) {
    let (cos, sin) = reader.table.map_or((&[][..], &[][..]), |table| table.at(reader.seen.end - 1));
    let (turned, rest) = query.split_at_mut(2 * cos.len());
    let (low, high) = turned.split_at_mut(cos.len());
    for (((low, high), &cos), &sin) in low.iter_mut().zip(high).zip(cos).zip(sin) {
        let (a, b) = Rope::turn(*low, *high, cos, sin);
        (*low, *high) = (a * scale, b * scale);
    }
    rest.iter_mut().for_each(|value| *value *= scale);
}

/// sⱼ = q · kⱼ for the seen keys j, each sum in the order of the width.
#[inline(always)]
fn scores(query: &[f32], reader: &Reader, head: usize, scores: &mut Vec<f32>) {
    scores.clear();
    for (segment, part) in reader.segments() {
        let (first, start) = (part.start / KEYS, scores.len());
        let wanted = first * KEYS..part.end;
        for block in segment.key_blocks(head).skip(first).take(wanted.len().div_ceil(KEYS)) {
            let mut sums = [0.0; KEYS];
            for (&q, keys) in query.iter().zip(block) {
                for (sum, &key) in sums.iter_mut().zip(keys) {
                    *sum = q.mul_add(key, *sum);
                }
            }
            scores.extend_from_slice(&sums);
        }
        scores.truncate(start + wanted.len());
        scores.drain(start..start + part.start - wanted.start);
    }
}

/// out = Σⱼ pⱼ vⱼ, each sum in the order of the positions.
#[inline(always)]
fn mix(weights: &[f32], reader: &Reader, head: usize, out: &mut [f32]) {
    const WIDTH: usize = 32;
    let (wide, narrow) = out.as_chunks_mut::<WIDTH>();
    let start = wide.len() * WIDTH;
    for (index, out) in wide.iter_mut().enumerate() {
        mix_columns(weights, reader, head, index * WIDTH, out);
    }
    for (index, out) in narrow.as_chunks_mut::<1>().0.iter_mut().enumerate() {
        mix_columns(weights, reader, head, start + index, out);
    }
}

#[inline(always)]
fn mix_columns<const WIDTH: usize>(
    weights: &[f32],
    reader: &Reader,
    head: usize,
    column: usize,
    out: &mut [f32; WIDTH],
) {
    let mut sums = [0.0; WIDTH];
    let mut weights = weights.iter();
    for (segment, part) in reader.segments() {
        // The shorter iterator comes first: it must not take a weight that it cannot use.
        for (value, &weight) in segment.values(head, part).zip(&mut weights) {
            let value = &value[column..][..WIDTH];
            for (sum, &value) in sums.iter_mut().zip(value) {
                *sum = weight.mul_add(value, *sum);
            }
        }
    }
    *out = sums;
}
