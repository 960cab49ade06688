//! Dense linear algebra on small symmetric matrices, always on the calling thread.
//!
//! `faer`'s operators read a process-wide number of threads; every call here passes `Par::Seq`
//! instead, so that no other crate of a program can change a result.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor as llt;
use faer::linalg::matmul::matmul;
use faer::linalg::{evd, triangular_solve as triangular};
use faer::{Accum, Mat, MatRef, Par};

use crate::compensated;
use crate::error::{Error, Result};

/// Jitter is tried in powers of ten from this fraction of the mean diagonal ...
const FIRST_JITTER: f64 = 1e-12;
/// ... to this one.
const LAST_JITTER: f64 = 1e-4;

/// `A = F F^T` of a positive definite matrix, after adding `jitter` to the diagonal where needed.
#[derive(Clone, Debug)]
pub(crate) struct Cholesky {
    /// F, lower triangular; zero above the diagonal.
    factor: Mat<f64>,
    /// What was added to the diagonal of A; 0 in the ordinary case.
    pub(crate) jitter: f64,
}

impl Cholesky {
    /// Factor `a`; where that fails, `a + j I` with j = 1e-12, 1e-11, ..., 1e-4 of the mean diagonal.
    pub(crate) fn new(a: &Mat<f64>, what: &str) -> Result<Self> {
        let n = a.nrows();
        let scale = (0..n).map(|i| a[(i, i)]).sum::<f64>() / n.max(1) as f64;
        let mut jitter = 0.0;
        while jitter <= LAST_JITTER * scale * 1.5 {
            if let Some(factor) = try_factor(a, jitter) {
                return Ok(Self { factor, jitter });
            }
            jitter = if jitter == 0.0 { FIRST_JITTER * scale } else { 10.0 * jitter };
        }
        Err(Error::not_positive_definite(what))
    }

    /// `F^-1 B`, in place.
    pub(crate) fn half_solve(&self, b: &mut Mat<f64>) {
        triangular::solve_lower_triangular_in_place(self.factor.as_ref(), b.as_mut(), Par::Seq);
    }

    /// `A^-1 B`.
    pub(crate) fn solve(&self, b: &Mat<f64>) -> Mat<f64> {
        let mut x = b.clone();
        self.half_solve(&mut x);
        triangular::solve_upper_triangular_in_place(
            self.factor.as_ref().transpose(),
            x.as_mut(),
            Par::Seq,
        );
        x
    }

    /// `A^-1 b` with one step of iterative refinement: the residual is taken in twice the
    /// precision, which removes the condition number from the error (Higham 2002, theorem 12.1).
    pub(crate) fn solve_refined(&self, a: &Mat<f64>, b: &[f64]) -> Vec<f64> {
        let right = Mat::from_fn(b.len(), 1, |i, _| b[i]);
        let mut x = self.solve(&right);
        let mut residual = compensated::residual(a.as_ref(), x.as_ref(), right.as_ref());
        (0..b.len()).for_each(|i| residual[(i, 0)] -= self.jitter * x[(i, 0)]);
        x = sum(&x, &self.solve(&residual));
        x.col_as_slice(0).to_vec()
    }

    /// `A^-1`, symmetric to the last bit.
    pub(crate) fn inverse(&self) -> Mat<f64> {
        let n = self.factor.nrows();
        symmetrised(&self.solve(&identity(n)))
    }

    /// `log det A`.
    pub(crate) fn log_determinant(&self) -> f64 {
        2.0 * (0..self.factor.nrows()).map(|i| self.factor[(i, i)].ln()).sum::<f64>()
    }
}

fn try_factor(a: &Mat<f64>, jitter: f64) -> Option<Mat<f64>> {
    let n = a.nrows();
    let mut factor = Mat::from_fn(n, n, |i, j| match i.cmp(&j) {
        std::cmp::Ordering::Less => 0.0,
        std::cmp::Ordering::Equal => a[(i, j)] + jitter,
        std::cmp::Ordering::Greater => a[(i, j)],
    });
    let params = Default::default();
    let mut memory = MemBuffer::new(llt::cholesky_in_place_scratch::<f64>(n, Par::Seq, params));
    let stack = MemStack::new(&mut memory);
    llt::cholesky_in_place(factor.as_mut(), Default::default(), Par::Seq, stack, params).ok()?;
    // The factorisation works on the lower half and may leave rounding dust above it.
    (0..n).for_each(|j| (0..j).for_each(|i| factor[(i, j)] = 0.0));
    (0..n).all(|i| factor[(i, i)].is_finite() && factor[(i, i)] > 0.0).then_some(factor)
}

