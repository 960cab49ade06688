//! Hyperparameters from outcomes.

use crate::bounds::Bounds;
use crate::error::{Error, Result, check_positive};
use crate::kernel::Precision;
use crate::lbfgs::{self, minimise};
use crate::prior::Prior;
use crate::process::{Hyperparameters, Model};

/// What a fit prefers, where it starts, and when it stops.
///
/// The three presets name the choices of published codes; every field can be changed.
///
/// ```
/// use motjuste_gp::{Points, prior::Prior, process::{FitOptions, Model}};
///
/// let model = Model::plain(Points::from_rows(&[[0.0], [1.0]])?)?;
/// let options = FitOptions {
///     outputscale_prior: Prior::gamma(2.0, 0.15)?,
///     ..FitOptions::for_model(&model)?
/// };
/// assert_eq!(options.noise_floor, 1e-4);
/// # Ok::<(), motjuste_gp::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct FitOptions {
    /// Prior of every lengthscale of the points.
    pub lengthscale_prior: Prior,
    /// Prior of every lengthscale of the score vectors.
    pub outcome_lengthscale_prior: Prior,
    /// Prior of the outputscale.
    pub outputscale_prior: Prior,
    /// Prior of the noise.
    pub noise_prior: Prior,
    /// The noise never falls below this.
    pub noise_floor: f64,
    /// Where the search starts; its number of lengthscales decides ARD or isotropic.
    pub start: Hyperparameters,
    /// When the search stops.
    pub search: lbfgs::Options,
}

impl FitOptions {
    /// ARD with Gamma(3, 6) on every lengthscale, and the noise as BoTorch has it today:
    /// LogNormal(-4, 1), start e^-5 = 0.0067, floor 1e-4.
    ///
    /// # Errors
    /// None in practice: the numbers of the priors are valid.
    ///
    /// ```
    /// use motjuste_gp::{Points, process::{FitOptions, Model}};
    /// let model = Model::plain(Points::from_rows(&[[0.0, 1.0]])?)?;
    /// let options = FitOptions::for_model(&model)?;
    /// assert!((options.start.noise - 0.0067).abs() < 1e-4);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn for_model(model: &Model) -> Result<Self> {
        let lengthscale_prior = Prior::gamma(3.0, 6.0)?;
        Ok(Self {
            lengthscale_prior,
            outcome_lengthscale_prior: lengthscale_prior,
            outputscale_prior: Prior::flat(),
            noise_prior: Prior::log_normal(-4.0, 1.0)?,
            noise_floor: 1e-4,
            // The mode of LogNormal(mu, sigma) is exp(mu - sigma^2).
            start: Hyperparameters::ard(model.dim(), model.outcome_dim(), (-5f64).exp()),
            search: lbfgs::Options::default(),
        })
    }

    /// As [`for_model`](Self::for_model), with the noise as BoTorch 0.8.5 had it, the version of
    /// the published code of Chen et al. 2023: Gamma(1.1, 0.05), start 2.
    ///
    /// # Errors
    /// As [`for_model`](Self::for_model).
    ///
    /// ```
    /// use motjuste_gp::{Points, process::{FitOptions, Model}};
    /// let model = Model::plain(Points::from_rows(&[[0.0, 1.0]])?)?;
    /// assert_eq!(FitOptions::published(&model)?.start.noise, 2.0);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn published(model: &Model) -> Result<Self> {
        let mut options = Self::for_model(model)?;
        options.noise_prior = Prior::gamma(1.1, 0.05)?;
        options.start.noise = 2.0;
        Ok(options)
    }

    /// One lengthscale for all dimensions under [`Prior::dimension_scaled`], started at the
    /// prior's median `exp(sqrt 2) sqrt d`: for points of many dimensions.
    ///
    /// # Errors
    /// As [`for_model`](Self::for_model).
    ///
    /// ```
    /// use motjuste_gp::{Points, process::{FitOptions, Model}};
    /// let model = Model::plain(Points::new(256, vec![0.5; 512])?)?;
    /// assert_eq!(FitOptions::isotropic(&model)?.start.lengthscales.len(), 1);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn isotropic(model: &Model) -> Result<Self> {
        let mut options = Self::for_model(model)?;
        options.lengthscale_prior = Prior::dimension_scaled(model.dim())?;
        options.start.lengthscales = vec![2f64.sqrt().exp() * (model.dim() as f64).sqrt()];
        Ok(options)
    }

    fn check(&self) -> Result<()> {
        let start = &self.start;
        check_positive("the noise floor", &[self.noise_floor])?;
        check_positive("the starting lengthscales", &start.lengthscales)?;
        check_positive("the starting outcome lengthscales", &start.outcome_lengthscales)?;
        check_positive("the starting outputscale and noise", &[start.outputscale, start.noise])
    }

    /// Sum of log priors.
    fn log_prior(&self, hyper: &Hyperparameters) -> f64 {
        let sum = |prior: &Prior, all: &[f64]| all.iter().map(|v| prior.log_density(*v)).sum();
        let lengthscales: f64 = sum(&self.lengthscale_prior, &hyper.lengthscales);
        let outcomes: f64 = sum(&self.outcome_lengthscale_prior, &hyper.outcome_lengthscales);
        lengthscales
            + outcomes
            + self.outputscale_prior.log_density(hyper.outputscale)
            + self.noise_prior.log_density(hyper.noise)
    }

    /// Add the slopes of the log priors to a gradient.
    fn add_prior_gradient(&self, hyper: &Hyperparameters, gradient: &mut Hyperparameters) {
        let add = |prior: &Prior, at: &[f64], out: &mut [f64]| {
            out.iter_mut().zip(at).for_each(|(g, v)| *g += prior.log_density_gradient(*v));
        };
        add(&self.lengthscale_prior, &hyper.lengthscales, &mut gradient.lengthscales);
        add(
            &self.outcome_lengthscale_prior,
            &hyper.outcome_lengthscales,
            &mut gradient.outcome_lengthscales,
        );
        gradient.outputscale += self.outputscale_prior.log_density_gradient(hyper.outputscale);
        gradient.noise += self.noise_prior.log_density_gradient(hyper.noise);
    }
}

