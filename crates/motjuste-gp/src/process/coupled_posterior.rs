//! The posterior of a process with the coupled kernel, as [`Posterior`](super::Posterior)
//! documents it.
//!
//! | symbol | shape | meaning |
//! |---|---|---|
//! | G | n × n | s2 S P A^-1, the gain |
//! | E | n × n | I - G P |
//! | C | n × n | posterior covariance under the outcomes, s2 E S E^T + G N G^T |
//! | g | n | posterior mean under the outcomes, less c: s2 S P alpha |
//! | Q, beta | n × n, n | M C M, M g: the fast form |
//!
//! C is written as a sum of squares ("Joseph form"; Bucy and Joseph 1968), whose error is of
//! second order in the error of G, and not as a difference, which cancels.
//!
//! With the residual of the latent kernel ([`Coupled::with_residual`]) k_t is H w_t, and k(t, t) has s2 besides what the
//! weights say:
//!
//! | symbol | shape | meaning |
//! |---|---|---|
//! | H | n × n | s2 (P S + j I) |
//! | C | n × n | s2 S - H^T A^-1 H, a difference: next to the residual's variance its rounding is nothing |
//! | g | n | H^T alpha |
//! | Q | n × n | M C M - s2 M |
//!
//! and `var = w^T C w + s2 (1 - l^T w) = s2 + l^T Q l`.

use faer::Mat;

use crate::error::{Error, Result};
use crate::kernel::Coupled;
use crate::linalg::{
    Cholesky, dot, identity, norm_frobenius, product, scaled, sum, symmetrised, times,
    transposed_times,
};
use crate::points::Points;
use crate::process::{MIN_VARIANCE, Prediction};

/// The fast form is trusted where the bound on its rounding is below this share of the variance ...
const VARIANCE_SHARE: f64 = 1e-9;
/// ... and below this in the mean.
const MEAN_ERROR: f64 = 1e-11;

#[derive(Clone, Debug)]
pub(crate) struct CoupledPosterior {
    kernel: Coupled,
    mean: f64,
    /// C
    covariance: Mat<f64>,
    /// g
    gap: Vec<f64>,
    /// Q
    fast_covariance: Mat<f64>,
    /// beta
    fast_gap: Vec<f64>,
    /// s2 M S M: prior covariances in the fast form.
    fast_prior: Mat<f64>,
    /// Rounding of `l^T Q l` per |l|^2, and of `l^T beta` per |l|.
    rounding: (f64, f64),
    /// s2 with the residual, else 0.
    latent_variance: f64,
}

impl CoupledPosterior {
    pub(crate) fn new(
        kernel: Coupled,
        factor: &Cholesky,
        alpha: &[f64],
        noise: &[f64],
        mean: f64,
    ) -> Self {
        let (s2, s, m) = (kernel.outputscale(), &kernel.similarity, &kernel.inverse);
        let p = kernel.projection();
        let ps = product(p.as_ref(), s.as_ref());
        let (share, latent_variance) = (kernel.residual_share(), kernel.latent_variance());
        let covariance = if latent_variance > 0.0 {
            let h = sum(&scaled(&ps, s2), &scaled(&identity(alpha.len()), share));
            unexplained(&scaled(s, s2), h, factor)
        } else {
            let gain_transposed = scaled(&factor.solve(&ps), s2);
            joseph(&gain_transposed, &p, &scaled(s, s2), noise, factor.jitter)
        };
        let gap = transposed_times(&ps, alpha);
        let gap: Vec<f64> = gap.iter().zip(alpha).map(|(v, a)| s2 * v + share * a).collect();
        let fast_covariance = sum(&sandwich(m, &covariance), &scaled(m, -latent_variance));
        let fast_gap = times(m, &gap);
        let fast_prior = scaled(&sandwich(m, s), s2);
        let rounding = (
            4.0 * f64::EPSILON * norm_frobenius(&fast_covariance),
            4.0 * f64::EPSILON * dot(&fast_gap, &fast_gap).sqrt(),
        );
        Self {
            kernel,
            mean,
            covariance,
            gap,
            fast_covariance,
            fast_gap,
            fast_prior,
            rounding,
            latent_variance,
        }
    }

