//! How threads share a matrix product. No output depends on it.

use std::ops::Range;

use rayon::prelude::*;

/// Outputs computed together: a whole number of vectors of any machine.
pub(super) const PANEL: usize = 32;

/// Rows computed together: their inputs stay in the second-level cache while all of W passes by.
pub(super) const BLOCK: usize = 120;

/// Multiplications below which a second thread costs more than it brings.
const PARALLEL_WORK: usize = 1 << 18;

/// A matrix cut into panels of 32 outputs.
pub(super) trait Paneled: Sync {
    /// Rows as the products read them.
    type Prepared: Sync;

    fn inputs(&self) -> usize;

    fn outputs(&self) -> usize;

    /// Prepares rows, shape (rows, inputs).
    fn prepare(&self, x: &[f32]) -> Self::Prepared;

    /// The products of the rows of `x` with some panels, written to `y`, shape (rows, outputs of these
    /// panels).
    fn multiply_panels(&self, panels: Range<usize>, x: &Self::Prepared, y: &mut [f32]);
}

/// W x for each row of `x`: (rows, inputs) → (rows, outputs).
pub(super) fn multiply(matrix: &impl Paneled, x: &[f32]) -> Vec<f32> {
    let rows = x.len() / matrix.inputs();
    let mut y = vec![0.0; rows * matrix.outputs()];
    if rows * matrix.inputs() * matrix.outputs() < PARALLEL_WORK {
        rows_serial(matrix, x, &mut y);
    } else if rows >= BLOCK {
        rows_parallel(matrix, x, &mut y);
    } else {
        columns_parallel(matrix, x, &mut y);
    }
    y
}

fn panels(matrix: &impl Paneled) -> usize {
    matrix.outputs().div_ceil(PANEL)
}

pub(super) fn rows_serial(matrix: &impl Paneled, x: &[f32], y: &mut [f32]) {
    let blocks = x.chunks(BLOCK * matrix.inputs()).zip(y.chunks_mut(BLOCK * matrix.outputs()));
    blocks.for_each(|(x, y)| matrix.multiply_panels(0..panels(matrix), &matrix.prepare(x), y));
}

/// Many rows: each thread takes some of them, blocks of equal size.
pub(super) fn rows_parallel(matrix: &impl Paneled, x: &[f32], y: &mut [f32]) {
    let rows = x.len() / matrix.inputs();
    let blocks = rows.div_ceil(BLOCK).next_multiple_of(rayon::current_num_threads());
    let block = rows.div_ceil(blocks).max(1);
    x.par_chunks(block * matrix.inputs())
        .zip(y.par_chunks_mut(block * matrix.outputs()))
        .for_each(|(x, y)| rows_serial(matrix, x, y));
}

/// Few rows and many weights: each thread reads its own part of the weights.
pub(super) fn columns_parallel(matrix: &impl Paneled, x: &[f32], y: &mut [f32]) {
    let (rows, outputs, panels) = (x.len() / matrix.inputs(), matrix.outputs(), panels(matrix));
    let share = panels.div_ceil(rayon::current_num_threads());
    let x = matrix.prepare(x);
    let strips: Vec<Vec<f32>> = (0..panels.div_ceil(share))
        .into_par_iter()
        .map(|strip| {
            let panels = strip * share..panels.min((strip + 1) * share);
            let width = outputs.min(panels.end * PANEL) - panels.start * PANEL;
            let mut y = vec![0.0; rows * width];
            matrix.multiply_panels(panels, &x, &mut y);
            y
        })
        .collect();
    for (strip, part) in strips.iter().enumerate() {
        let start = strip * share * PANEL;
        let columns = outputs.min(start + share * PANEL) - start;
        for (y, part) in y.chunks_exact_mut(outputs).zip(part.chunks_exact(columns)) {
            y[start..][..columns].copy_from_slice(part);
        }
    }
}