/// Eigenvalues (ascending) and orthonormal eigenvectors (columns) of a symmetric matrix.
pub(crate) fn eigen(a: &Mat<f64>) -> Option<(Vec<f64>, Mat<f64>)> {
    let n = a.nrows();
    let mut vectors = Mat::zeros(n, n);
    let mut values = faer::Col::<f64>::zeros(n);
    let params = Default::default();
    let vectors_wanted = evd::ComputeEigenvectors::Yes;
    let scratch = evd::self_adjoint_evd_scratch::<f64>(n, vectors_wanted, Par::Seq, params);
    evd::self_adjoint_evd(
        a.as_ref(),
        values.as_mut().as_diagonal_mut(),
        Some(vectors.as_mut()),
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
        params,
    )
    .ok()?;
    Some((values.iter().copied().collect(), vectors))
}

/// `A B`.
pub(crate) fn product(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> Mat<f64> {
    let mut out = Mat::zeros(a.nrows(), b.ncols());
    matmul(out.as_mut(), Accum::Replace, a, b, 1.0, Par::Seq);
    out
}

/// `A x`.
pub(crate) fn times(a: &Mat<f64>, x: &[f64]) -> Vec<f64> {
    let column = Mat::from_fn(x.len(), 1, |i, _| x[i]);
    product(a.as_ref(), column.as_ref()).col_as_slice(0).to_vec()
}

/// `A^T x`.
pub(crate) fn transposed_times(a: &Mat<f64>, x: &[f64]) -> Vec<f64> {
    (0..a.ncols()).map(|j| dot(a.col_as_slice(j), x)).collect()
}

/// `x^T y`.
pub(crate) fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(a, b)| a * b).sum()
}

/// `A + B`.
pub(crate) fn sum(a: &Mat<f64>, b: &Mat<f64>) -> Mat<f64> {
    Mat::from_fn(a.nrows(), a.ncols(), |i, j| a[(i, j)] + b[(i, j)])
}

/// `s A`.
pub(crate) fn scaled(a: &Mat<f64>, s: f64) -> Mat<f64> {
    Mat::from_fn(a.nrows(), a.ncols(), |i, j| s * a[(i, j)])
}

/// `(A + A^T) / 2`.
pub(crate) fn symmetrised(a: &Mat<f64>) -> Mat<f64> {
    Mat::from_fn(a.nrows(), a.ncols(), |i, j| 0.5 * (a[(i, j)] + a[(j, i)]))
}

/// I, n × n.
pub(crate) fn identity(n: usize) -> Mat<f64> {
    Mat::from_fn(n, n, |i, j| if i == j { 1.0 } else { 0.0 })
}

/// `A + diag(d)`.
pub(crate) fn plus_diagonal(a: &Mat<f64>, diagonal: &[f64]) -> Mat<f64> {
    let mut out = a.clone();
    (0..diagonal.len()).for_each(|i| out[(i, i)] += diagonal[i]);
    out
}

/// `sum_ij A_ij B_ij`, which is `tr(A^T B)`.
pub(crate) fn inner(a: &Mat<f64>, b: &Mat<f64>) -> f64 {
    (0..a.ncols()).map(|j| dot(a.col_as_slice(j), b.col_as_slice(j))).sum()
}

/// The largest column sum of absolute values, `|A|_1`.
pub(crate) fn norm_one(a: &Mat<f64>) -> f64 {
    let column = |j| a.col_as_slice(j).iter().map(|v: &f64| v.abs()).sum::<f64>();
    (0..a.ncols()).map(column).fold(0.0, f64::max)
}

/// `sqrt(sum_ij A_ij^2)`.
pub(crate) fn norm_frobenius(a: &Mat<f64>) -> f64 {
    inner(a, a).sqrt()
}

/// Whether every entry is finite.
pub(crate) fn is_finite(a: &Mat<f64>) -> bool {
    (0..a.ncols()).all(|j| a.col_as_slice(j).iter().all(|v| v.is_finite()))
}
