//! The posterior of a process with a Matérn kernel.

use faer::Mat;

use crate::error::Result;
use crate::kernel::Matern52;
use crate::linalg::{Cholesky, dot, transposed_times};
use crate::points::Points;
use crate::process::{MIN_VARIANCE, Prediction};

/// `mu(t) = c + k_t^T alpha`, `var(t) = s2 - |v_t|^2` with `v_t = F^-1 k_t`, `A = F F^T`.
#[derive(Clone, Debug)]
pub(crate) struct PlainPosterior {
    pub(crate) kernel: Matern52,
    pub(crate) points: Points,
    pub(crate) outputscale: f64,
    pub(crate) mean: f64,
    pub(crate) factor: Cholesky,
    pub(crate) alpha: Vec<f64>,
}

impl PlainPosterior {
    pub(crate) fn predict(&self, points: &Points) -> Result<Vec<Prediction>> {
        let (means, halves) = self.solve(points)?;
        let variance = |j: usize| self.outputscale - square(halves.col_as_slice(j));
        Ok(means
            .into_iter()
            .enumerate()
            .map(|(j, mean)| Prediction { mean, variance: variance(j).max(MIN_VARIANCE) })
            .collect())
    }

    pub(crate) fn prior_variance(&self, t: &[f64]) -> Result<f64> {
        self.points.check_dim(Points::from_rows(&[t])?.dim())?;
        Ok(self.outputscale)
    }

    pub(crate) fn variance_official_batch(
        &self,
        first: &Points,
        points: &Points,
    ) -> Result<Vec<f64>> {
        let (_, halves) = self.solve(points)?;
        let prior = |t: &[f64]| self.outputscale * self.kernel.value(t, first.row(0));
        let explained = |j: usize| square(halves.col_as_slice(j));
        Ok(points.rows().enumerate().map(|(j, t)| prior(t) - explained(j)).collect())
    }

    /// `c + k_t^T alpha`
    pub(crate) fn means(&self, points: &Points) -> Result<Vec<f64>> {
        Ok(self.means_by(&self.covariances(points)?))
    }

    /// Means, and `V = F^-1 k(X, T)`, n × m.
    fn solve(&self, points: &Points) -> Result<(Vec<f64>, Mat<f64>)> {
        let mut k = self.covariances(points)?;
        let means = self.means_by(&k);
        self.factor.half_solve(&mut k);
        Ok((means, k))
    }

    /// `k(X, T)`, n × m.
    fn covariances(&self, points: &Points) -> Result<Mat<f64>> {
        let mut k = self.kernel.cross(&self.points, points)?;
        (0..k.ncols()).for_each(|j| {
            k.col_as_slice_mut(j).iter_mut().for_each(|v| *v *= self.outputscale);
        });
        Ok(k)
    }

    fn means_by(&self, covariances: &Mat<f64>) -> Vec<f64> {
        transposed_times(covariances, &self.alpha).iter().map(|m| m + self.mean).collect()
    }
}

fn square(v: &[f64]) -> f64 {
    dot(v, v)
}

/// The joint posterior over m candidates, without its m × m covariance: a column of it,
/// `s2 l(T, t_p) - V^T v_p`, costs O(m (n + d)).
pub(crate) struct Joint<'a> {
    posterior: &'a PlainPosterior,
    candidates: &'a Points,
    means: Vec<f64>,
    /// V, n × m.
    halves: Mat<f64>,
}

impl<'a> Joint<'a> {
    pub(crate) fn new(posterior: &'a PlainPosterior, candidates: &'a Points) -> Result<Self> {
        let (means, halves) = posterior.solve(candidates)?;
        Ok(Self { posterior, candidates, means, halves })
    }

    pub(crate) fn predictions(&self) -> Vec<Prediction> {
        let variance = |j: usize| self.posterior.outputscale - square(self.halves.col_as_slice(j));
        let all = self.means.iter().enumerate();
        all.map(|(j, &mean)| Prediction { mean, variance: variance(j).max(MIN_VARIANCE) }).collect()
    }

    /// Posterior covariances of every candidate with candidate `p`, length m.
    pub(crate) fn covariances_with(&self, p: usize) -> Vec<f64> {
        let explained = transposed_times(&self.halves, self.halves.col_as_slice(p));
        let prior = |t: &[f64]| {
            self.posterior.outputscale * self.posterior.kernel.value(t, self.candidates.row(p))
        };
        self.candidates.rows().zip(explained).map(|(t, e)| prior(t) - e).collect()
    }
}