    pub(crate) fn predict(&self, points: &Points) -> Result<Vec<Prediction>> {
        let cross = self.kernel.latent_cross(points)?;
        if self.kernel.ill_conditioned {
            return Ok(self.two_solve(&cross));
        }
        let half = product(self.fast_covariance.as_ref(), cross.as_ref());
        let columns = 0..cross.ncols();
        Ok(columns
            .map(|j| {
                let l = cross.col_as_slice(j);
                let gap = dot(l, &self.fast_gap);
                let variance = self.latent_variance + dot(l, half.col_as_slice(j));
                if self.cancels(l, variance) {
                    return self.two_solve(&one_column(l))[0];
                }
                Prediction { mean: self.mean + gap, variance: variance.max(MIN_VARIANCE) }
            })
            .collect())
    }

    /// Whether rounding could show in the fast form at the point with latent covariances l.
    fn cancels(&self, l: &[f64], variance: f64) -> bool {
        let square = dot(l, l);
        // Below the floor the variance is replaced anyway.
        let smallest = VARIANCE_SHARE * variance.max(MIN_VARIANCE);
        self.rounding.0 * square > smallest || self.rounding.1 * square.sqrt() > MEAN_ERROR
    }

    /// `w = M l`, `mu = c + w^T g`, `var = w^T C w` for every column l; and `s2 (1 - l^T w)` with the residual.
    fn two_solve(&self, cross: &Mat<f64>) -> Vec<Prediction> {
        let weights = self.kernel.weights(cross);
        let half = product(self.covariance.as_ref(), weights.as_ref());
        (0..cross.ncols())
            .map(|j| {
                let w = weights.col_as_slice(j);
                let residual = self.latent_variance * (1.0 - dot(cross.col_as_slice(j), w));
                let variance = dot(w, half.col_as_slice(j)) + residual;
                let mean = self.mean + dot(w, &self.gap);
                Prediction { mean, variance: variance.max(MIN_VARIANCE) }
            })
            .collect()
    }

    pub(crate) fn prior_variance(&self, t: &[f64]) -> Result<f64> {
        self.kernel.prior_variance(t)
    }

    /// `k(t_i, t_0) - (k(t_i, t_i) - var_i)`: `l_i^T D l_0 - l_i^T (D - Q) l_i`, D = s2 M S M,
    /// or the same with w, C and s2 S where L is nearly singular.
    pub(crate) fn variance_official_batch(
        &self,
        first: &Points,
        points: &Points,
    ) -> Result<Vec<f64>> {
        if self.latent_variance > 0.0 {
            return Err(Error::parameter("the published code has no residual: drop with_residual"));
        }
        let (first, all) = (self.kernel.latent_cross(first)?, self.kernel.latent_cross(points)?);
        if self.kernel.ill_conditioned {
            let prior = scaled(&self.kernel.similarity, self.kernel.outputscale());
            let (first, all) = (self.kernel.weights(&first), self.kernel.weights(&all));
            return Ok(faulty_variances(&first, &all, &prior, &self.covariance));
        }
        Ok(faulty_variances(&first, &all, &self.fast_prior, &self.fast_covariance))
    }
}

/// `x_i^T D x_0 - x_i^T (D - Q) x_i` for every column x_i.
fn faulty_variances(
    first: &Mat<f64>,
    all: &Mat<f64>,
    prior: &Mat<f64>,
    posterior: &Mat<f64>,
) -> Vec<f64> {
    let explained = sum(prior, &scaled(posterior, -1.0));
    let half = product(explained.as_ref(), all.as_ref());
    let covariances = transposed_times(all, &times(prior, first.col_as_slice(0)));
    let own = |i: usize| dot(all.col_as_slice(i), half.col_as_slice(i));
    covariances.into_iter().enumerate().map(|(i, k)| k - own(i)).collect()
}

