//! The order of the rows that rotate a head: llama.cpp's files keep together the two rows that turn
//! each other (head, pair, 2), Hugging Face's keep them half a head apart (head, 2, pair).

/// Rows from llama.cpp's order into Hugging Face's. `values` has rows of `inputs` numbers or bytes, and a head has
/// `head_width` of them.
pub(crate) fn halves<T: Copy>(values: &[T], head_width: usize, inputs: usize) -> Vec<T> {
    let half = head_width / 2;
    reordered(values, head_width, inputs, |row| row % half * 2 + row / half)
}

/// Rows from Hugging Face's order into llama.cpp's: the inverse of [`halves`].
pub(crate) fn neighbours<T: Copy>(values: &[T], head_width: usize, inputs: usize) -> Vec<T> {
    let half = head_width / 2;
    reordered(values, head_width, inputs, |row| row / 2 + row % 2 * half)
}

/// Each head with the row `from(r)` in place r.
fn reordered<T: Copy>(
    values: &[T],
    head_width: usize,
    inputs: usize,
    from: impl Fn(usize) -> usize,
) -> Vec<T> {
    let mut ordered = Vec::with_capacity(values.len());
    for head in values.chunks_exact(head_width * inputs) {
        for row in 0..head_width {
            ordered.extend_from_slice(&head[from(row) * inputs..][..inputs]);
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two heads of six rows of two: row r holds 2r and 2r + 1.
    fn rows(order: [usize; 12]) -> Vec<f32> {
        order.iter().flat_map(|row| [2 * row, 2 * row + 1]).map(|value| value as f32).collect()
    }

    const STORED: [usize; 12] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

    #[test]
    fn neighbours_become_halves_head_by_head() {
        let expected = rows([0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11]);
        assert_eq!(halves(&rows(STORED), 6, 2), expected);
    }

    #[test]
    fn halves_become_neighbours_head_by_head() {
        let expected = rows([0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11]);
        assert_eq!(neighbours(&rows(STORED), 6, 2), expected);
    }

    #[test]
    fn there_and_back_changes_nothing() {
        for head_width in [2, 4, 6, 8, 64] {
            let values: Vec<f32> = (0..3 * head_width * 5).map(|value| value as f32).collect();
            let there = neighbours(&values, head_width, 5);
            assert_eq!(halves(&there, head_width, 5), values, "{head_width}");
        }
    }
}
