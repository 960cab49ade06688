//! What the coupled kernel forgets between the points, given back.
//!
//! | symbol | shape | meaning |
//! |---|---|---|
//! | l_a | n | l(X, a) |
//! | w_a | n | M l_a, the weights of the points in a |
//! | r | | the residual, `r(a, b) = l(a, b) - l_a^T M l_b` |
//! | R | n × n | r on the points, `L - L M L = j P` |
//!
//! The coupled kernel knows a point by its weights alone, so its variance `s2 w_a^T S w_a` falls to 0 away from the points,
//! just where nothing is known. The residual is the latent covariance that the weights leave out. It is what a process
//! with covariance l still varies by once it was seen at X under noise of variance j (Rasmussen and Williams 2006, eq.
//! 2.24), hence positive semidefinite, and so is
//!
//! `k(a, b) = s2 (w_a^T S w_b + r(a, b))`.
//!
//! On the points r is about j, and k about s2 S as before; far from all of them k(a, a) is s2. From `l_a = (L + j I) w_a`:
//! r between the points and a new point is `l_a - L w_a = j w_a`.

use faer::Mat;

use super::Coupled;
use crate::error::Result;
use crate::linalg::{dot, scaled};

impl Coupled {
    /// The same kernel with the residual of the latent kernel added: `k(a, b) = s2 (w_a^T S w_b + l(a, b) - l_a^T M l_b)`.
    /// Positive semidefinite, and s2 far from the points. Not in Chen et al. 2023.
    ///
    /// ```
    /// # use motjuste_gp::{Mat, Points, kernel::{Coupled, Matern52}};
    /// # let x = Points::from_rows(&[[0.0], [1.0]])?;
    /// # let s = Mat::from_fn(2, 2, |i, j| if i == j { 1.0 } else { 0.2 });
    /// let kernel = Coupled::new(Matern52::isotropic(0.1)?, x, s, 3.0, 1e-4)?;
    /// assert!(kernel.prior_variance(&[50.0])? < 1e-12);
    /// let kernel = kernel.with_residual();
    /// assert_eq!(kernel.prior_variance(&[50.0])?, 3.0);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    #[must_use]
    pub fn with_residual(self) -> Self {
        Self { has_residual: true, ..self }
    }

    /// The variance that a point has besides that of its weights, before they take their share of it: s2, or 0
    /// without the residual.
    pub(crate) fn latent_variance(&self) -> f64 {
        if self.has_residual { self.outputscale } else { 0.0 }
    }

    /// The factor of P in K and of w_t in k_t that the residual brings: `s2 j`, or 0 without it.
    pub(crate) fn residual_share(&self) -> f64 {
        self.latent_variance() * self.jitter
    }

    /// `s2 r(a, b)`, or 0 without the residual.
    pub(super) fn residual(&self, a: &[f64], b: &[f64], weights_of_b: &[f64]) -> Result<f64> {
        if !self.has_residual {
            return Ok(0.0);
        }
        let cross = self.latent_cross(&crate::points::Points::from_rows(&[a])?)?;
        let explained = dot(cross.col_as_slice(0), weights_of_b);
        Ok(self.outputscale * (self.latent.value(a, b) - explained))
    }

    /// `s2 R = s2 j P`, if there is a residual.
    pub(super) fn residual_matrix(&self) -> Option<Mat<f64>> {
        self.has_residual.then(|| scaled(&self.projection(), self.residual_share()))
    }
}
