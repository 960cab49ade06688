//! The Matérn covariance of smoothness 5/2.
//!
//! | symbol | shape | meaning |
//! |---|---|---|
//! | x, x' | d | points |
//! | ls | d or 1 | lengthscales, in the units of the points |
//! | r | | sqrt(5 sum_k ((x_k - x'_k) / ls_k)^2) |
//! | l | | (1 + r + r^2/3) exp(-r), so l = 1 at r = 0 |

use faer::Mat;

use crate::error::{Error, Result, check_positive};
use crate::points::Points;

/// Matérn-5/2, with one lengthscale per dimension (ARD) or one for all (isotropic).
///
/// `l(x, x') = (1 + r + r^2/3) exp(-r)`, `r = sqrt(5 sum_k ((x_k - x'_k)/ls_k)^2)`:
/// Rasmussen and Williams 2006, eq. 4.17 with ARD as in eq. 5.2. Multiply by an outputscale
/// outside.
///
/// ```
/// use motjuste_gp::kernel::Matern52;
///
/// let kernel = Matern52::ard(vec![1.0, 2.0])?;
/// assert_eq!(kernel.value(&[0.0, 0.0], &[0.0, 0.0]), 1.0);
/// // One lengthscale away, in either direction.
/// let r = 5f64.sqrt();
/// let expected = (1.0 + r + r * r / 3.0) * (-r).exp();
/// assert!((kernel.value(&[0.0, 0.0], &[0.0, 2.0]) - expected).abs() < 1e-15);
/// # Ok::<(), motjuste_gp::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Matern52 {
    lengthscales: Vec<f64>,
}

impl Matern52 {
    /// One lengthscale per dimension. A list of one is the isotropic form.
    ///
    /// # Errors
    /// The list is empty, or a lengthscale is not above zero.
    ///
    /// ```
    /// use motjuste_gp::kernel::Matern52;
    /// assert!(Matern52::ard(vec![0.3, 0.0]).unwrap_err().is_invalid_parameter());
    /// ```
    pub fn ard(lengthscales: Vec<f64>) -> Result<Self> {
        if lengthscales.is_empty() {
            return Err(Error::parameter("a Matérn kernel needs at least one lengthscale"));
        }
        check_positive("lengthscales", &lengthscales)?;
        Ok(Self { lengthscales })
    }

    /// One lengthscale for all dimensions, whatever their number.
    ///
    /// # Errors
    /// The lengthscale is not above zero.
    ///
    /// ```
    /// use motjuste_gp::kernel::Matern52;
    /// let iso = Matern52::isotropic(0.5)?;
    /// let ard = Matern52::ard(vec![0.5; 3])?;
    /// assert_eq!(iso.value(&[0.0; 3], &[1.0; 3]), ard.value(&[0.0; 3], &[1.0; 3]));
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn isotropic(lengthscale: f64) -> Result<Self> {
        Self::ard(vec![lengthscale])
    }

