//! Expected improvement, its logarithm, and greedy batches of it.
//!
//! | symbol | meaning |
//! |---|---|
//! | mu, sd | posterior mean and standard deviation at a point |
//! | best | the incumbent: the largest outcome so far (we maximise) |
//! | u | (mu - best) / sd |
//! | h(u) | phi(u) + u Phi(u), the expected improvement of a unit normal |

use crate::error::{Error, Result, check_finite};
use crate::points::Points;
use crate::process::{MIN_VARIANCE, Posterior, Prediction};
use crate::special::{log_mills_defect, normal_cdf, normal_log_pdf};

/// Expected improvement over `best`: `EI = sd (phi(u) + u Phi(u))`, `u = (mu - best) / sd`.
///
/// Jones, Schonlau and Welch 1998, eq. 15. The variance is taken as at least 1e-12. Where u < -1
/// the sum cancels and the value is `exp(log EI)`. Never negative; underflows to 0 below u = -38,
/// which is why an optimiser should climb [`log_expected_improvement`] instead.
///
/// ```
/// use motjuste_gp::acquisition::expected_improvement;
/// use motjuste_gp::process::Prediction;
///
/// let at_best = Prediction { mean: 0.0, variance: 1.0 };
/// assert!((expected_improvement(at_best, 0.0) - 0.3989422804014327).abs() < 1e-15);
/// let certain_and_worse = Prediction { mean: -1.0, variance: 0.0 };
/// assert_eq!(expected_improvement(certain_and_worse, 0.0), 0.0);
/// ```
pub fn expected_improvement(prediction: Prediction, best: f64) -> f64 {
    let (u, sd) = standardised_gap(prediction, best);
    if u > -1.0 { sd * unit_improvement(u) } else { sd * log_unit_improvement(u).exp() }
}

/// The logarithm of [`expected_improvement`]: `log h(u) + log sd`, without underflow.
///
/// Ament et al. 2023 (arXiv 2310.20708), eq. 9, with an asymptotic series far out:
/// - u > -1: `log(phi(u) + u Phi(u))`;
/// - -50 <= u <= -1: `log phi(u) + log1p(-|u| sqrt(pi/2) erfcx(|u| / sqrt 2))`;
/// - u < -50: `log phi(u) - 2 log|u| + log1p(-3/u^2 + 15/u^4 - 105/u^6 + 945/u^8 - 10395/u^10)`,
///   the series of `1 - |u| Phi(u)/phi(u)` (Abramowitz and Stegun 26.2.12), truncated below 1e-15.
///
/// Finite for every |u| below 1e154.
///
/// ```
/// use motjuste_gp::acquisition::log_expected_improvement;
/// use motjuste_gp::process::Prediction;
///
/// let hopeless = Prediction { mean: -1e6, variance: 1.0 };
/// let log_ei = log_expected_improvement(hopeless, 0.0);
/// assert!((log_ei + 5.00000000028550e11).abs() < 1.0);
/// ```
pub fn log_expected_improvement(prediction: Prediction, best: f64) -> f64 {
    let (u, sd) = standardised_gap(prediction, best);
    log_unit_improvement(u) + sd.ln()
}

/// `(u, sd)`, the standard deviation at least 1e-6.
fn standardised_gap(prediction: Prediction, best: f64) -> (f64, f64) {
    let sd = prediction.variance.max(MIN_VARIANCE).sqrt();
    ((prediction.mean - best) / sd, sd)
}

/// `h(u) = phi(u) + u Phi(u)`.
fn unit_improvement(u: f64) -> f64 {
    normal_log_pdf(u).exp() + u * normal_cdf(u)
}

/// `log h(u)`.
fn log_unit_improvement(u: f64) -> f64 {
    if u > -1.0 {
        unit_improvement(u).ln()
    } else if u >= -50.0 {
        normal_log_pdf(u) + log_mills_defect(-u)
    } else {
        // t = 1 / u^2; u may be so large that u^2 is infinite, then t = 0.
        let t = (1.0 / u) / u;
        let series = t * (-3.0 + t * (15.0 + t * (-105.0 + t * (945.0 - t * 10395.0))));
        normal_log_pdf(u) - 2.0 * (-u).ln() + series.ln_1p()
    }
}

