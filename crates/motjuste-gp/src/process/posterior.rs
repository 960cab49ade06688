//! What the outcomes say about new points.

use crate::error::Result;
use crate::kernel::Precision;
use crate::points::Points;
use crate::process::coupled_posterior::CoupledPosterior;
use crate::process::likelihood::Evidence;
use crate::process::model::Prior;
use crate::process::plain_posterior::{Joint, PlainPosterior};
use crate::process::{Hyperparameters, Model, Prediction};

/// New points are taken this many at a time: enough for a matrix product to run at full speed,
/// few enough to stay in the cache.
const CHUNK: usize = 256;

/// A process that has seen its outcomes: `mu(t) = c + k_t^T alpha`,
/// `var(t) = k(t,t) - k_t^T A^-1 k_t` (Rasmussen and Williams 2006, eq. 2.25 and 2.26).
///
/// ```
/// use motjuste_gp::{Points, process::{Hyperparameters, Model}};
///
/// let model = Model::plain(Points::from_rows(&[[0.0], [1.0]])?)?;
/// let hyper = Hyperparameters { noise: 1e-6, ..Hyperparameters::isotropic(0.5) };
/// let posterior = model.posterior(&[-1.0, 1.0], &hyper)?;
/// assert!((posterior.predict(&[1.0])?.mean - 1.0).abs() < 1e-5);
/// // Far away: the prior.
/// assert!((posterior.predict(&[99.0])?.variance - 1.0).abs() < 1e-12);
/// # Ok::<(), motjuste_gp::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Posterior(Form);

#[derive(Clone, Debug)]
enum Form {
    Plain(PlainPosterior),
    Coupled(Box<CoupledPosterior>),
}

impl Model {
    /// The posterior given outcomes y, length n, at the given hyperparameters.
    ///
    /// # Errors
    /// As [`log_likelihood`](Model::log_likelihood).
    ///
    /// ```
    /// use motjuste_gp::{Points, process::{Hyperparameters, Model}};
    /// let model = Model::plain(Points::from_rows(&[[0.0]])?)?;
    /// let posterior = model.posterior(&[1.0], &Hyperparameters::isotropic(0.5))?;
    /// assert!(posterior.predict(&[0.0])?.mean > 0.9);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn posterior(&self, y: &[f64], hyper: &Hyperparameters) -> Result<Posterior> {
        let Evidence { prior, factor, alpha, .. } =
            Evidence::new(self, y, hyper, Precision::Refined)?;
        Ok(Posterior(match prior {
            Prior::Plain { kernel, .. } => Form::Plain(PlainPosterior {
                kernel,
                points: self.points.clone(),
                outputscale: hyper.outputscale,
                mean: hyper.mean,
                factor,
                alpha,
            }),
            Prior::Coupled { kernel, .. } => {
                let noise = self.noise(hyper);
                let form = CoupledPosterior::new(*kernel, &factor, &alpha, &noise, hyper.mean);
                Form::Coupled(Box::new(form))
            }
        }))
    }
}

impl Posterior {
    /// The posterior at one point t, length d.
    ///
    /// # Errors
    /// The dimension of `t` differs, or it is not finite.
    ///
    /// ```
    /// # use motjuste_gp::{Points, process::{Hyperparameters, Model}};
    /// # let model = Model::plain(Points::from_rows(&[[0.0]])?)?;
    /// # let posterior = model.posterior(&[1.0], &Hyperparameters::isotropic(0.5))?;
    /// assert!(posterior.predict(&[0.0, 1.0]).unwrap_err().is_shape());
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn predict(&self, t: &[f64]) -> Result<Prediction> {
        let all = self.predict_batch(&Points::from_rows(&[t])?)?;
        Ok(all[0])
    }

