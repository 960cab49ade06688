//! Sums and products in twice the working precision, for the few places where a matrix is nearly
//! singular: the residuals of iterative refinement and products with a large inverse.
//!
//! Ogita, Rump and Oishi 2005, "Accurate sum and dot product": TwoSum (algorithm 3.1), Split
//! (3.2), TwoProduct (3.3) and Dot2 (5.3), whose result is as if computed in twice the precision
//! and then rounded. Written without fused multiply-add, which is a slow library call on the
//! baseline x86-64 target.

use faer::{Mat, MatRef};

/// `(s, e)` with `s = fl(a + b)` and `s + e = a + b` exactly.
#[inline]
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let part = sum - a;
    (sum, (a - (sum - part)) + (b - part))
}

/// Halves of 26 bits that add up to `a`; exact for |a| below 2^996.
#[inline]
fn split(a: f64) -> (f64, f64) {
    // 2^27 + 1
    let scaled = 134_217_729.0 * a;
    let high = scaled - (scaled - a);
    (high, a - high)
}

/// `(p, e)` with `p = fl(a b)` and `p + e = a b` exactly (no underflow).
#[inline]
fn two_product(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    let (ah, al) = split(a);
    let (bh, bl) = split(b);
    (product, al * bl - (((product - ah * bh) - al * bh) - ah * bl))
}

/// `A B` where every entry is a Dot2.
pub(crate) fn product(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> Mat<f64> {
    accumulate(a, b, 1.0, &Mat::zeros(a.nrows(), b.ncols()))
}

/// `B - A X` where every entry is a Dot2.
pub(crate) fn residual(a: MatRef<'_, f64>, x: MatRef<'_, f64>, b: MatRef<'_, f64>) -> Mat<f64> {
    accumulate(a, x, -1.0, &b.to_owned())
}

/// `start + sign A B`. The inner loop runs down a column of A, so that it vectorises.
fn accumulate(a: MatRef<'_, f64>, b: MatRef<'_, f64>, sign: f64, start: &Mat<f64>) -> Mat<f64> {
    let a = a.to_owned();
    let mut out = start.clone();
    for j in 0..b.ncols() {
        let mut errors = vec![0.0; a.nrows()];
        let sums = out.col_as_slice_mut(j);
        for k in 0..a.ncols() {
            add_multiple(sums, &mut errors, a.col_as_slice(k), sign * b[(k, j)]);
        }
        sums.iter_mut().zip(&errors).for_each(|(s, e)| *s += e);
    }
    out
}

/// One step of Dot2 for every entry: `sums + errors += column * factor`.
fn add_multiple(sums: &mut [f64], errors: &mut [f64], column: &[f64], factor: f64) {
    for ((sum, error), &value) in sums.iter_mut().zip(errors).zip(column) {
        let (product, lost_in_product) = two_product(value, factor);
        let (next, lost_in_sum) = two_sum(*sum, product);
        *sum = next;
        *error += lost_in_sum + lost_in_product;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_plain_arithmetic_loses() {
        // (1 + e)(1 - e) - 1 = -e^2 = -2^-60, below the last bit of 1.
        let e = 2f64.powi(-30);
        let a = Mat::from_fn(1, 2, |_, k| [1.0 + e, -1.0][k]);
        let b = Mat::from_fn(2, 1, |k, _| [1.0 - e, 1.0][k]);
        assert_eq!(product(a.as_ref(), b.as_ref())[(0, 0)], -e * e);
        let one = Mat::from_fn(1, 1, |_, _| 1.0);
        let left = Mat::from_fn(1, 1, |_, _| 1.0 + e);
        let right = Mat::from_fn(1, 1, |_, _| 1.0 - e);
        assert_eq!(residual(left.as_ref(), right.as_ref(), one.as_ref())[(0, 0)], e * e);
    }
}