/// A batch of candidates by log EI, one after the other: the picks' variance is removed.
///
/// Each round takes the candidate of the largest log EI (the first of equals) and then believes
/// that its outcome equals its posterior mean (the "kriging believer" of Ginsbourger, Le Riche and
/// Carraro 2010): the means stay, the incumbent becomes `max(best, mean)`, and the
/// covariance is conditioned on a noiseless outcome there,
/// `S(a, b) <- S(a, b) - S(a, p) S(p, b) / S(p, p)`. Neighbours of a pick lose their variance, and
/// the batch spreads.
///
/// `candidates`: m × d. Returns `min(batch, m)` different places in `candidates`, in the order of
/// choice. Cost O(m n^2 + batch m (n + batch)).
///
/// # Errors
/// The posterior is one of the coupled kernel; the dimension of `candidates` is not that of the
/// process; `best` is not finite.
///
/// ```
/// use motjuste_gp::{Points, acquisition::select_batch, process::{Hyperparameters, Model}};
///
/// let model = Model::plain(Points::from_rows(&[[0.0], [1.0]])?)?;
/// let hyper = Hyperparameters { noise: 1e-4, ..Hyperparameters::isotropic(0.5) };
/// let posterior = model.posterior(&[0.0, 1.0], &hyper)?;
/// // Two copies of one promising place: the second is worth nothing once the first is taken.
/// let candidates = Points::from_rows(&[[1.3], [1.3], [-3.0]])?;
/// assert_eq!(select_batch(&posterior, &candidates, 2, 1.0)?, [0, 2]);
/// # Ok::<(), motjuste_gp::Error>(())
/// ```
pub fn select_batch(
    posterior: &Posterior,
    candidates: &Points,
    batch: usize,
    best: f64,
) -> Result<Vec<usize>> {
    check_finite("the incumbent", &[best])?;
    let mut greedy = Greedy::new(posterior, candidates, best)?;
    Ok((0..batch.min(candidates.len())).map_while(|_| greedy.pick()).collect())
}

/// The state of a greedy batch: what is left of every candidate's variance.
struct Greedy<'a> {
    joint: crate::process::Joint<'a>,
    predictions: Vec<Prediction>,
    best: f64,
    picks: Vec<usize>,
    /// One row of length m per pick p: `S(., p) / sqrt(S(p, p))` at the time of the pick, a row of
    /// a partial pivoted Cholesky factor of the posterior covariance.
    removed: Vec<Vec<f64>>,
}

impl<'a> Greedy<'a> {
    fn new(posterior: &'a Posterior, candidates: &'a Points, best: f64) -> Result<Self> {
        let joint = posterior.joint(candidates).ok_or_else(|| {
            Error::parameter(
                "greedy batches need a plain process: the coupled kernel has no prior variance \
                 away from its points",
            )
        })??;
        let predictions = joint.predictions();
        Ok(Self { joint, predictions, best, picks: vec![], removed: vec![] })
    }

    /// Choose, believe, condition. `None` when no candidate is left.
    fn pick(&mut self) -> Option<usize> {
        let pick = self.argmax()?;
        self.best = self.best.max(self.predictions[pick].mean);
        self.condition_on(pick);
        self.picks.push(pick);
        Some(pick)
    }

    fn argmax(&self) -> Option<usize> {
        let open = (0..self.predictions.len()).filter(|i| !self.picks.contains(i));
        let value = |i: usize| log_expected_improvement(self.predictions[i], self.best);
        open.map(|i| (i, value(i)))
            .reduce(|first, other| if other.1 > first.1 { other } else { first })
            .map(|(i, _)| i)
    }

    fn condition_on(&mut self, pick: usize) {
        let mut row = self.joint.covariances_with(pick);
        for earlier in &self.removed {
            let factor = earlier[pick];
            row.iter_mut().zip(earlier).for_each(|(r, e)| *r -= factor * e);
        }
        let sd = row[pick].max(MIN_VARIANCE).sqrt();
        for (r, prediction) in row.iter_mut().zip(&mut self.predictions) {
            *r /= sd;
            prediction.variance = (prediction.variance - *r * *r).max(MIN_VARIANCE);
        }
        self.removed.push(row);
    }
}
