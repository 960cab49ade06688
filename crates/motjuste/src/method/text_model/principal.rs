//! Principal components of sparse rows.

use rand::RngExt;

use super::terms::Terms;
use crate::random::Streams;

/// Rounds of subspace iteration.
const ROUNDS: usize = 4;

/// The rows in the coordinates of their first principal components, so many at the most: rows × components.
///
/// Randomised subspace iteration (Halko, Martinsson and Tropp 2011, algorithm 4.4) on the centred rows, with a start
/// that is always the same. The coordinates are those of an orthonormal basis of the components' space, not of the
/// components themselves: distances are the same.
pub(super) fn components(terms: &Terms, count: usize) -> Vec<Vec<f64>> {
    let count = count.min(terms.rows.len()).min(terms.width);
    let centred = Centred::of(terms);
    let mut stream = Streams::new(0).stream("components", 0);
    let mut basis: Vec<Vec<f64>> = (0..count)
        .map(|_| (0..terms.width).map(|_| stream.random_range(-1.0..1.0)).collect())
        .collect();
    for _ in 0..ROUNDS {
        orthonormalise(&mut basis);
        basis = basis.iter().map(|vector| centred.transposed(&centred.times(vector))).collect();
    }
    orthonormalise(&mut basis);
    let columns: Vec<Vec<f64>> = basis.iter().map(|vector| centred.times(vector)).collect();
    (0..terms.rows.len()).map(|row| columns.iter().map(|column| column[row]).collect()).collect()
}

/// Sparse rows less their mean, which is never written out.
struct Centred<'a> {
    terms: &'a Terms,
    mean: Vec<f64>,
}

impl<'a> Centred<'a> {
    fn of(terms: &'a Terms) -> Self {
        let mut mean = vec![0.0; terms.width];
        for &(column, weight) in terms.rows.iter().flatten() {
            mean[column] += weight / terms.rows.len() as f64;
        }
        Self { terms, mean }
    }

    /// X v
    fn times(&self, vector: &[f64]) -> Vec<f64> {
        let shift = dot(&self.mean, vector);
        let row = |row: &Vec<(usize, f64)>| {
            row.iter().map(|(column, weight)| weight * vector[*column]).sum::<f64>() - shift
        };
        self.terms.rows.iter().map(row).collect()
    }

    /// X' u
    fn transposed(&self, vector: &[f64]) -> Vec<f64> {
        let total: f64 = vector.iter().sum();
        let mut product: Vec<f64> = self.mean.iter().map(|mean| -mean * total).collect();
        for (row, value) in self.terms.rows.iter().zip(vector) {
            row.iter().for_each(|(column, weight)| product[*column] += weight * value);
        }
        product
    }
}

/// Gram and Schmidt, twice each; what is left of a dependent vector is 0.
fn orthonormalise(basis: &mut [Vec<f64>]) {
    for index in 0..basis.len() {
        let (known, rest) = basis.split_at_mut(index);
        let Some(vector) = rest.first_mut() else { return };
        let before = dot(vector, vector).sqrt();
        for other in known.iter().chain(known.iter()) {
            let share = dot(vector, other);
            vector.iter_mut().zip(other).for_each(|(value, other)| *value -= share * other);
        }
        let length = dot(vector, vector).sqrt();
        let scale = if length > 1e-9 * before { 1.0 / length } else { 0.0 };
        vector.iter_mut().for_each(|value| *value *= scale);
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two topics with words of their own, and a word for each text: one component tells the topics apart.
    #[test]
    fn the_first_component_tells_topics_apart() {
        let row = |topic: usize, own: usize| vec![(topic, 1.0), (topic + 1, 1.0), (4 + own, 0.1)];
        let rows = (0..20).map(|text| row(2 * (text % 2), text)).collect();
        let terms = Terms { rows, width: 24 };
        let found = components(&terms, 1);
        for (text, place) in found.iter().enumerate() {
            assert_eq!(place[0] > 0.0, found[text % 2][0] > 0.0);
            assert!((place[0].abs() - 1.0).abs() < 0.05, "{place:?}");
        }
    }

    #[test]
    fn all_components_keep_every_distance() {
        let rows = vec![vec![(0, 1.0)], vec![(1, 2.0)], vec![(0, 3.0), (2, 1.0)], vec![(2, 0.5)]];
        let terms = Terms { rows, width: 3 };
        let found = components(&terms, 9);
        let between =
            |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
        assert_eq!(found[0].len(), 3);
        assert!((between(&found[0], &found[1]) - 5.0).abs() < 1e-9);
        assert!((between(&found[0], &found[2]) - 5.0).abs() < 1e-9);
        assert!((between(&found[1], &found[3]) - 4.25).abs() < 1e-9);
    }
}
