//! CMA-ES: covariance matrix adaptation evolution strategy, in a box.
//!
//! N. Hansen, "The CMA Evolution Strategy: A Tutorial", arXiv 1604.00772; equation numbers are
//! those of its appendix A (algorithm and default parameters, with active update: negative
//! weights for the worse half). We maximise; the tutorial minimises.
//!
//! | symbol | field | shape | meaning |
//! |---|---|---|---|
//! | n | | | dimension |
//! | lambda | `popsize` | | points per generation |
//! | m, sigma, C | `mean`, `sigma`, `covariance` | n, 1, n × n | the search distribution |
//! | B, D | `axes`, `scales` | n × n, n | C = B D^2 B^T |
//! | p_sigma, p_c | `path_sigma`, `path_c` | n | evolution paths |
//! | y_k | `steps` | n | (x_k - m) / sigma |
//!
//! Bounds are handled as pycma handles them by default (`BoundTransform`): the strategy runs
//! unbounded, and a C^1 map, the identity but near the sides, folds its points into the box
//! periodically. The margin is `min((u - l)/2, (1 + |side|)/20)`, as in pycma 3 (`margin_width1`
//! of pycma 4).

mod fold;
mod rates;

use faer::Mat;
use rand_core::Rng;

use crate::bounds::Bounds;
use crate::error::{Error, Result, check_positive};
use crate::linalg::{dot, eigen, identity, times, transposed_times};
use crate::points::Points;
use crate::special::normal;
use fold::Fold;
use rates::Rates;

/// Settings; the defaults are the tutorial's, with pycma's `tolfun`.
///
/// ```
/// use motjuste_gp::cma_es::Options;
/// let options = Options { popsize: Some(50), sigma0: 0.8, ..Options::default() };
/// assert_eq!(options.tolfun, Some(1e-11));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// lambda; `None` for `4 + floor(3 log n)` (eq. 48). At least 2.
    pub popsize: Option<usize>,
    /// The first sigma, in the units of the box: about a third of the distance to the optimum.
    pub sigma0: f64,
    /// Most generations.
    pub max_generations: usize,
    /// Stop when the values of the last generation, and the best values of the last
    /// `10 + ceil(30 n / lambda)` generations, both spread by less than this; `None` for never.
    pub tolfun: Option<f64>,
}

impl Default for Options {
    fn default() -> Self {
        Self { popsize: None, sigma0: 0.3, max_generations: 1000, tolfun: Some(1e-11) }
    }
}

/// The best point of a run.
///
/// ```
/// use motjuste_gp::cma_es::Best;
/// let best = Best { x: vec![0.5], value: 2.0 };
/// assert_eq!(best.clone(), best);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Best {
    /// The point, inside the box.
    pub x: Vec<f64>,
    /// Its value.
    pub value: f64,
}

/// A run of CMA-ES, one generation per [`ask`](Self::ask) and [`tell`](Self::tell).
///
/// ```
/// use motjuste_gp::{Bounds, cma_es::{CmaEs, Options}, test_functions::sphere};
/// use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
///
/// let mut rng = ChaCha20Rng::seed_from_u64(7);
/// let mut cma = CmaEs::new(&[0.7, -0.4], &Bounds::cube(2, -1.0, 1.0)?, Options::default())?;
/// while !cma.is_done() {
///     let population = cma.ask(&mut rng)?;
///     let values: Vec<f64> = population.rows().map(|x| -sphere(x)).collect();
///     cma.tell(&values)?;
/// }
/// assert!(cma.best().is_some_and(|best| best.value > -1e-9));
/// # Ok::<(), motjuste_gp::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct CmaEs {
    options: Options,
    rates: Rates,
    fold: Fold,
    mean: Vec<f64>,
    sigma: f64,
    covariance: Mat<f64>,
    axes: Mat<f64>,
    scales: Vec<f64>,
    path_sigma: Vec<f64>,
    path_c: Vec<f64>,
    generation: usize,
    /// y_k of the population that was asked for and not yet told.
    steps: Vec<Vec<f64>>,
    best: Option<Best>,
    /// Best value of each of the last generations, newest last.
    recent: Vec<f64>,
    last_spread: f64,
}

