//! Swaps by what a gradient promises of them.

use motjuste::Result;

use super::open::Open;
use crate::kernel::reduce;
use crate::kernel::widest::widest;

/// By how much the loss changes, to first order, if each token w of the vocabulary takes the place of u: (eʷ
/// − eᵘ) · g, with the embeddings e as the first layer reads them and g = ∂loss/∂e at that place (HotFlip,
/// arXiv 1712.06751, equation 10; AutoPrompt, arXiv 2010.15980, equation 2).
pub(super) fn promises(open: &Open, current: u32, gradient: &[f32]) -> Vec<f64> {
    let embedding = &open.decoder.embedding;
    let table = &embedding.table;
    let along = match table.is_exact() {
        true => table.forward(gradient),
        false => (0..table.outputs()).map(|w| dot(&table.row(w), gradient)).collect(),
    };
    changes(&along, current, embedding.scale)
}

/// scale · (aʷ − aᵘ) for every w.
fn changes(along: &[f32], current: u32, scale: f32) -> Vec<f64> {
    let now = f64::from(along[current as usize]);
    along.iter().map(|&along| f64::from(scale) * (f64::from(along) - now)).collect()
}

fn dot(x: &[f32], y: &[f32]) -> f32 {
    widest(
        #[inline(always)]
        || reduce::dot(x, y),
    )
}

/// The allowed tokens with the least promised loss, at most `count`, best first; the lower id among equals.
pub(super) fn best(
    promises: &[f64],
    count: usize,
    allowed: impl Fn(u32) -> Result<bool>,
) -> Result<Vec<u32>> {
    let mut order: Vec<u32> = (0..promises.len() as u32).collect();
    order.sort_by(|&a, &b| promises[a as usize].total_cmp(&promises[b as usize]));
    let mut best = Vec::new();
    for token in order {
        if best.len() == count {
            break;
        }
        if allowed(token)? {
            best.push(token);
        }
    }
    Ok(best)
}

#[cfg(test)]
mod tests {
    use super::{best, changes};

    /// Computed by hand: eʷ · g for five embeddings and g = (0.3, −0.8).
    #[test]
    fn the_order_of_swaps_is_that_of_hotflip() {
        let e = [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0], [0.5, 0.5]];
        let g = [0.3, -0.8];
        let along: Vec<f32> = e.iter().map(|e: &[f32; 2]| e[0] * g[0] + e[1] * g[1]).collect();
        let promises = changes(&along, 3, 1.0);
        assert_eq!(best(&promises, 5, |_| Ok(true)).unwrap(), [1, 2, 4, 0, 3]);
        assert_eq!(best(&promises, 4, |w| Ok(w != 1)).unwrap(), [2, 4, 0, 3]);
        assert_eq!(best(&promises, 2, |_| Ok(true)).unwrap(), [1, 2]);
        assert!((promises[1] + 1.6).abs() < 1e-6 && promises[3] == 0.0);
        assert_eq!(best(&[0.0; 3], 2, |_| Ok(true)).unwrap(), [0, 1]);
    }
}
