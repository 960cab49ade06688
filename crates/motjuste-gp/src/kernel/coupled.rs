//! Points are as alike as the outcomes they lead to.
//!
//! | symbol | shape | meaning |
//! |---|---|---|
//! | l, L | n × n | latent kernel, and its matrix on the n points |
//! | S | n × n | similarity of the outcomes seen at the points |
//! | j | | jitter, 1e-4 by default |
//! | M | n × n | (L + j I)^-1 |
//! | P | n × n | L M = I - j M |
//! | w_t | n | M l(X, t): the weights of the points in a new point t |
//! | s2 | | outputscale |

mod residual;

use faer::Mat;

use crate::compensated;
use crate::error::{Error, Result, check_positive};
use crate::kernel::Matern52;
use crate::linalg::{
    Cholesky, dot, identity, is_finite, norm_one, plus_diagonal, product, scaled, sum, symmetrised,
    times,
};
use crate::points::Points;

/// Condition number of `L + j I` (in the 1-norm) above which products with M are refined.
/// Below it, plain f64 keeps twelve digits.
const ILL_CONDITIONED: f64 = 1e4;

/// What to do about a nearly singular L.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Precision {
    /// Nothing: at the usual jitter six digits and more are left, plenty for a step of a search.
    Plain,
    /// Refine M, and what is multiplied by it: all digits, at ten times the cost.
    Refined,
}

/// The outcome-coupled kernel of Chen et al. 2023 (arXiv 2306.03082), with jitter:
/// `k(a, b) = s2 l(a, X) M S M l(X, b)`, `M = (l(X, X) + j I)^-1`.
///
/// A new point is a weighting `w_t = M l(X, t)` of the known points, and two points covary as the
/// outcomes under their weights do: `k(a, b) = s2 w_a^T S w_b`. On the known points this is
/// `K = s2 P S P^T`, close to `s2 S`; far from all of them it is 0, which
/// [`with_residual`](Self::with_residual) mends.
///
/// ```
/// use motjuste_gp::{Mat, Points, kernel::{Coupled, Matern52}};
///
/// let points = Points::from_rows(&[[0.0], [1.0]])?;
/// let similarity = Mat::from_fn(2, 2, |i, j| if i == j { 1.0 } else { 0.5 });
/// let latent = Matern52::isotropic(0.3)?;
/// let kernel = Coupled::new(latent, points, similarity, 2.0, 1e-4)?;
/// assert!((kernel.matrix()[(0, 1)] - 2.0 * 0.5).abs() < 1e-3);
/// assert!(kernel.prior_variance(&[50.0])? < 1e-12);
/// # Ok::<(), motjuste_gp::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Coupled {
    latent: Matern52,
    points: Points,
    pub(crate) similarity: Mat<f64>,
    outputscale: f64,
    jitter: f64,
    /// L
    latent_matrix: Mat<f64>,
    /// L + j I
    shifted: Mat<f64>,
    /// M
    pub(crate) inverse: Mat<f64>,
    pub(crate) ill_conditioned: bool,
    has_residual: bool,
}

impl Coupled {
    /// The kernel of the given parts.
    ///
    /// `points`: n × d; `similarity`: n × n, symmetric positive semidefinite (from
    /// [`Matern52::matrix`] on score vectors, [`agreement`](crate::kernel::agreement) on labels,
    /// or elsewhere). Where `L + j I` has no Cholesky factor, j grows: see
    /// [`jitter`](Self::jitter).
    ///
    /// # Errors
    /// Sizes do not fit; `outputscale` or `jitter` is not above zero; S is not finite or not
    /// symmetric.
    ///
    /// ```
    /// use motjuste_gp::{Mat, Points, kernel::{Coupled, Matern52}};
    /// let points = Points::from_rows(&[[0.0], [1.0]])?;
    /// let wrong_size = Mat::from_fn(3, 3, |_, _| 1.0);
    /// let kernel = Coupled::new(Matern52::isotropic(1.0)?, points, wrong_size, 1.0, 1e-4);
    /// assert!(kernel.unwrap_err().is_shape());
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn new(
        latent: Matern52,
        points: Points,
        similarity: Mat<f64>,
        outputscale: f64,
        jitter: f64,
    ) -> Result<Self> {
        Self::with_precision(latent, points, similarity, (outputscale, jitter), Precision::Refined)
    }