impl CmaEs {
    /// A run that starts at `start` in the box.
    ///
    /// # Errors
    /// `start` is not a point of the box's dimension, or not finite; `sigma0` is not above zero;
    /// `popsize` is below 2.
    ///
    /// ```
    /// use motjuste_gp::{Bounds, cma_es::{CmaEs, Options}};
    /// let options = Options { sigma0: 0.0, ..Options::default() };
    /// let cma = CmaEs::new(&[0.0], &Bounds::unbounded(1)?, options);
    /// assert!(cma.unwrap_err().is_invalid_parameter());
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn new(start: &[f64], bounds: &Bounds, options: Options) -> Result<Self> {
        bounds.check(start)?;
        crate::error::check_finite("the start", start)?;
        check_positive("sigma0", &[options.sigma0])?;
        let n = start.len();
        let popsize = options.popsize.unwrap_or(4 + (3.0 * (n as f64).ln()) as usize); // eq. 48
        if popsize < 2 {
            return Err(Error::parameter("popsize must be at least 2"));
        }
        let fold = Fold { bounds: bounds.clone() };
        Ok(Self {
            rates: Rates::new(n, popsize),
            mean: fold.unfold(start),
            fold,
            sigma: options.sigma0,
            covariance: identity(n),
            axes: identity(n),
            scales: vec![1.0; n],
            path_sigma: vec![0.0; n],
            path_c: vec![0.0; n],
            generation: 0,
            steps: vec![],
            best: None,
            recent: vec![],
            last_spread: f64::INFINITY,
            options,
        })
    }

    /// The next population, lambda × n, inside the box: `x_k = m + sigma y_k`,
    /// `y_k = B D z_k`, `z_k ~ N(0, I)` (eq. 38-40), folded. Asking again draws anew.
    ///
    /// # Errors
    /// The distribution has run out of f64 (sigma overflowed on a function without a maximum).
    ///
    /// ```
    /// use motjuste_gp::{Bounds, cma_es::{CmaEs, Options}};
    /// use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
    /// let bounds = Bounds::cube(3, 0.0, 1.0)?;
    /// let mut cma = CmaEs::new(&[0.5; 3], &bounds, Options::default())?;
    /// let population = cma.ask(&mut ChaCha20Rng::seed_from_u64(0))?;
    /// assert!(population.rows().all(|x| bounds.contains(x)));
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn ask<R: Rng + ?Sized>(&mut self, rng: &mut R) -> Result<Points> {
        let popsize = self.rates.popsize;
        self.steps = (0..popsize).map(|_| self.draw(rng)).collect();
        self.folded_population()
    }

    fn draw<R: Rng + ?Sized>(&self, rng: &mut R) -> Vec<f64> {
        let scaled: Vec<f64> = self.scales.iter().map(|d| d * normal(rng)).collect();
        times(&self.axes, &scaled)
    }

    fn folded_population(&self) -> Result<Points> {
        let place = |y: &Vec<f64>| -> Vec<f64> {
            self.fold.fold(self.mean.iter().zip(y).map(|(m, y)| m + self.sigma * y))
        };
        Points::new(self.mean.len(), self.steps.iter().flat_map(place).collect())
    }

