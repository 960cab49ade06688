//! Softmax and the logarithm of its denominator, each row in the order of [`reduce`].

use super::exp::exp;
use super::reduce;
use super::widest::widest;

/// log Σ eˣ over a row, less what f32 rounds away; −∞ counts for nothing.
pub(crate) fn log_sum_exp(x: &[f32]) -> f64 {
    let highest = widest(
        #[inline(always)]
        || reduce::max(x),
    );
    if highest == f32::NEG_INFINITY {
        return f64::NEG_INFINITY;
    }
    let sum = widest(
        #[inline(always)]
        || {
            let mut powers = x.to_vec();
            for x in &mut powers {
                *x = power(*x, highest);
            }
            reduce::sum(&powers)
        },
    );
    f64::from(highest) + f64::from(sum).ln()
}

/// The same over some places of a row.
pub(crate) fn log_sum_exp_of(x: &[f32], places: &[u32]) -> f64 {
    let chosen: Vec<f32> = places.iter().map(|&place| x[place as usize]).collect();
    log_sum_exp(&chosen)
}

/// pᵢ = e^(xᵢ − max x) / Σ; 0 where xᵢ is −∞.
pub(crate) fn softmax(x: &mut [f32]) {
    widest(
        #[inline(always)]
        || {
            let highest = reduce::max(x);
            for x in x.iter_mut() {
                *x = power(*x, highest);
            }
            let scale = 1.0 / reduce::sum(x);
            for x in x.iter_mut() {
                *x *= scale;
            }
        },
    );
}

/// The same for scores that are all finite, within code that is compiled for the widest vectors.
#[inline(always)]
pub(crate) fn softmax_of_finite(scores: &mut [f32]) {
    let highest = reduce::max(scores);
    for score in scores.iter_mut() {
        *score = exp(*score - highest);
    }
    let scale = 1.0 / reduce::sum(scores);
    for score in scores.iter_mut() {
        *score *= scale;
    }
}

/// e^(x − highest), and nothing for −∞, where [`exp`] stops at e^−87.3.
#[inline(always)]
fn power(x: f32, highest: f32) -> f32 {
    if x == f32::NEG_INFINITY { 0.0 } else { exp(x - highest) }
}

#[cfg(test)]
mod tests {
    use super::{log_sum_exp, log_sum_exp_of, softmax};

    #[test]
    fn a_row_is_compared_with_its_formula() {
        let x: Vec<f32> = (0..50).map(|i| (i * 7 % 11) as f32 - 4.0).collect();
        let sum: f64 = x.iter().map(|&x| f64::from(x).exp()).sum();
        assert!((log_sum_exp(&x) - sum.ln()).abs() < 1e-6);
        let two = (f64::from(x[3]).exp() + f64::from(x[8]).exp()).ln();
        assert!((log_sum_exp_of(&x, &[3, 8]) - two).abs() < 1e-6);
        let mut p = x.clone();
        softmax(&mut p);
        let worst = p.iter().zip(&x).map(|(&p, &x)| f64::from(p) - f64::from(x).exp() / sum);
        assert!(worst.map(f64::abs).fold(0.0, f64::max) < 1e-7);
    }

    #[test]
    fn what_is_not_there_counts_for_nothing() {
        let mut x = [f32::NEG_INFINITY, 0.0, f32::NEG_INFINITY];
        assert_eq!((log_sum_exp(&x), log_sum_exp_of(&x, &[0, 2])), (0.0, f64::NEG_INFINITY));
        softmax(&mut x);
        assert_eq!(x, [0.0, 1.0, 0.0]);
    }
}