/// The result of a fit.
///
/// ```
/// use motjuste_gp::{Points, process::{FitOptions, Model}};
///
/// let model = Model::plain(Points::from_rows(&[[0.0], [0.5], [1.0]])?)?;
/// let fit = model.fit(&[-1.0, 0.0, 1.0], &FitOptions::for_model(&model)?)?;
/// assert!(fit.converged && fit.hyper.noise >= 1e-4);
/// # Ok::<(), motjuste_gp::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// The hyperparameters found.
    pub hyper: Hyperparameters,
    /// `[log N(y; c, K + N) + sum of log priors] / n` there.
    pub objective: f64,
    /// Iterations of the search.
    pub iterations: usize,
    /// Evaluations of the likelihood.
    pub evaluations: usize,
    /// Whether a tolerance of the search was met.
    pub converged: bool,
}

/// Lengthscales and outputscale stay inside this range: far beyond any prior, and close enough
/// for their powers to be finite.
const SCALE_RANGE: (f64, f64) = (1e-5, 1e7);
const OUTPUTSCALE_RANGE: (f64, f64) = (1e-10, 1e8);
const MAX_NOISE: f64 = 1e6;

impl Model {
    /// The maximum a posteriori hyperparameters: maximise
    /// `[log N(y; c, K + N) + sum of log priors] / n` by [`lbfgs`].
    ///
    /// The search runs over the logarithms of all positive parameters, and c itself; the priors
    /// stay densities of the parameters (there is no Jacobian), so the maximum does not depend on
    /// the logarithm. Bounds: the noise at least [`FitOptions::noise_floor`]; lengthscales in
    /// \[1e-5, 1e7\], outputscale in \[1e-10, 1e8\]. y should be
    /// [standardised](crate::standardise::standardise). Never returns NaN: a point without a
    /// Cholesky factor, even after the jitter of [`log_likelihood`](Self::log_likelihood), counts
    /// as infinitely bad.
    ///
    /// # Errors
    /// y or the start do not fit the model; the likelihood at the start has no value.
    ///
    /// ```
    /// use motjuste_gp::{Points, process::{FitOptions, Model}};
    /// // One point, or equal outcomes at one place, are no trouble.
    /// let model = Model::plain(Points::from_rows(&[[0.0], [0.0]])?)?;
    /// let fit = model.fit(&[0.0, 0.0], &FitOptions::for_model(&model)?)?;
    /// assert!(fit.objective.is_finite());
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn fit(&self, y: &[f64], options: &FitOptions) -> Result<Fit> {
        options.check()?;
        self.log_likelihood(y, &options.start)?;
        let shape = &options.start;
        let objective = |x: &[f64]| self.negative_objective(y, options, &decode(x, shape));
        let end = minimise(objective, &encode(shape), &search_box(options)?, &options.search)
            .map_err(|_| Error::not_positive_definite("the covariance at the start of the fit"))?;
        Ok(Fit {
            hyper: decode(&end.x, shape),
            objective: -end.value,
            iterations: end.iterations,
            evaluations: end.evaluations,
            converged: end.converged,
        })
    }

