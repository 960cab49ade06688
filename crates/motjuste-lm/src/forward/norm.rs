//! Root-mean-square layer normalisation (arXiv 1910.07467, equation 4).

use motjuste::Result;
use pulp::{Simd, WithSimd};

use crate::config::Config;
use crate::kernel::{reduce, vectorized};
use crate::weights::Weights;

/// yᵢ = gᵢ xᵢ / √(mean(x²) + ε).
pub(crate) struct Norm {
    pub(crate) gain: Vec<f32>,
    pub(crate) epsilon: f32,
}

impl Norm {
    pub(super) fn load(
        weights: &Weights,
        name: &str,
        width: usize,
        config: &Config,
    ) -> Result<Self> {
        let stored = weights.load(&format!("{name}.weight"), &[width])?;
        let gain = stored.iter().map(|gain| gain + config.norm_offset).collect();
        Ok(Self { gain, epsilon: config.norm_epsilon })
    }

    pub(super) fn parameters(&self) -> usize {
        self.gain.len()
    }

    /// Normalises every `width` numbers on their own, in place.
    pub(crate) fn apply(&self, rows: &mut [f32]) {
        vectorized(Normalize { norm: self, rows });
    }

    /// The normalised rows.
    pub(crate) fn of(&self, rows: &[f32]) -> Vec<f32> {
        let mut rows = rows.to_vec();
        self.apply(&mut rows);
        rows
    }
}

struct Normalize<'a> {
    norm: &'a Norm,
    rows: &'a mut [f32],
}

impl WithSimd for Normalize<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let gain = &self.norm.gain[..];
        for row in self.rows.chunks_exact_mut(gain.len()) {
            let mean_square = reduce::dot(row, row) / gain.len() as f32;
            let scale = 1.0 / (mean_square + self.norm.epsilon).sqrt();
            for (x, g) in row.iter_mut().zip(gain) {
                *x = *x * scale * g;
            }
        }
    }
}
