//! The way back through a root-mean-square norm, yᵢ = gᵢ xᵢ r with r = 1 / √(mean(x²) + ε).

use crate::forward::Norm;
use crate::kernel::reduce;
use crate::kernel::widest::widest;

/// ∂xᵢ = r (gᵢ ∂yᵢ − xᵢ r² / n · Σⱼ gⱼ ∂yⱼ xⱼ), from the norm's input and the gradient of its output.
pub(super) fn back(norm: &Norm, x: &[f32], gradient: &[f32]) -> Vec<f32> {
    let mut result = gradient.to_vec();
    widest(
        #[inline(always)]
        || {
            let width = norm.gain.len();
            for (row, x) in result.chunks_exact_mut(width).zip(x.chunks_exact(width)) {
                let scale = scale(norm, x);
                for (y, g) in row.iter_mut().zip(&norm.gain) {
                    *y *= g;
                }
                let shrink = reduce::dot(row, x) * scale * scale / width as f32;
                for (y, x) in row.iter_mut().zip(x) {
                    *y = scale * (*y - x * shrink);
                }
            }
        },
    );
    result
}

#[inline(always)]
fn scale(norm: &Norm, row: &[f32]) -> f32 {
    let mean_square = reduce::dot(row, row) / row.len() as f32;
    1.0 / (mean_square + norm.epsilon).sqrt()
}
