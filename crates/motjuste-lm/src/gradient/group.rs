//! Some rows through all layers, there and back.

use super::layer::Pass;
use super::{Graded, Packed, Row, head};
use crate::forward::Decoder;

/// Loss and gradient of rows whose tokens are packed one text behind the other.
pub(super) fn graded(decoder: &Decoder, packed: &Packed, rows: &[Row]) -> Vec<Graded> {
    let hidden = decoder.config.hidden;
    let texts: Vec<usize> = rows.iter().map(|row| row.embeddings.len() / hidden).collect();
    let pass = |index| Pass::new(decoder, packed, index, &texts);
    let mut x: Vec<f32> = rows.iter().flat_map(|row| &row.embeddings).copied().collect();
    let mut inputs = Vec::new();
    for index in 0..decoder.layers.len() {
        let y = pass(index).forward(&x);
        inputs.push(std::mem::replace(&mut x, y));
    }
    let head::Losses { rows: losses, mut gradient } = head::losses(decoder, packed, &x, rows);
    for (index, input) in inputs.iter().enumerate().rev() {
        gradient = pass(index).back(input, &gradient);
    }
    cut(rows, &losses, &gradient, hidden)
}

/// Each row's loss, and the part of the gradient that it asks for.
fn cut(rows: &[Row], losses: &[f64], mut gradient: &[f32], hidden: usize) -> Vec<Graded> {
    let row = |(row, &loss): (&Row, &f64)| {
        let (own, rest) = gradient.split_at(row.embeddings.len());
        gradient = rest;
        let wanted = row.wanted.start * hidden..row.wanted.end * hidden;
        Graded { loss, gradient: own[wanted].to_vec() }
    };
    rows.iter().zip(losses).map(row).collect()
}