    /// ls: d of them, or 1.
    ///
    /// ```
    /// use motjuste_gp::kernel::Matern52;
    /// assert_eq!(Matern52::isotropic(0.5)?.lengthscales(), [0.5]);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn lengthscales(&self) -> &[f64] {
        &self.lengthscales
    }

    /// `l(a, b)`, between 0 and 1. Both points must have the dimension of the kernel; further
    /// coordinates of the longer one would be left out.
    ///
    /// ```
    /// use motjuste_gp::kernel::Matern52;
    /// assert!(Matern52::isotropic(1.0)?.value(&[0.0], &[1e3]) < 1e-300);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn value(&self, a: &[f64], b: &[f64]) -> f64 {
        correlation(self.scaled_distance(a, b))
    }

    /// `l(X, X)`: n × n, symmetric, ones on the diagonal.
    ///
    /// # Errors
    /// The dimension of the points is not the number of lengthscales.
    ///
    /// ```
    /// use motjuste_gp::{Points, kernel::Matern52};
    /// let points = Points::from_rows(&[[0.0], [1.0]])?;
    /// let l = Matern52::isotropic(0.5)?.matrix(&points)?;
    /// assert_eq!(l[(0, 1)], l[(1, 0)]);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn matrix(&self, points: &Points) -> Result<Mat<f64>> {
        self.cross(points, points)
    }

    /// `l(A, B)`: as many rows as A has points, as many columns as B.
    ///
    /// # Errors
    /// The dimension of the points is not the number of lengthscales.
    ///
    /// ```
    /// use motjuste_gp::{Points, kernel::Matern52};
    /// let a = Points::from_rows(&[[0.0], [1.0]])?;
    /// let b = Points::from_rows(&[[0.0]])?;
    /// assert_eq!(Matern52::isotropic(0.5)?.cross(&a, &b)?[(0, 0)], 1.0);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn cross(&self, a: &Points, b: &Points) -> Result<Mat<f64>> {
        self.check(a)?;
        b.check_dim(a.dim())?;
        let columns: Vec<Vec<f64>> =
            (0..a.dim()).map(|k| a.rows().map(|row| row[k]).collect()).collect();
        let mut out = Mat::zeros(a.len(), b.len());
        for (j, t) in b.rows().enumerate() {
            let sums = out.col_as_slice_mut(j);
            self.add_scaled_squares(&columns, t, sums);
            sums.iter_mut().for_each(|s| *s = correlation((5.0 * *s).sqrt()));
        }
        Ok(out)
    }

    /// `dl(X, X) / dls_k`: n × n, zeros on the diagonal. With one lengthscale for d > 1
    /// dimensions, k = 0 is the derivative by the shared one.
    ///
    /// `dl/dls_k = (5/3) (1 + r) exp(-r) (x_k - x'_k)^2 / ls_k^3`, by the chain rule on
    /// eq. 4.17 of Rasmussen and Williams 2006.
    ///
    /// # Errors
    /// The dimension does not fit, or there is no lengthscale `k`.
    ///
    /// ```
    /// use motjuste_gp::{Points, kernel::Matern52};
    /// let points = Points::from_rows(&[[0.0], [1.0]])?;
    /// let at = |ls| Matern52::isotropic(ls).and_then(|k| k.matrix(&points));
    /// let slope = (at(0.5 + 1e-6)?[(0, 1)] - at(0.5 - 1e-6)?[(0, 1)]) / 2e-6;
    /// let gradient = Matern52::isotropic(0.5)?.gradient(&points, 0)?[(0, 1)];
    /// assert!((gradient - slope).abs() < 1e-9);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn gradient(&self, points: &Points, k: usize) -> Result<Mat<f64>> {
        self.check(points)?;
        if k >= self.lengthscales.len() {
            return Err(Error::parameter(format!("there is no lengthscale {k}")));
        }
        let n = points.len();
        Ok(Mat::from_fn(n, n, |i, j| {
            let mut gradient = vec![0.0; self.lengthscales.len()];
            self.add_gradient(points.row(i), points.row(j), 1.0, &mut gradient);
            gradient[k]
        }))
    }

    /// `sum_ij W_ij dL_ij/dls_k` for every k, without ever holding the n × n derivatives.
    /// W: n × n, need not be symmetric. Every pair is visited once, as `W_ij + W_ji`.
    pub(crate) fn contract(&self, points: &Points, weights: &Mat<f64>) -> Vec<f64> {
        let mut out = vec![0.0; self.lengthscales.len()];
        for i in 0..points.len() {
            for j in 0..i {
                let weight = weights[(i, j)] + weights[(j, i)];
                self.add_gradient(points.row(i), points.row(j), weight, &mut out);
            }
        }
        out
    }

    /// `out_k += weight dl(a, b)/dls_k`.
    fn add_gradient(&self, a: &[f64], b: &[f64], weight: f64, out: &mut [f64]) {
        let r = self.scaled_distance(a, b);
        if r > ZERO_BEYOND {
            return;
        }
        let factor = weight * (5.0 / 3.0) * (1.0 + r) * (-r).exp();
        if let [ls] = self.lengthscales[..] {
            // sum_k (x_k - x'_k)^2 / ls^3 = r^2 / (5 ls)
            out[0] += factor * r * r / (5.0 * ls);
            return;
        }
        for (k, ls) in self.lengthscales.iter().enumerate() {
            let u = (a[k] - b[k]) / ls;
            out[k] += factor * u * u / ls;
        }
    }

    /// r. Differences first, then the division: points that nearly coincide keep their distance.
    fn scaled_distance(&self, a: &[f64], b: &[f64]) -> f64 {
        debug_assert_eq!(a.len(), b.len(), "two points of one kernel have one dimension");
        let square = |u: f64| u * u;
        let pairs = a.iter().zip(b);
        let sum: f64 = if let [ls] = self.lengthscales[..] {
            pairs.map(|(x, y)| square(x - y)).sum::<f64>() / (ls * ls)
        } else {
            pairs.zip(&self.lengthscales).map(|((x, y), ls)| square((x - y) / ls)).sum()
        };
        (5.0 * sum).sqrt()
    }

    /// `sums_i += sum_k ((x_ik - t_k) / ls_k)^2`, the points by coordinate: the inner loop runs over
    /// points, so that it vectorises.
    fn add_scaled_squares(&self, columns: &[Vec<f64>], t: &[f64], sums: &mut [f64]) {
        for (k, (column, t)) in columns.iter().zip(t).enumerate() {
            let inverse = 1.0 / self.lengthscales[k.min(self.lengthscales.len() - 1)];
            for (sum, x) in sums.iter_mut().zip(column) {
                let u = (x - t) * inverse;
                *sum += u * u;
            }
        }
    }

    pub(crate) fn check(&self, points: &Points) -> Result<()> {
        if self.lengthscales.len() == 1 {
            Ok(())
        } else {
            points.check_dim(self.lengthscales.len())
        }
    }
}

/// Beyond this r, `exp(-r)` is 0 in f64; r itself may be infinite, and must not become NaN.
const ZERO_BEYOND: f64 = 800.0;

/// `(1 + r + r^2/3) exp(-r)`.
fn correlation(r: f64) -> f64 {
    if r > ZERO_BEYOND { 0.0 } else { (1.0 + r + r * r / 3.0) * (-r).exp() }
}
