//! The log marginal likelihood and its gradient.

use faer::Mat;

use crate::error::Result;
use crate::kernel::Precision;
use crate::linalg::{Cholesky, dot, inner, plus_diagonal, product, scaled};
use crate::process::Hyperparameters;
use crate::process::model::{Coupling, Model, Prior};
use crate::special::HALF_LN_2PI;

/// A factored, and the outcomes explained: what likelihood, gradient and posterior share.
pub(crate) struct Evidence {
    pub(crate) prior: Prior,
    /// K
    pub(crate) covariance: Mat<f64>,
    pub(crate) factor: Cholesky,
    /// A^-1 (y - c)
    pub(crate) alpha: Vec<f64>,
    /// y - c
    residual: Vec<f64>,
}

impl Evidence {
    pub(crate) fn new(
        model: &Model,
        y: &[f64],
        hyper: &Hyperparameters,
        precision: Precision,
    ) -> Result<Self> {
        model.check_outcomes(y)?;
        let prior = model.prior(hyper, precision)?;
        let covariance = prior.matrix(hyper);
        let noisy = plus_diagonal(&covariance, &model.noise(hyper));
        let factor = Cholesky::new(&noisy, "the covariance of the outcomes")?;
        let residual: Vec<f64> = y.iter().map(|v| v - hyper.mean).collect();
        let alpha = factor.solve_refined(&noisy, &residual);
        Ok(Self { prior, covariance, factor, alpha, residual })
    }

    /// `-(y - c)^T alpha / 2 - log det A / 2 - n log(2 pi) / 2`.
    fn log_likelihood(&self) -> f64 {
        -0.5 * dot(&self.residual, &self.alpha)
            - 0.5 * self.factor.log_determinant()
            - self.alpha.len() as f64 * HALF_LN_2PI
    }

    /// `W = (alpha alpha^T - A^-1) / 2`, so that `d log p / d theta = tr(W dA/dtheta)`.
    fn weights(&self) -> Mat<f64> {
        let inverse = self.factor.inverse();
        let n = self.alpha.len();
        Mat::from_fn(n, n, |i, j| 0.5 * (self.alpha[i] * self.alpha[j] - inverse[(i, j)]))
    }
}

impl Model {
    /// The log marginal likelihood `log N(y; c, K + N)`:
    /// `-(y-c)^T A^-1 (y-c) / 2 - log det A / 2 - n log(2 pi) / 2`, `A = K + N`.
    /// Rasmussen and Williams 2006, eq. 2.30.
    ///
    /// Where A has no Cholesky factor, 1e-12, 1e-11, ..., 1e-4 of its mean diagonal is added.
    ///
    /// # Errors
    /// y or the hyperparameters do not fit the model; no jitter makes A positive definite.
    ///
    /// ```
    /// use motjuste_gp::{Points, process::{Hyperparameters, Model}};
    /// let model = Model::plain(Points::from_rows(&[[0.0]])?)?;
    /// let hyper = Hyperparameters { noise: 1.0, ..Hyperparameters::isotropic(0.5) };
    /// // One outcome, N(0, 2).
    /// let expected = -0.25 - 0.5 * (4.0 * std::f64::consts::PI).ln();
    /// assert!((model.log_likelihood(&[1.0], &hyper)? - expected).abs() < 1e-14);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn log_likelihood(&self, y: &[f64], hyper: &Hyperparameters) -> Result<f64> {
        Ok(Evidence::new(self, y, hyper, Precision::Refined)?.log_likelihood())
    }

    /// [`log_likelihood`](Self::log_likelihood) and its gradient by every hyperparameter.
    ///
    /// `d log p/d theta = tr(W dA/d theta)`, `W = (alpha alpha^T - A^-1)/2`: Rasmussen and
    /// Williams 2006, eq. 5.9. For the coupled kernel `dM = -M dL M`, `dP = j M dL M`.
    ///
    /// # Errors
    /// As [`log_likelihood`](Self::log_likelihood).
    ///
    /// ```
    /// use motjuste_gp::{Points, process::{Hyperparameters, Model}};
    /// let model = Model::plain(Points::from_rows(&[[0.0]])?)?;
    /// let hyper = Hyperparameters { noise: 1.0, ..Hyperparameters::isotropic(0.5) };
    /// let (_, gradient) = model.log_likelihood_gradient(&[1.0], &hyper)?;
    /// assert!((gradient.mean - 0.5).abs() < 1e-15); // alpha
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn log_likelihood_gradient(
        &self,
        y: &[f64],
        hyper: &Hyperparameters,
    ) -> Result<(f64, Hyperparameters)> {
        self.likelihood_and_slope(y, hyper, Precision::Refined)
    }

    pub(crate) fn likelihood_and_slope(
        &self,
        y: &[f64],
        hyper: &Hyperparameters,
        precision: Precision,
    ) -> Result<(f64, Hyperparameters)> {
        let evidence = Evidence::new(self, y, hyper, precision)?;
        let weights = evidence.weights();
        let (lengthscales, outcome_lengthscales) =
            self.lengthscale_gradients(&evidence.prior, &weights, hyper)?;
        let gradient = Hyperparameters {
            lengthscales,
            outcome_lengthscales,
            outputscale: inner(&weights, &evidence.covariance) / hyper.outputscale,
            noise: (0..self.len()).map(|i| weights[(i, i)]).sum(),
            mean: evidence.alpha.iter().sum(),
        };
        Ok((evidence.log_likelihood(), gradient))
    }

    /// `tr(W dK)` by ls_z and by ls_v.
    fn lengthscale_gradients(
        &self,
        prior: &Prior,
        weights: &Mat<f64>,
        hyper: &Hyperparameters,
    ) -> Result<(Vec<f64>, Vec<f64>)> {
        match (prior, &self.coupling) {
            (Prior::Plain { kernel, .. }, _) => {
                let scaled = scaled(weights, hyper.outputscale);
                Ok((kernel.contract(&self.points, &scaled), vec![]))
            }
            (Prior::Coupled { kernel, outcome_kernel: Some(outcome) }, Coupling::Scores(v)) => {
                // tr(W s2 P dS P) = sum_ij (s2 P W P)_ij dS_ij
                let p = kernel.projection();
                let pw = product(p.as_ref(), weights.as_ref());
                let pwp = scaled(&product(pw.as_ref(), p.as_ref()), hyper.outputscale);
                Ok((kernel.contract_latent(weights), outcome.contract(v, &pwp)))
            }
            (Prior::Coupled { kernel, .. }, _) => Ok((kernel.contract_latent(weights), vec![])),
        }
    }
}
