//! Causal attention of packed rows over the caches of their sequences, with grouped heads
//! (arXiv 1706.03762, equation 1; arXiv 2305.13245).

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::linear::Linear;
use super::rope::Rope;
use super::{Span, Step, floats, with_floats};
use crate::cache::{Cache, KEYS};
use crate::config::Config;
use crate::kernel::exp::exp;
use crate::kernel::{reduce, vectorized};
use crate::weights::Weights;

/// Queries that one thread answers at the least.
const QUERIES: usize = 32;

pub(super) struct Attention {
    query: Linear,
    key_value: Linear,
    output: Linear,
    heads: usize,
    key_value_heads: usize,
    head_width: usize,
}

impl Attention {
    pub(super) fn load(weights: &Weights, name: &str, c: &Config) -> motjuste::Result<Self> {
        let [q, k, v, o] = ["q", "k", "v", "o"].map(|part| format!("{name}.{part}_proj"));
        let (width, kv_width) = (c.heads * c.head_width, c.key_value_heads * c.head_width);
        Ok(Self {
            query: Linear::load(weights, &[&q], c.hidden, &[width])?,
            key_value: Linear::load(weights, &[&k, &v], c.hidden, &[kv_width; 2])?,
            output: Linear::load(weights, &[&o], width, &[c.hidden])?,
            heads: c.heads,
            key_value_heads: c.key_value_heads,
            head_width: c.head_width,
        })
    }

    pub(super) fn parameters(&self) -> usize {
        self.query.parameters() + self.key_value.parameters() + self.output.parameters()
    }

    /// Extends the caches by all rows and answers for the wanted ones:
    /// (Σ new, hidden) → (Σ wanted, hidden).
    pub(super) fn forward(&self, x: &Tensor, step: &mut Step) -> Result<Tensor> {
        self.extend(&self.key_value.forward(x)?, step)?;
        let queries = self.query.forward(&step.wanted(x)?)?;
        self.output.forward(&queries.apply_op1_no_bwd(&Attend { attention: self, step })?)
    }

    fn extend(&self, key_values: &Tensor, step: &mut Step) -> Result<()> {
        let width = 2 * self.key_value_heads * self.head_width;
        with_floats(key_values, |mut rows| {
            for (cache, span) in step.caches.iter_mut().zip(step.spans) {
                let (own, rest) = rows.split_at(span.new * width);
                cache.append(step.layer, own, step.rope);
                rows = rest;
            }
        })
    }
}

/// (Σ wanted, heads · head width) → the same shape: queries to attended values.
struct Attend<'a> {
    attention: &'a Attention,
    step: &'a Step<'a>,
}

impl CustomOp1 for Attend<'_> {
    fn name(&self) -> &'static str {
        "attention"
    }

    fn cpu_fwd(&self, queries: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let mut rows = floats(queries, layout)?.to_vec();
        let width = self.attention.heads * self.attention.head_width;
        let readers = readers(self.step);
        rows.par_chunks_mut(QUERIES * width).zip(readers.par_chunks(QUERIES)).for_each(
            |(rows, readers)| vectorized(AttendRows { attend: self, rows, readers, width }),
        );
        Ok((CpuStorage::F32(rows), layout.shape().clone()))
    }
}

/// Whose cache a query reads, and up to where.
#[derive(Clone, Copy)]
struct Reader<'a> {
    cache: &'a Cache,
    position: usize,
}

/// The last `wanted` of the `new` tokens of each sequence; the caches' lengths do not count this
/// step until its last layer has run.
fn readers<'a>(step: &'a Step) -> Vec<Reader<'a>> {
    let wanted = |(cache, span): (&'a Cache, &Span)| {
        let end = cache.layer(step.layer).map(|segment| segment.len()).sum::<usize>();
        (end - span.wanted..end).map(move |position| Reader { cache, position })
    };
    step.caches.iter().zip(step.spans).flat_map(wanted).collect()
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
        let Attend { attention, step } = self.attend;
        let group = attention.heads / attention.key_value_heads;
        let scale = 1.0 / (attention.head_width as f32).sqrt();
        let mut weights = Vec::new();
        for (row, reader) in self.rows.chunks_exact_mut(self.width).zip(self.readers) {
            for (head, query) in row.chunks_exact_mut(attention.head_width).enumerate() {
                rotate(query, step.rope, reader.position, scale);
                scores(query, reader, (step.layer, head / group), &mut weights);
                softmax(&mut weights);
                mix(&weights, reader, (step.layer, head / group), query);
            }
        }
    }
}

/// q ← R(position) q · scale.
#[inline(always)]
fn rotate(query: &mut [f32], rope: &Rope, position: usize, scale: f32) {
    let (cos, sin) = rope.at(position);
    let (low, high) = query.split_at_mut(cos.len());
    for (((low, high), &cos), &sin) in low.iter_mut().zip(high).zip(cos).zip(sin) {
        let (a, b) = Rope::turn(*low, *high, cos, sin);
        (*low, *high) = (a * scale, b * scale);
    }
}

/// sⱼ = q · kⱼ for the keys j up to the query's position, each sum in the order of the width.
#[inline(always)]
fn scores(query: &[f32], reader: &Reader, (layer, head): (usize, usize), scores: &mut Vec<f32>) {
    scores.clear();
    for segment in reader.cache.layer(layer) {
        let start = scores.len();
        for block in segment.key_blocks(head) {
            let mut sums = [0.0; KEYS];
            for (&q, keys) in query.iter().zip(block) {
                for (sum, &key) in sums.iter_mut().zip(keys) {
                    *sum = q.mul_add(key, *sum);
                }
            }
            scores.extend_from_slice(&sums);
            if scores.len() > reader.position {
                break;
            }
        }
        scores.truncate((start + segment.len()).min(reader.position + 1));
    }
}

/// pⱼ = e^(sⱼ − max s) / Σ.
#[inline(always)]
fn softmax(scores: &mut [f32]) {
    let highest = reduce::max(scores);
    for score in scores.iter_mut() {
        *score = exp(*score - highest);
    }
    let scale = 1.0 / reduce::sum(scores);
    for score in scores.iter_mut() {
        *score *= scale;
    }
}

/// out = Σⱼ pⱼ vⱼ, each sum in the order of the positions.
#[inline(always)]
fn mix(weights: &[f32], reader: &Reader, (layer, head): (usize, usize), out: &mut [f32]) {
    const WIDTH: usize = 32;
    let (wide, narrow) = out.as_chunks_mut::<WIDTH>();
    let start = wide.len() * WIDTH;
    for (index, out) in wide.iter_mut().enumerate() {
        mix_columns(weights, reader, (layer, head), index * WIDTH, out);
    }
    for (index, out) in narrow.as_chunks_mut::<1>().0.iter_mut().enumerate() {
        mix_columns(weights, reader, (layer, head), start + index, out);
    }
}

#[inline(always)]
fn mix_columns<const WIDTH: usize>(
    weights: &[f32],
    reader: &Reader,
    (layer, head): (usize, usize),
    column: usize,
    out: &mut [f32; WIDTH],
) {
    let mut sums = [0.0; WIDTH];
    let mut weights = weights.iter();
    for segment in reader.cache.layer(layer) {
        for (value, &weight) in segment.values(head).zip(&mut weights) {
            let value = &value[column..][..WIDTH];
            for (sum, &value) in sums.iter_mut().zip(value) {
                *sum = weight.mul_add(value, *sum);
            }
        }
    }
    *out = sums;
}