    /// [`new`](Self::new), with or without refinement.
    pub(crate) fn with_precision(
        latent: Matern52,
        points: Points,
        similarity: Mat<f64>,
        (outputscale, jitter): (f64, f64),
        precision: Precision,
    ) -> Result<Self> {
        check_similarity(&similarity, points.len())?;
        check_positive("outputscale and jitter", &[outputscale, jitter])?;
        let latent_matrix = latent.matrix(&points)?;
        let shift = plus_diagonal(&latent_matrix, &vec![jitter; points.len()]);
        let factor = Cholesky::new(&shift, "the latent kernel matrix")?;
        let shifted = plus_diagonal(&shift, &vec![factor.jitter; points.len()]);
        let rough = factor.inverse();
        let condition = norm_one(&shifted) * norm_one(&rough);
        let ill_conditioned = precision == Precision::Refined && condition > ILL_CONDITIONED;
        let inverse = if ill_conditioned { refined(&shifted, &rough) } else { rough };
        let jitter = jitter + factor.jitter;
        Ok(Self {
            latent,
            points,
            similarity,
            outputscale,
            jitter,
            latent_matrix,
            shifted,
            inverse,
            ill_conditioned,
            has_residual: false,
        })
    }

    /// The points X, n × d.
    ///
    /// ```
    /// # use motjuste_gp::{Mat, Points, kernel::{Coupled, Matern52}};
    /// # let x = Points::from_rows(&[[0.0], [1.0]])?;
    /// # let s = Mat::from_fn(2, 2, |_, _| 1.0);
    /// let kernel = Coupled::new(Matern52::isotropic(1.0)?, x, s, 1.0, 1e-4)?;
    /// assert_eq!(kernel.points().len(), 2);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn points(&self) -> &Points {
        &self.points
    }

    /// j: the jitter asked for, plus what the factorisation of `L + j I` needed on top (nothing,
    /// unless j is below about 1e-14 n).
    ///
    /// ```
    /// # use motjuste_gp::{Mat, Points, kernel::{Coupled, Matern52}};
    /// # let x = Points::from_rows(&[[0.0], [1.0]])?;
    /// # let s = Mat::from_fn(2, 2, |_, _| 1.0);
    /// let kernel = Coupled::new(Matern52::isotropic(1.0)?, x, s, 1.0, 1e-4)?;
    /// assert_eq!(kernel.jitter(), 1e-4);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn jitter(&self) -> f64 {
        self.jitter
    }

    /// L, the latent kernel on the points, n × n.
    ///
    /// ```
    /// # use motjuste_gp::{Mat, Points, kernel::{Coupled, Matern52}};
    /// # let x = Points::from_rows(&[[0.0], [1.0]])?;
    /// # let s = Mat::from_fn(2, 2, |_, _| 1.0);
    /// let kernel = Coupled::new(Matern52::isotropic(1.0)?, x, s, 1.0, 1e-4)?;
    /// assert_eq!(kernel.latent_matrix()[(0, 0)], 1.0);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn latent_matrix(&self) -> &Mat<f64> {
        &self.latent_matrix
    }

    /// S, the similarity of the outcomes, n × n.
    ///
    /// ```
    /// # use motjuste_gp::{Mat, Points, kernel::{Coupled, Matern52}};
    /// # let x = Points::from_rows(&[[0.0], [1.0]])?;
    /// # let s = Mat::from_fn(2, 2, |_, _| 1.0);
    /// let kernel = Coupled::new(Matern52::isotropic(1.0)?, x, s, 1.0, 1e-4)?;
    /// assert_eq!(kernel.similarity()[(0, 1)], 1.0);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn similarity(&self) -> &Mat<f64> {
        &self.similarity
    }

    /// s2, the outputscale.
    ///
    /// ```
    /// # use motjuste_gp::{Mat, Points, kernel::{Coupled, Matern52}};
    /// # let x = Points::from_rows(&[[0.0], [1.0]])?;
    /// # let s = Mat::from_fn(2, 2, |_, _| 1.0);
    /// let kernel = Coupled::new(Matern52::isotropic(1.0)?, x, s, 3.0, 1e-4)?;
    /// assert_eq!(kernel.outputscale(), 3.0);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn outputscale(&self) -> f64 {
        self.outputscale
    }

    /// `K = s2 P S P^T` on the points, n × n, symmetric; and `s2 j P` with the residual.
    ///
    /// ```
    /// # use motjuste_gp::{Mat, Points, kernel::{Coupled, Matern52}};
    /// # let x = Points::from_rows(&[[0.0], [1.0]])?;
    /// # let s = Mat::from_fn(2, 2, |i, j| if i == j { 1.0 } else { 0.2 });
    /// let kernel = Coupled::new(Matern52::isotropic(0.1)?, x, s, 1.0, 1e-4)?;
    /// assert!((kernel.matrix()[(0, 1)] - 0.2).abs() < 1e-3);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn matrix(&self) -> Mat<f64> {
        let projection = self.projection();
        let half = product(projection.as_ref(), self.similarity.as_ref());
        let coupled =
            scaled(&symmetrised(&product(half.as_ref(), projection.as_ref())), self.outputscale);
        match self.residual_matrix() {
            Some(residual) => sum(&coupled, &residual),
            None => coupled,
        }
    }

    /// `k_t = s2 P S w_t`: the covariance of a new point with the points, length n; and `s2 j w_t` with the
    /// residual.
    ///
    /// # Errors
    /// The dimension of `t` differs, or it is not finite.
    ///
    /// ```
    /// # use motjuste_gp::{Mat, Points, kernel::{Coupled, Matern52}};
    /// # let x = Points::from_rows(&[[0.0], [1.0]])?;
    /// # let s = Mat::from_fn(2, 2, |i, j| if i == j { 1.0 } else { 0.2 });
    /// let kernel = Coupled::new(Matern52::isotropic(0.1)?, x, s, 1.0, 1e-4)?;
    /// // At a known point it is that point's row of K.
    /// assert!((kernel.cross(&[1.0])?[0] - kernel.matrix()[(0, 1)]).abs() < 1e-12);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn cross(&self, t: &[f64]) -> Result<Vec<f64>> {
        let weights = self.weights_of(t)?;
        let mut k = times(&self.projection(), &times(&self.similarity, &weights));
        let share = self.residual_share();
        k.iter_mut().zip(&weights).for_each(|(v, w)| *v = self.outputscale * *v + share * w);
        Ok(k)
    }

    /// `k(a, b) = s2 w_a^T S w_b` of two new points; and `s2 r(a, b)` with the residual.
    ///
    /// # Errors
    /// The dimension of a point differs, or it is not finite.
    ///
    /// ```
    /// # use motjuste_gp::{Mat, Points, kernel::{Coupled, Matern52}};
    /// # let x = Points::from_rows(&[[0.0], [1.0]])?;
    /// # let s = Mat::from_fn(2, 2, |i, j| if i == j { 1.0 } else { 0.2 });
    /// let kernel = Coupled::new(Matern52::isotropic(0.5)?, x, s, 1.0, 1e-4)?;
    /// let (ab, ba) = (kernel.covariance(&[0.3], &[0.9])?, kernel.covariance(&[0.9], &[0.3])?);
    /// assert!((ab - ba).abs() < 1e-15);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn covariance(&self, a: &[f64], b: &[f64]) -> Result<f64> {
        let (wa, wb) = (self.weights_of(a)?, self.weights_of(b)?);
        let coupled = self.outputscale * dot(&wa, &times(&self.similarity, &wb));
        Ok(coupled + self.residual(a, b, &wb)?)
    }

    /// `k(t, t)`, never negative.
    ///
    /// # Errors
    /// The dimension of `t` differs, or it is not finite.
    ///
    /// ```
    /// # use motjuste_gp::{Mat, Points, kernel::{Coupled, Matern52}};
    /// # let x = Points::from_rows(&[[0.0], [1.0]])?;
    /// # let s = Mat::from_fn(2, 2, |i, j| if i == j { 1.0 } else { 0.2 });
    /// let kernel = Coupled::new(Matern52::isotropic(0.1)?, x, s, 1.0, 1e-4)?;
    /// assert!((kernel.prior_variance(&[0.0])? - 1.0).abs() < 1e-3);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn prior_variance(&self, t: &[f64]) -> Result<f64> {
        Ok(self.covariance(t, t)?.max(0.0))
    }

    fn weights_of(&self, t: &[f64]) -> Result<Vec<f64>> {
        let cross = self.latent.cross(&self.points, &Points::from_rows(&[t])?)?;
        Ok(self.weights(&cross).col_as_slice(0).to_vec())
    }

    /// l(X, T), n × m.
    pub(crate) fn latent_cross(&self, points: &Points) -> Result<Mat<f64>> {
        self.latent.cross(&self.points, points)
    }

    /// W = M l(X, T), n × m, from l(X, T). Where L is nearly singular, one step of iterative
    /// refinement against `L + j I` itself.
    pub(crate) fn weights(&self, cross: &Mat<f64>) -> Mat<f64> {
        let rough = product(self.inverse.as_ref(), cross.as_ref());
        if !self.ill_conditioned {
            return rough;
        }
        let residual = compensated::residual(self.shifted.as_ref(), rough.as_ref(), cross.as_ref());
        sum(&rough, &product(self.inverse.as_ref(), residual.as_ref()))
    }

    /// P = L M = I - j M.
    pub(crate) fn projection(&self) -> Mat<f64> {
        sum(&identity(self.points.len()), &scaled(&self.inverse, -self.jitter))
    }

    /// `A B`, in twice the precision where L is nearly singular and M therefore large.
    pub(crate) fn careful_product(&self, a: &Mat<f64>, b: &Mat<f64>) -> Mat<f64> {
        if self.ill_conditioned {
            compensated::product(a.as_ref(), b.as_ref())
        } else {
            product(a.as_ref(), b.as_ref())
        }
    }

    /// `sum_ij W_ij dK_ij/dls_k` of the latent lengthscales, for symmetric W.
    ///
    /// `dM = -M dL M`, so `dP = -j dM = j M dL M` and, P, M, S and W being symmetric,
    /// `tr(W dK) = 2 s2 tr(W dP S P) = 2 s2 j tr(dL G)` with `G = M S P W M`. The residual's `s2 j P` brings
    /// `s2 j tr(W dP) = s2 j^2 tr(dL M W M)`, so `G = M (S P W + j/2 W) M`.
    pub(crate) fn contract_latent(&self, weights: &Mat<f64>) -> Vec<f64> {
        let projected = product(self.projection().as_ref(), weights.as_ref());
        let coupled = self.careful_product(&self.similarity, &projected);
        let inner = match self.has_residual {
            true => sum(&coupled, &scaled(weights, 0.5 * self.jitter)),
            false => coupled,
        };
        let left = self.careful_product(&self.inverse, &inner);
        let g = self.careful_product(&left, &self.inverse);
        let factor = 2.0 * self.outputscale * self.jitter;
        self.latent.contract(&self.points, &g).into_iter().map(|v| factor * v).collect()
    }
}

