//! Rotary embedding of the rows of a text by their positions, forward and back.

use crate::rope::{Rope, Table};

/// x ← R(position) x · scale for some heads at each position, rows of shape (positions, heads · width), in
/// the order of the ordinary pass.
#[inline(always)]
pub(super) fn forward(rows: &mut [f32], shape: Shape, table: Option<&Table>, scale: f32) {
    each(rows, shape, table, |head, cos, sin| turn(head, cos, sin, scale, 1.0));
}

/// ∂x = R(position)ᵀ ∂y · scale. R need be no rotation: a longer context may stretch cos and sin.
#[inline(always)]
pub(super) fn back(rows: &mut [f32], shape: Shape, table: Option<&Table>, scale: f32) {
    each(rows, shape, table, |head, cos, sin| turn(head, cos, sin, scale, -1.0));
}

/// Heads at each position, and the width of each.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) heads: usize,
    pub(super) width: usize,
}

#[inline(always)]
fn each(
    rows: &mut [f32],
    shape: Shape,
    table: Option<&Table>,
    turn: impl Fn(&mut [f32], &[f32], &[f32]),
) {
    for (position, row) in rows.chunks_exact_mut(shape.heads * shape.width).enumerate() {
        let (cos, sin) = table.map(|table| table.at(position)).unwrap_or_default();
        for head in row.chunks_exact_mut(shape.width) {
            turn(head, cos, sin);
        }
    }
}

#[inline(always)]
fn turn(head: &mut [f32], cos: &[f32], sin: &[f32], scale: f32, direction: f32) {
    let (turned, rest) = head.split_at_mut(2 * cos.len());
    let (low, high) = turned.split_at_mut(cos.len());
    for (((low, high), &cos), &sin) in low.iter_mut().zip(high).zip(cos).zip(sin) {
        let (a, b) = Rope::turn(*low, *high, cos, direction * sin);
        (*low, *high) = (a * scale, b * scale);
    }
    rest.iter_mut().for_each(|value| *value *= scale);
}
