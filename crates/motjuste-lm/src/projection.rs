//! From a point of the latent box to soft-prompt embeddings: A z.

use std::collections::HashMap;
use std::f64::consts::TAU;
use std::sync::{Arc, Mutex, PoisonError};

use motjuste::model::{Entries, Projection, SoftPrompt};
use motjuste::random::{Stream, Streams};
use motjuste::{Error, Result};

use crate::sampling::uniform;

/// The projection matrices A drawn so far, for one embedding width.
pub(crate) struct Projections {
    width: usize,
    drawn: Mutex<HashMap<Key, Arc<Vec<f64>>>>,
}

/// A projection and the dimension of z.
type Key = (Projection, usize);

impl Projections {
    pub(crate) fn new(width: usize) -> Self {
        Self { width, drawn: Mutex::default() }
    }

    /// A z as `tokens` rows of the embedding width, row-major.
    ///
    /// # Errors
    /// When z is empty or holds a value that is not finite.
    pub(crate) fn embed(&self, soft: &SoftPrompt) -> Result<Vec<f32>> {
        let z = &soft.z;
        if z.is_empty() || !z.iter().all(|value| value.is_finite()) {
            return Err(Error::model(format!("a soft prompt needs finite coordinates, got {z:?}")));
        }
        let row = |a: &[f64]| a.iter().zip(z).map(|(a, z)| a * z).sum::<f64>() as f32;
        Ok(self.matrix(soft.projection, z.len()).chunks_exact(z.len()).map(row).collect())
    }

    fn matrix(&self, projection: Projection, dimension: usize) -> Arc<Vec<f64>> {
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        let matrix = drawn
            .entry((projection, dimension))
            .or_insert_with(|| Arc::new(draw(projection, dimension, self.width)));
        Arc::clone(matrix)
    }
}

/// A of shape (tokens · width, dimension), row-major.
fn draw(projection: Projection, dimension: usize, width: usize) -> Vec<f64> {
    let mut stream = Streams::new(projection.seed).stream("projection", 0);
    let entry = match projection.entries {
        Entries::Uniform => |stream: &mut Stream| 2.0 * uniform(stream) - 1.0,
        Entries::Normal => normal_third,
    };
    (0..projection.tokens * width * dimension).map(|_| entry(&mut stream)).collect()
}

/// N(0, 1/3) by Box and Muller: √(−2/3 ln u) cos(2πv) with u in (0, 1].
fn normal_third(stream: &mut Stream) -> f64 {
    let u = 1.0 - uniform(stream);
    (-2.0 / 3.0 * u.ln()).sqrt() * (TAU * uniform(stream)).cos()
}

#[cfg(test)]
mod tests {
    use super::{Projections, draw};
    use motjuste::model::{Entries, Projection, SoftPrompt};

    fn projection(entries: Entries, seed: u64) -> Projection {
        Projection { tokens: 5, entries, seed }
    }

    /// Mean and variance of 5 × 64 rows of 10 entries.
    fn moments(entries: Entries) -> (f64, f64) {
        let a = draw(projection(entries, 3), 10, 64);
        let mean = a.iter().sum::<f64>() / a.len() as f64;
        (mean, a.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / a.len() as f64)
    }

    #[test]
    fn both_kinds_of_entries_have_mean_zero_and_variance_a_third() {
        for entries in [Entries::Uniform, Entries::Normal] {
            let (mean, variance) = moments(entries);
            // 3200 entries: four standard errors are 0.041 and, for the normal, 0.034.
            assert!(mean.abs() < 0.041 && (variance - 1.0 / 3.0).abs() < 0.034);
        }
        assert!(draw(projection(Entries::Uniform, 3), 10, 64).iter().all(|a| a.abs() <= 1.0));
    }

    #[test]
    fn a_soft_prompt_is_linear_in_z_and_named_by_its_seed() {
        let projections = Projections::new(8);
        let soft = |z: Vec<f64>, seed| SoftPrompt {
            z,
            projection: projection(Entries::Uniform, seed),
            demonstrations: 0,
        };
        let one = projections.embed(&soft(vec![0.5, -0.25], 1)).unwrap();
        let two = projections.embed(&soft(vec![1.0, -0.5], 1)).unwrap();
        assert_eq!(one.len(), 5 * 8);
        assert!(one.iter().zip(&two).all(|(one, two)| 2.0 * one == *two));
        assert_ne!(one, projections.embed(&soft(vec![0.5, -0.25], 2)).unwrap());
    }

    #[test]
    fn a_point_that_is_not_finite_is_refused() {
        let soft = SoftPrompt {
            z: vec![f64::NAN],
            projection: projection(Entries::Normal, 0),
            demonstrations: 0,
        };
        assert!(Projections::new(4).embed(&soft).unwrap_err().is_model());
    }
}