    /// The values of the population that [`ask`](Self::ask) returned last, in its order; larger
    /// is better, and NaN is worst. Ties keep the order of the population.
    ///
    /// # Errors
    /// There is not one value per point of an asked-for population.
    ///
    /// ```
    /// use motjuste_gp::{Bounds, cma_es::{CmaEs, Options}};
    /// let mut cma = CmaEs::new(&[0.5], &Bounds::unbounded(1)?, Options::default())?;
    /// assert!(cma.tell(&[1.0, 2.0]).unwrap_err().is_shape());
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn tell(&mut self, values: &[f64]) -> Result<()> {
        if self.steps.len() != values.len() || values.is_empty() {
            let (got, want) = (values.len(), self.steps.len());
            return Err(Error::shape(format!("{got} values for a population of {want}")));
        }
        let population = self.folded_population()?;
        let values: Vec<f64> =
            values.iter().map(|v| if v.is_nan() { f64::NEG_INFINITY } else { *v }).collect();
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|a, b| values[*b].total_cmp(&values[*a]));
        self.remember(&population, &values, &order);
        let steps = std::mem::take(&mut self.steps);
        self.update(&order.iter().map(|i| steps[*i].as_slice()).collect::<Vec<_>>());
        Ok(())
    }

    fn remember(&mut self, population: &Points, values: &[f64], order: &[usize]) {
        let (first, last) = (order[0], order[order.len() - 1]);
        if self.best.as_ref().is_none_or(|best| values[first] > best.value) {
            self.best = Some(Best { x: population.row(first).to_vec(), value: values[first] });
        }
        self.recent.push(values[first]);
        let kept = 10 + (30 * self.mean.len()).div_ceil(self.rates.popsize);
        if self.recent.len() > kept {
            self.recent.remove(0);
        }
        self.last_spread = values[first] - values[last];
    }

    /// One generation, from the y_k in order of merit: eq. 41-47.
    fn update(&mut self, steps: &[&[f64]]) {
        self.generation += 1;
        let step = self.recombine(steps);
        self.mean.iter_mut().zip(&step).for_each(|(m, y)| *m += self.sigma * y); // eq. 42, c_m = 1
        let long_path = self.adapt_sigma(&step);
        self.adapt_covariance(steps, &step, long_path);
        self.decompose();
    }

    /// `y_w = sum_i w_i y_i` over the mu best (eq. 41).
    fn recombine(&self, steps: &[&[f64]]) -> Vec<f64> {
        let mut out = vec![0.0; self.mean.len()];
        for (y, w) in steps.iter().zip(&self.rates.weights[..self.rates.parents]) {
            out.iter_mut().zip(*y).for_each(|(o, y)| *o += w * y);
        }
        out
    }

    /// Step-size control, eq. 43 and 44. Returns whether p_sigma is too long for p_c to move
    /// (h_sigma = 0).
    fn adapt_sigma(&mut self, step: &[f64]) -> bool {
        let Rates { c_sigma, d_sigma, mu_eff, chi_n, .. } = self.rates;
        let gain = (c_sigma * (2.0 - c_sigma) * mu_eff).sqrt();
        let white = self.whitened(step);
        for (p, w) in self.path_sigma.iter_mut().zip(&white) {
            *p = (1.0 - c_sigma) * *p + gain * w; // eq. 43
        }
        let length = dot(&self.path_sigma, &self.path_sigma).sqrt();
        self.sigma *= (c_sigma / d_sigma * (length / chi_n - 1.0)).exp(); // eq. 44
        let settled = 1.0 - (1.0 - c_sigma).powf(2.0 * (self.generation + 1) as f64);
        let n = self.mean.len() as f64;
        length / settled.sqrt() >= (1.4 + 2.0 / (n + 1.0)) * chi_n
    }

    /// Covariance matrix adaptation, eq. 45-47.
    fn adapt_covariance(&mut self, steps: &[&[f64]], step: &[f64], long_path: bool) {
        let Rates { c_c, c_1, c_mu, mu_eff, .. } = self.rates;
        let h = if long_path { 0.0 } else { 1.0 };
        let gain = h * (c_c * (2.0 - c_c) * mu_eff).sqrt();
        for (p, y) in self.path_c.iter_mut().zip(step) {
            *p = (1.0 - c_c) * *p + gain * y; // eq. 45
        }
        let weights = self.signed_weights(steps);
        let total: f64 = self.rates.weights.iter().sum();
        let keep = 1.0 + c_1 * (1.0 - h) * c_c * (2.0 - c_c) - c_1 - c_mu * total;
        self.covariance = Mat::from_fn(step.len(), step.len(), |i, j| {
            let rank_mu: f64 = steps.iter().zip(&weights).map(|(y, w)| w * (y[i] * y[j])).sum();
            let rank_one = self.path_c[i] * self.path_c[j];
            keep * self.covariance[(i, j)] + c_1 * rank_one + c_mu * rank_mu // eq. 47
        });
    }

    /// w_i, the negative ones scaled by `n / |C^-1/2 y_i|^2` so that C stays positive definite
    /// (eq. 46).
    fn signed_weights(&self, steps: &[&[f64]]) -> Vec<f64> {
        let n = self.mean.len() as f64;
        let scale = |(w, y): (&f64, &&[f64])| {
            let white = self.whitened(y);
            if *w >= 0.0 { *w } else { w * n / (dot(&white, &white) + 1e-8) }
        };
        self.rates.weights.iter().zip(steps).map(scale).collect()
    }

    /// `C^-1/2 y = B D^-1 B^T y`.
    fn whitened(&self, y: &[f64]) -> Vec<f64> {
        let mut along = transposed_times(&self.axes, y);
        along.iter_mut().zip(&self.scales).for_each(|(a, d)| *a /= d);
        times(&self.axes, &along)
    }

    /// `C = B D^2 B^T`. A C that rounding has made indefinite or infinite keeps its last axes.
    fn decompose(&mut self) {
        if let Some((values, axes)) = eigen(&self.covariance)
            && values.iter().all(|v| v.is_finite() && *v > 0.0)
        {
            self.scales = values.iter().map(|v| v.sqrt()).collect();
            self.axes = axes;
        }
    }

    /// Whether the generations are used up, or `tolfun` is met.
    ///
    /// ```
    /// use motjuste_gp::{Bounds, cma_es::{CmaEs, Options}};
    /// let options = Options { max_generations: 0, ..Options::default() };
    /// assert!(CmaEs::new(&[0.5], &Bounds::unbounded(1)?, options)?.is_done());
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn is_done(&self) -> bool {
        let fold = |f: fn(f64, f64) -> f64, from| self.recent.iter().copied().fold(from, f);
        let recent_spread = fold(f64::max, f64::NEG_INFINITY) - fold(f64::min, f64::INFINITY);
        self.generation >= self.options.max_generations
            || self.options.tolfun.is_some_and(|tol| self.last_spread < tol && recent_spread < tol)
    }

    /// The best point told so far.
    ///
    /// ```
    /// use motjuste_gp::{Bounds, cma_es::{CmaEs, Options}};
    /// assert!(CmaEs::new(&[0.5], &Bounds::unbounded(1)?, Options::default())?.best().is_none());
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn best(&self) -> Option<&Best> {
        self.best.as_ref()
    }

    /// Generations told so far.
    ///
    /// ```
    /// use motjuste_gp::{Bounds, cma_es::{CmaEs, Options}};
    /// let cma = CmaEs::new(&[0.5], &Bounds::unbounded(1)?, Options::default())?;
    /// assert_eq!(cma.generation(), 0);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn generation(&self) -> usize {
        self.generation
    }
}

