//! Cutting many rows into batches that threads work on side by side.

use rayon::prelude::*;

use crate::forward::Decoder;
use crate::reading::Reading;

/// Rows of a batch at the most; their caches should not push the weights out of memory's fast end.
const ROWS: usize = 128;

/// Parameters of a model that one core keeps close at hand. A larger one is read from memory by
/// all threads together, for as many rows as possible.
const SMALL: usize = 1 << 23;

/// Applies `work` to batches of rows, rows that begin alike together, and returns the results in
/// the order of the rows.
pub(crate) fn in_batches<T: Send>(
    decoder: &Decoder,
    readings: &[Reading],
    work: impl Fn(&[usize]) -> Vec<T> + Send + Sync,
) -> Vec<T> {
    let mut order: Vec<usize> = (0..readings.len()).collect();
    order.sort_by_key(|&row| readings[row].shareable());
    let batches = order.par_chunks(rows_per_batch(decoder, readings.len()));
    // Inside the pool, so that each product finds its threads there and need not enter it.
    let done: Vec<Vec<T>> = rayon::scope(|_| batches.map(work).collect());
    let mut done: Vec<(usize, T)> = order.into_iter().zip(done.into_iter().flatten()).collect();
    done.sort_by_key(|(row, _)| *row);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Rows to ask for at once at the most: where a batch takes long, so few that what is done is told, and that little is lost with
/// a process that dies.
pub(crate) fn rows_at_once(decoder: &Decoder) -> usize {
    if is_small(decoder) { 2 * ROWS } else { ROWS / 2 }
}

/// Whether the model is one that one core keeps close at hand.
pub(crate) fn is_small(decoder: &Decoder) -> bool {
    decoder.parameters() <= SMALL
}

fn rows_per_batch(decoder: &Decoder, rows: usize) -> usize {
    let share = if is_small(decoder) { rows.div_ceil(rayon::current_num_threads()) } else { rows };
    share.clamp(1, ROWS)
}