/// One step of Newton's iteration for the inverse, `M <- M + M (I - A M)`, the residual in twice
/// the precision (Higham 2002, section 14.5).
fn refined(a: &Mat<f64>, inverse: &Mat<f64>) -> Mat<f64> {
    let residual =
        compensated::residual(a.as_ref(), inverse.as_ref(), identity(a.nrows()).as_ref());
    symmetrised(&sum(inverse, &product(inverse.as_ref(), residual.as_ref())))
}

/// n × n, finite, symmetric up to 1e-9 of the largest entry.
pub(crate) fn check_similarity(s: &Mat<f64>, n: usize) -> Result<()> {
    if (s.nrows(), s.ncols()) != (n, n) || n == 0 {
        let (rows, columns) = (s.nrows(), s.ncols());
        return Err(Error::shape(format!("a {rows} × {columns} similarity for {n} points")));
    }
    if !is_finite(s) {
        return Err(Error::not_finite("the similarity"));
    }
    let allowed = 1e-9 * norm_one(s).max(f64::MIN_POSITIVE);
    let symmetric = (0..n).all(|j| (0..j).all(|i| (s[(i, j)] - s[(j, i)]).abs() <= allowed));
    if symmetric { Ok(()) } else { Err(Error::parameter("the similarity must be symmetric")) }
}