    /// Minus the objective, and its gradient by the search parameters.
    fn negative_objective(
        &self,
        y: &[f64],
        options: &FitOptions,
        hyper: &Hyperparameters,
    ) -> (f64, Vec<f64>) {
        let n = self.len() as f64;
        let evaluated = self.likelihood_and_slope(y, hyper, Precision::Plain);
        let Ok((likelihood, mut gradient)) = evaluated else {
            return (f64::INFINITY, vec![0.0; hyper.lengthscales.len()]);
        };
        options.add_prior_gradient(hyper, &mut gradient);
        let value = likelihood + options.log_prior(hyper);
        (-value / n, chain(hyper, &gradient).iter().map(|g| -g / n).collect())
    }
}

/// The search parameters: logarithms, then c.
fn encode(hyper: &Hyperparameters) -> Vec<f64> {
    let positive = hyper.lengthscales.iter().chain(&hyper.outcome_lengthscales);
    let positive = positive.chain([&hyper.outputscale, &hyper.noise]);
    positive.map(|v| v.ln()).chain([hyper.mean]).collect()
}

/// The inverse of [`encode`] for hyperparameters of the given shape.
fn decode(x: &[f64], shape: &Hyperparameters) -> Hyperparameters {
    let exp = |part: &[f64]| part.iter().map(|v| v.exp()).collect::<Vec<_>>();
    let (lengthscales, rest) = x.split_at(shape.lengthscales.len());
    let (outcome_lengthscales, last) = rest.split_at(shape.outcome_lengthscales.len());
    Hyperparameters {
        lengthscales: exp(lengthscales),
        outcome_lengthscales: exp(outcome_lengthscales),
        outputscale: last[0].exp(),
        noise: last[1].exp(),
        mean: last[2],
    }
}

/// The gradient by the search parameters: `df/d log v = v df/dv`.
fn chain(hyper: &Hyperparameters, gradient: &Hyperparameters) -> Vec<f64> {
    let values = hyper.lengthscales.iter().chain(&hyper.outcome_lengthscales);
    let slopes = gradient.lengthscales.iter().chain(&gradient.outcome_lengthscales);
    let mut out: Vec<f64> = values.zip(slopes).map(|(v, g)| v * g).collect();
    out.push(hyper.outputscale * gradient.outputscale);
    out.push(hyper.noise * gradient.noise);
    out.push(gradient.mean);
    out
}

fn search_box(options: &FitOptions) -> Result<Bounds> {
    let start = &options.start;
    let scales = start.lengthscales.len() + start.outcome_lengthscales.len();
    let mut ranges = vec![SCALE_RANGE; scales];
    ranges.push(OUTPUTSCALE_RANGE);
    ranges.push((options.noise_floor, MAX_NOISE));
    let mut lower: Vec<f64> = ranges.iter().map(|r| r.0.ln()).collect();
    let mut upper: Vec<f64> = ranges.iter().map(|r| r.1.ln()).collect();
    lower.push(f64::NEG_INFINITY);
    upper.push(f64::INFINITY);
    Bounds::new(lower, upper)
}
