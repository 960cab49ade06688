//! A Gaussian process whose kernel is the tangent kernel of a network that is not trained.

use faer::Mat;

use super::{Network, Tangents};
use crate::error::{Error, Result, check_finite, check_positive};
use crate::linalg::{Cholesky, dot, plus_diagonal, symmetrised};
use crate::points::Points;
use crate::process::{MIN_VARIANCE, Prediction};

/// The posterior of a process of mean 0 with the empirical tangent kernel of a network at its present
/// parameters, and the gradient of its mean: the local model of Hu et al. 2024 (arXiv 2403.02993).
///
/// ```
/// use motjuste_gp::{Points, network::{Network, Start, TangentProcess}};
/// # use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
/// let network = Network::new(&[1, 32, 32, 1], Start::Normal, &mut ChaCha20Rng::seed_from_u64(0))?;
/// let points = Points::from_rows(&[[0.0], [0.5], [1.0]])?;
/// let process = TangentProcess::new(&network, &points, &[0.1, 0.4, 0.9], 1e-4)?;
/// assert!((process.predict(&[0.5])?.mean - 0.4).abs() < 1e-2);
/// assert!(process.gradient(&[0.6])?[0] > 0.0);
/// # Ok::<(), motjuste_gp::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct TangentProcess<'a> {
    network: &'a Network,
    known: Tangents,
    factor: Cholesky,
    /// (K + noise I)^-1 y.
    alpha: Vec<f64>,
}

impl<'a> TangentProcess<'a> {
    /// The posterior after outcomes y at n points, with this variance of the noise.
    ///
    /// # Errors
    /// No point, not one outcome a point, a number that is not finite, or a noise that is not above 0; the
    /// kernel has no Cholesky factor.
    ///
    /// ```
    /// # use motjuste_gp::{Points, network::{Network, Start, TangentProcess}};
    /// # use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
    /// # let network = Network::new(&[1, 4, 1], Start::Normal, &mut ChaCha20Rng::seed_from_u64(0))?;
    /// let points = Points::from_rows(&[[0.0]])?;
    /// assert!(TangentProcess::new(&network, &points, &[1.0, 2.0], 1e-4).unwrap_err().is_shape());
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn new(network: &'a Network, points: &Points, y: &[f64], noise: f64) -> Result<Self> {
        check_finite("outcomes", y)?;
        check_positive("the noise", &[noise])?;
        if points.is_empty() || y.len() != points.len() {
            let (k, n) = (y.len(), points.len());
            return Err(Error::shape(format!("{k} outcomes for {n} points")));
        }
        let known = network.tangents(points)?;
        let kernel = symmetrised(&known.kernel(&known));
        let kernel = plus_diagonal(&kernel, &vec![noise; y.len()]);
        let factor = Cholesky::new(&kernel, "the tangent kernel")?;
        let alpha = factor.solve_refined(&kernel, y);
        Ok(Self { network, known, factor, alpha })
    }

    /// Mean and variance of the signal at x; the prior variance is `g(x) g(x)`.
    ///
    /// # Errors
    /// The dimension of x is not that of the network.
    ///
    /// ```
    /// # use motjuste_gp::{Points, network::{Network, Start, TangentProcess}};
    /// # use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
    /// # let network = Network::new(&[1, 4, 1], Start::Normal, &mut ChaCha20Rng::seed_from_u64(0))?;
    /// # let process = TangentProcess::new(&network, &Points::from_rows(&[[0.0]])?, &[1.0], 1e-4)?;
    /// assert!(process.predict(&[0.0])?.variance < process.prior_variance(&[0.0])?);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn predict(&self, x: &[f64]) -> Result<Prediction> {
        let here = self.network.tangents(&Points::from_rows(&[x])?)?;
        let mut k = self.known.kernel(&here);
        let prior = here.kernel(&here)[(0, 0)];
        let mean = dot(k.col_as_slice(0), &self.alpha);
        self.factor.half_solve(&mut k);
        let explained = dot(k.col_as_slice(0), k.col_as_slice(0));
        Ok(Prediction { mean, variance: (prior - explained).max(MIN_VARIANCE) })
    }

    /// The variance at x before any outcome.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    ///
    /// ```
    /// # use motjuste_gp::{Points, network::{Network, Start, TangentProcess}};
    /// # use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
    /// # let network = Network::new(&[1, 4, 1], Start::Normal, &mut ChaCha20Rng::seed_from_u64(0))?;
    /// # let process = TangentProcess::new(&network, &Points::from_rows(&[[0.0]])?, &[1.0], 1e-4)?;
    /// // The derivative by the last bias alone is 1.
    /// assert!(process.prior_variance(&[0.3])? >= 1.0);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn prior_variance(&self, x: &[f64]) -> Result<f64> {
        let here = self.network.tangents(&Points::from_rows(&[x])?)?;
        Ok(here.kernel(&here)[(0, 0)])
    }

    /// The gradient of the mean at x, of the length of x; relu's second derivative counts as 0, as in
    /// automatic differentiation.
    ///
    /// `d mu / d a_(l-1)` gets `sum_i alpha_i (delta_l . delta_l^i) a_(l-1)^i` from layer l, and the layers
    /// behind it pass theirs on through `W_l^T` and relu.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    ///
    /// ```
    /// # use motjuste_gp::{Points, network::{Network, Start, TangentProcess}};
    /// # use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
    /// # let network = Network::new(&[2, 4, 1], Start::Normal, &mut ChaCha20Rng::seed_from_u64(0))?;
    /// # let process = TangentProcess::new(&network, &Points::from_rows(&[[0.0, 1.0]])?, &[1.0], 1e-4)?;
    /// assert_eq!(process.gradient(&[0.3, 0.2])?.len(), 2);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn gradient(&self, x: &[f64]) -> Result<Vec<f64>> {
        let here = self.network.tangents(&Points::from_rows(&[x])?)?;
        let mut slope: Vec<f64> = Vec::new();
        for l in (0..here.layers.len()).rev() {
            let own = self.slope_of(l, &here);
            slope = match slope.is_empty() {
                true => own,
                false => {
                    own.iter().zip(self.through(l, &slope, &here)).map(|(a, b)| a + b).collect()
                }
            };
        }
        Ok(slope)
    }

    /// `sum_i alpha_i (delta_l . delta_l^i) a_(l-1)^i`.
    fn slope_of(&self, l: usize, here: &Tangents) -> Vec<f64> {
        let (deltas, inputs): (&Mat<f64>, &Mat<f64>) =
            (&self.known.deltas[l], &self.known.inputs[l]);
        let mut sum = vec![0.0; inputs.nrows()];
        for (i, alpha) in self.alpha.iter().enumerate() {
            let weight = alpha * dot(here.deltas[l].col_as_slice(0), deltas.col_as_slice(i));
            let terms = sum.iter_mut().zip(inputs.col_as_slice(i));
            terms.for_each(|(sum, input)| *sum += weight * input);
        }
        sum
    }

    /// A slope by what layer l puts out, as one by what it reads: `W_l^T (relu' . slope)`.
    fn through(&self, l: usize, slope: &[f64], here: &Tangents) -> Vec<f64> {
        let outputs = here.inputs[l + 1].col_as_slice(0);
        let passed = slope.iter().zip(outputs).map(|(s, a)| if *a > 0.0 { *s } else { 0.0 });
        let passed: Vec<f64> = passed.collect();
        let weights = here.layers[l].weights(&self.network.parameters);
        let column = |j: usize| weights.col(j).iter().zip(&passed).map(|(w, s)| w * s).sum();
        (0..weights.ncols()).map(column).collect()
    }
}
