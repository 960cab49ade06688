//! Matrices side by side.

use std::ops::Range;

/// Some columns of a matrix of so many.
pub(crate) fn columns(rows: &[f32], width: usize, wanted: Range<usize>) -> Vec<f32> {
    rows.chunks_exact(width).flat_map(|row| &row[wanted.clone()]).copied().collect()
}

/// A matrix with columns of several parts, as one matrix for each part.
pub(crate) fn split(rows: &[f32], widths: &[usize]) -> Vec<Vec<f32>> {
    let width: usize = widths.iter().sum();
    let mut end = 0;
    let part = |&part: &usize| {
        end += part;
        columns(rows, width, end - part..end)
    };
    widths.iter().map(part).collect()
}

/// The other way round.
pub(crate) fn join(parts: &[Vec<f32>], widths: &[usize]) -> Vec<f32> {
    let rows = parts.first().map_or(0, |part| part.len() / widths[0]);
    let mut joined = Vec::with_capacity(parts.iter().map(Vec::len).sum());
    for row in 0..rows {
        for (part, &width) in parts.iter().zip(widths) {
            joined.extend_from_slice(&part[row * width..][..width]);
        }
    }
    joined
}

/// x ← x + y, number by number.
pub(crate) fn add(x: &mut [f32], y: &[f32]) {
    x.iter_mut().zip(y).for_each(|(x, y)| *x += y);
}

#[cfg(test)]
mod tests {
    use super::{join, split};

    #[test]
    fn parts_are_columns_and_come_together_again() {
        let rows = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let parts = split(&rows, &[1, 2]);
        assert_eq!(parts, [vec![1.0, 4.0], vec![2.0, 3.0, 5.0, 6.0]]);
        assert_eq!(join(&parts, &[1, 2]), rows);
    }
}
