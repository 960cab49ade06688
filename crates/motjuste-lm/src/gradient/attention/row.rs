//! One query against the keys and values that it sees.
//!
//! Scores r = q · kⱼ, capped scores s = c tanh(r / c), weights p = softmax(s), output o = Σⱼ pⱼ vⱼ. Back:
//!
//! - ∂pⱼ = ∂o · vⱼ and ∂vⱼ = pⱼ ∂o;
//! - ∂sⱼ = pⱼ (∂pⱼ − Σᵢ pᵢ ∂pᵢ);
//! - ∂rⱼ = ∂sⱼ (1 − (sⱼ / c)²), or ∂sⱼ without a cap;
//! - ∂q = Σⱼ ∂rⱼ kⱼ and ∂kⱼ = ∂rⱼ q.

use std::ops::Range;

use crate::forward::activation::soft_cap;
use crate::kernel::reduce;
use crate::kernel::softmax::softmax_of_finite;

/// Keys or values of one head in one text.
pub(super) struct Side {
    /// Shape (tokens, head width).
    pub(super) rows: Vec<f32>,
    /// Shape (head width, tokens).
    columns: Vec<f32>,
    width: usize,
}

impl Side {
    pub(super) fn new(rows: Vec<f32>, width: usize) -> Self {
        let columns = (0..width).flat_map(|i| rows.iter().skip(i).step_by(width));
        let columns = columns.copied().collect();
        Self { rows, columns, width }
    }

    /// x · rowⱼ for the seen rows j, each one chain in the order of the width.
    #[inline(always)]
    fn dots(&self, x: &[f32], seen: &Range<usize>, dots: &mut Vec<f32>) {
        let tokens = self.rows.len() / self.width;
        dots.clear();
        dots.resize(seen.len(), 0.0);
        for (&x, column) in x.iter().zip(self.columns.chunks_exact(tokens)) {
            for (dot, &value) in dots.iter_mut().zip(&column[seen.clone()]) {
                *dot = x.mul_add(value, *dot);
            }
        }
    }

    /// Σⱼ wⱼ rowⱼ over the seen rows j, in their order.
    #[inline(always)]
    fn mix(&self, weights: &[f32], seen: &Range<usize>, out: &mut [f32]) {
        out.fill(0.0);
        let rows = self.rows[seen.start * self.width..].chunks_exact(self.width);
        for (&weight, row) in weights.iter().zip(rows) {
            for (out, &value) in out.iter_mut().zip(row) {
                *out = weight.mul_add(value, *out);
            }
        }
    }
}

/// Room for what is made of one query.
#[derive(Default)]
pub(super) struct Scratch {
    weights: Vec<f32>,
    /// ∂s / ∂r.
    slopes: Vec<f32>,
    gradient: Vec<f32>,
}

/// What queries go against.
pub(super) struct Sides<'a> {
    pub(super) keys: &'a Side,
    pub(super) values: &'a Side,
    pub(super) cap: Option<f32>,
}

/// The gradients of keys and values, which all queries add to.
pub(super) struct Gradients {
    pub(super) keys: Vec<f32>,
    pub(super) values: Vec<f32>,
}

impl Sides<'_> {
    /// What a query, rotated and scaled, attends to.
    #[inline(always)]
    pub(super) fn attend(
        &self,
        query: &[f32],
        seen: &Range<usize>,
        scratch: &mut Scratch,
        out: &mut [f32],
    ) {
        self.weights(query, seen, scratch);
        self.values.mix(&scratch.weights, seen, out);
    }

    /// Replaces a query by its gradient, from that of what it attends to, and adds to those of keys and values.
    #[inline(always)]
    pub(super) fn back(
        &self,
        query: &mut [f32],
        gradient: &[f32],
        seen: &Range<usize>,
        scratch: &mut Scratch,
        sums: &mut Gradients,
    ) {
        self.weights(query, seen, scratch);
        accumulate(&scratch.weights, gradient, seen, &mut sums.values);
        self.values.dots(gradient, seen, &mut scratch.gradient);
        let mean = reduce::dot(&scratch.weights, &scratch.gradient);
        let parts = scratch.weights.iter().zip(&scratch.slopes);
        for (gradient, (weight, slope)) in scratch.gradient.iter_mut().zip(parts) {
            *gradient = weight * (*gradient - mean) * slope;
        }
        accumulate(&scratch.gradient, query, seen, &mut sums.keys);
        self.keys.mix(&scratch.gradient, seen, query);
    }

    /// The weights of the seen keys, in the order of the ordinary pass.
    #[inline(always)]
    fn weights(&self, query: &[f32], seen: &Range<usize>, scratch: &mut Scratch) {
        let Scratch { weights, slopes, .. } = scratch;
        self.keys.dots(query, seen, weights);
        slopes.clear();
        slopes.resize(weights.len(), 1.0);
        if let Some(cap) = self.cap {
            for (score, slope) in weights.iter_mut().zip(slopes) {
                *score = soft_cap(*score, cap);
                *slope = 1.0 - (*score / cap) * (*score / cap);
            }
        }
        softmax_of_finite(weights);
    }
}

/// rowⱼ ← rowⱼ + wⱼ x for the seen rows j.
#[inline(always)]
fn accumulate(weights: &[f32], x: &[f32], seen: &Range<usize>, rows: &mut [f32]) {
    let rows = rows[seen.start * x.len()..].chunks_exact_mut(x.len());
    for (&weight, row) in weights.iter().zip(rows) {
        for (sum, &x) in row.iter_mut().zip(x) {
            *sum = weight.mul_add(x, *sum);
        }
    }
}
