//! What the model makes of a text: the mean of its hidden states over the text's tokens.

use crate::batches::in_batches;
use crate::forward::Decoder;
use crate::reading::{Read, Reading, read};

/// The mean over the wanted tokens of the last layer's hidden states behind the final norm, one
/// vector of the hidden width for each reading; zeros when no token is wanted.
pub(crate) fn features(decoder: &Decoder, readings: &[Reading]) -> Vec<Vec<f32>> {
    let width = decoder.config.hidden;
    let means = |reads: Vec<Read>| reads.iter().map(|read| mean(&read.hidden, width)).collect();
    in_batches(decoder, readings, |rows| {
        let readings: Vec<&Reading> = rows.iter().map(|&row| &readings[row]).collect();
        means(read(decoder, &readings))
    })
}

/// The mean of rows, added in their order.
fn mean(rows: &[f32], width: usize) -> Vec<f32> {
    let mut sum = vec![0.0; width];
    for row in rows.chunks_exact(width) {
        sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
    }
    let count = (rows.len() / width).max(1) as f32;
    sum.iter_mut().for_each(|sum| *sum /= count);
    sum
}

#[cfg(test)]
mod tests {
    use super::mean;

    #[test]
    fn the_mean_of_no_rows_is_zero() {
        assert_eq!(mean(&[], 2), [0.0, 0.0]);
        assert_eq!(mean(&[1.0, 2.0, 3.0, 6.0], 2), [2.0, 4.0]);
    }
}