/// C = E S' E^T + G N G^T with S' = s2 S, from G^T and P.
fn joseph(
    gain_transposed: &Mat<f64>,
    projection: &Mat<f64>,
    signal: &Mat<f64>,
    noise: &[f64],
    jitter: f64,
) -> Mat<f64> {
    let n = noise.len();
    let gp = product(gain_transposed.transpose(), projection.as_ref());
    let left = sum(&identity(n), &scaled(&gp, -1.0));
    let half = product(left.as_ref(), signal.as_ref());
    let from_signal = product(half.as_ref(), left.transpose());
    let weighted = Mat::from_fn(n, n, |i, j| (noise[i] + jitter) * gain_transposed[(i, j)]);
    let from_noise = product(gain_transposed.transpose(), weighted.as_ref());
    symmetrised(&sum(&from_signal, &from_noise))
}

/// C = S' - H^T A^-1 H, with A = F F^T as |F^-1 H|^2.
fn unexplained(signal: &Mat<f64>, mut h: Mat<f64>, factor: &Cholesky) -> Mat<f64> {
    factor.half_solve(&mut h);
    let explained = product(h.transpose(), h.as_ref());
    symmetrised(&sum(signal, &scaled(&explained, -1.0)))
}

/// M X M for symmetric M and X.
fn sandwich(m: &Mat<f64>, x: &Mat<f64>) -> Mat<f64> {
    let half = product(m.as_ref(), x.as_ref());
    symmetrised(&product(half.as_ref(), m.as_ref()))
}

fn one_column(l: &[f64]) -> Mat<f64> {
    Mat::from_fn(l.len(), 1, |i, _| l[i])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Precision;
    use crate::process::Hyperparameters;
    use crate::process::likelihood::Evidence;
    use crate::process::model::{Model, Prior};

    /// Four points of which the first is known almost exactly, and the others hardly at all.
    fn one_sure_point() -> CoupledPosterior {
        let points = Points::from_rows(&[[0.0], [0.5], [1.0], [1.5]]).unwrap();
        let similarity = Mat::from_fn(4, 4, |i, j| if i == j { 1.0 } else { 0.3 });
        let extra = vec![0.0, 1e6, 1e6, 1e6];
        let model = Model::coupled(points, similarity).unwrap().with_extra_noise(extra).unwrap();
        let hyper = Hyperparameters { noise: 1e-10, ..Hyperparameters::isotropic(0.3) };
        let evidence =
            Evidence::new(&model, &[1.0, 0.0, 0.0, -1.0], &hyper, Precision::Refined).unwrap();
        let noise = model.noise(&hyper);
        let Prior::Coupled { kernel, .. } = evidence.prior else { unreachable!() };
        CoupledPosterior::new(*kernel, &evidence.factor, &evidence.alpha, &noise, hyper.mean)
    }

    #[test]
    fn the_two_solve_form_takes_over_where_the_fast_form_cancels() {
        let posterior = one_sure_point();
        let variance_at = |t: f64| {
            let points = Points::from_rows(&[[t]]).unwrap();
            let cross = posterior.kernel.latent_cross(&points).unwrap();
            let l = cross.col_as_slice(0);
            let fast = dot(l, &times(&posterior.fast_covariance, l));
            let exact = posterior.two_solve(&cross)[0].variance;
            let given = posterior.predict(&points).unwrap()[0].variance;
            (posterior.cancels(l, fast), fast, exact, given)
        };
        let (cancels, _, exact, given) = variance_at(0.0);
        assert!(cancels && exact < 1e-6 && given == exact);
        let (cancels, fast, exact, given) = variance_at(0.8);
        assert!(!cancels && exact > 1e-3 && given == fast);
        // Both forms are right here: a few roundings apart.
        assert!((fast - exact).abs() < 1e-13);
    }
}
