//! Matrices side by side.

/// A matrix with columns of several parts, as one matrix for each part.
pub(super) fn split(rows: &[f32], widths: &[usize]) -> Vec<Vec<f32>> {
    let width: usize = widths.iter().sum();
    let mut start = 0;
    let part = |&part: &usize| {
        let columns = start..start + part;
        start += part;
        rows.chunks_exact(width).flat_map(|row| &row[columns.clone()]).copied().collect()
    };
    widths.iter().map(part).collect()
}

/// The other way round.
pub(super) fn join(parts: &[Vec<f32>], widths: &[usize]) -> Vec<f32> {
    let rows = parts.first().map_or(0, |part| part.len() / widths[0]);
    let mut joined = Vec::with_capacity(parts.iter().map(Vec::len).sum());
    for row in 0..rows {
        for (part, &width) in parts.iter().zip(widths) {
            joined.extend_from_slice(&part[row * width..][..width]);
        }
    }
    joined
}

/// x ← x + y.
pub(super) fn add(x: &mut [f32], y: &[f32]) {
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