/// Maximise a function of whole populations (lambda × n in, lambda values out) from `start`.
///
/// # Errors
/// As [`CmaEs::new`]; no generation was allowed; the function returned another number of values.
///
/// ```
/// use motjuste_gp::{Bounds, cma_es::{Options, maximise}, test_functions::sphere};
/// use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
///
/// let mut rng = ChaCha20Rng::seed_from_u64(7);
/// let bounds = Bounds::cube(3, -1.0, 1.0)?;
/// let best = maximise(
///     |population| population.rows().map(|x| -sphere(x)).collect(),
///     &[0.5; 3],
///     &bounds,
///     Options::default(),
///     &mut rng,
/// )?;
/// assert!(best.value > -1e-9);
/// # Ok::<(), motjuste_gp::Error>(())
/// ```
pub fn maximise<R: Rng + ?Sized>(
    mut objective: impl FnMut(&Points) -> Vec<f64>,
    start: &[f64],
    bounds: &Bounds,
    options: Options,
    rng: &mut R,
) -> Result<Best> {
    let mut cma = CmaEs::new(start, bounds, options)?;
    while !cma.is_done() {
        let population = cma.ask(rng)?;
        cma.tell(&objective(&population))?;
    }
    cma.best.ok_or_else(|| Error::parameter("max_generations must be at least 1"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn reference() -> Value {
        serde_json::from_str(include_str!("../../tests/reference/cma_es.json")).unwrap()
    }

    fn list(value: &Value) -> Vec<f64> {
        value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
    }

    fn lists(value: &Value) -> Vec<Vec<f64>> {
        value.as_array().unwrap().iter().map(list).collect()
    }

    /// Six generations of the Python package `cmaes`, given its steps. 1e-10: the two add in
    /// different orders, and six eigendecompositions pass the difference on.
    #[test]
    fn generations_are_those_of_the_package_cmaes() {
        let reference = reference();
        let options = Options {
            popsize: reference["popsize"].as_u64().map(|p| p as usize),
            sigma0: reference["sigma0"].as_f64().unwrap(),
            ..Options::default()
        };
        let start = list(&reference["start"]);
        let mut cma = CmaEs::new(&start, &Bounds::unbounded(3).unwrap(), options).unwrap();
        for generation in reference["generations"].as_array().unwrap() {
            let steps = lists(&generation["steps"]);
            cma.update(&steps.iter().map(Vec::as_slice).collect::<Vec<_>>());
            assert!((cma.sigma - generation["sigma"].as_f64().unwrap()).abs() < 1e-10);
            let mean = list(&generation["mean"]);
            assert!(cma.mean.iter().zip(mean).all(|(a, b)| (a - b).abs() < 1e-10));
            for (i, row) in lists(&generation["covariance"]).iter().enumerate() {
                assert!(
                    row.iter()
                        .enumerate()
                        .all(|(j, c)| { (cma.covariance[(i, j)] - c).abs() < 1e-10 })
                );
            }
        }
    }
}