    /// The posterior at each of m points (m × d): marginals, not their joint distribution.
    ///
    /// Coupled kernel, fast form: `mu = c + l_t^T beta`, `var = l_t^T Q l_t` with one n-vector
    /// `beta = M g` and one n × n matrix `Q = M C M` per posterior, where g and C are the
    /// posterior mean (less c) and covariance of the signal under each outcome:
    /// `g = s2 S P alpha`, `C = s2 S - s2^2 S P A^-1 P S`. Each point costs O(n d + n^2). Where
    /// rounding in Q could show (nearly singular L, or a tiny variance), the two-solve form
    /// `w = M l_t`, `mu = c + w^T g`, `var = w^T C w` takes over. With the residual of the latent kernel
    /// `k_t = s2 (P S + j I) w_t`, and k(t, t) has `s2 (1 - l_t^T w)` besides.
    ///
    /// # Errors
    /// The dimension of `points` differs.
    ///
    /// ```
    /// # use motjuste_gp::{Points, process::{Hyperparameters, Model}};
    /// # let model = Model::plain(Points::from_rows(&[[0.0]])?)?;
    /// # let posterior = model.posterior(&[1.0], &Hyperparameters::isotropic(0.5))?;
    /// let grid = Points::from_rows(&[[0.0], [0.1], [0.2]])?;
    /// assert_eq!(posterior.predict_batch(&grid)?.len(), 3);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn predict_batch(&self, points: &Points) -> Result<Vec<Prediction>> {
        in_chunks(points, |chunk| match &self.0 {
            Form::Plain(plain) => plain.predict(chunk),
            Form::Coupled(coupled) => coupled.predict(chunk),
        })
    }

    /// The posterior mean at each of m points (m × d), for O(n d) a point where the kernel is plain: what
    /// [`predict_batch`](Self::predict_batch) gives, without the variances.
    ///
    /// # Errors
    /// The dimension of `points` differs.
    ///
    /// ```
    /// # use motjuste_gp::{Points, process::{Hyperparameters, Model}};
    /// # let model = Model::plain(Points::from_rows(&[[0.0]])?)?;
    /// # let posterior = model.posterior(&[1.0], &Hyperparameters::isotropic(0.5))?;
    /// let grid = Points::from_rows(&[[0.0], [0.1]])?;
    /// assert_eq!(posterior.means(&grid)?[1], posterior.predict(&[0.1])?.mean);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn means(&self, points: &Points) -> Result<Vec<f64>> {
        in_chunks(points, |chunk| match &self.0 {
            Form::Plain(plain) => plain.means(chunk),
            Form::Coupled(coupled) => {
                Ok(coupled.predict(chunk)?.iter().map(|prediction| prediction.mean).collect())
            }
        })
    }

    /// k(t, t), the variance at t before any outcome.
    ///
    /// # Errors
    /// The dimension of `t` differs, or it is not finite.
    ///
    /// ```
    /// # use motjuste_gp::{Points, process::{Hyperparameters, Model}};
    /// # let model = Model::plain(Points::from_rows(&[[0.0]])?)?;
    /// # let posterior = model.posterior(&[1.0], &Hyperparameters::isotropic(0.5))?;
    /// assert_eq!(posterior.prior_variance(&[0.3])?, 1.0);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn prior_variance(&self, t: &[f64]) -> Result<f64> {
        match &self.0 {
            Form::Plain(plain) => plain.prior_variance(t),
            Form::Coupled(coupled) => coupled.prior_variance(t),
        }
    }

    /// The variances that the published code of Chen et al. 2023 computes for a batch: candidate
    /// i gets the prior covariance k(t_i, t_0) with the FIRST candidate of its batch in place of
    /// its own prior variance, `k(t_i, t_0) - k_i^T A^-1 k_i`.
    ///
    /// Wrong, and kept only to reproduce that code. Not clamped: values can be negative.
    ///
    /// # Errors
    /// The dimension of `batch` differs; the model has a residual, which that code has not.
    ///
    /// ```
    /// # use motjuste_gp::{Points, process::{Hyperparameters, Model}};
    /// # let model = Model::plain(Points::from_rows(&[[0.0]])?)?;
    /// # let posterior = model.posterior(&[1.0], &Hyperparameters::isotropic(0.5))?;
    /// let batch = Points::from_rows(&[[5.0], [-5.0]])?;
    /// let faulty = posterior.variance_official_batch(&batch)?;
    /// assert!((faulty[0] - 1.0).abs() < 1e-6); // right for the first ...
    /// assert!(faulty[1].abs() < 1e-6); // ... and 0 instead of 1 for the second
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn variance_official_batch(&self, batch: &Points) -> Result<Vec<f64>> {
        if batch.is_empty() {
            return Ok(vec![]);
        }
        let first = batch.select(&[0]);
        in_chunks(batch, |chunk| match &self.0 {
            Form::Plain(plain) => plain.variance_official_batch(&first, chunk),
            Form::Coupled(coupled) => coupled.variance_official_batch(&first, chunk),
        })
    }

    /// The joint posterior over candidates; `None` for the coupled kernel.
    pub(crate) fn joint<'a>(&'a self, candidates: &'a Points) -> Option<Result<Joint<'a>>> {
        match &self.0 {
            Form::Plain(plain) => Some(Joint::new(plain, candidates)),
            Form::Coupled(_) => None,
        }
    }
}

fn in_chunks<T>(points: &Points, f: impl Fn(&Points) -> Result<Vec<T>>) -> Result<Vec<T>> {
    let places: Vec<usize> = (0..points.len()).collect();
    let mut out = Vec::with_capacity(points.len());
    for chunk in places.chunks(CHUNK) {
        out.extend(f(&points.select(chunk))?);
    }
    Ok(out)
}
