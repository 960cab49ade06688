//! Gaussian processes, acquisition functions, and the optimisers they need.
//!
//! Everything is f64, single-threaded and without ambient state: the same inputs give the same
//! bits, on any number of threads. Random draws come from a generator or a seed in the arguments.
//!
//! | symbol | shape | meaning | where |
//! |---|---|---|---|
//! | X, t | n × d, d | known points, a new point | [`Points`] |
//! | h, y | n | outcomes, standardised outcomes | [`standardise`] |
//! | l, L | n × n | Matérn-5/2 correlation | [`kernel::Matern52`] |
//! | S | n × n | similarity of outcome vectors (m each) | [`kernel::agreement`] |
//! | M, P | n × n | (L + j I)^-1, I - j M | [`kernel::Coupled`] |
//! | K | n × n | s2 L, or s2 P S P | [`process::Model`] |
//! | ls_z, ls_v, s2, n2, c | d, m, 1, 1, 1 | lengthscales, outputscale, noise, mean | [`process::Hyperparameters`] |
//! | mu, var | | posterior mean and variance | [`process::Posterior`] |
//! | EI | | expected improvement | [`acquisition`] |
//! | f, g | | output of a neural network, its tangent | [`network`] |
//!
//! One round of Bayesian optimisation:
//!
//! ```
//! use motjuste_gp::acquisition::log_expected_improvement;
//! use motjuste_gp::process::{FitOptions, Model};
//! use motjuste_gp::{Bounds, cma_es, sobol::Sobol, standardise::standardise};
//! use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
//!
//! let bounds = Bounds::cube(2, -1.0, 1.0)?;
//! let points = bounds.stretch(&Sobol::scrambled(2, 0)?.points(8)?)?;
//! let h: Vec<f64> = points.rows().map(|x| -(x[0] - 0.3).powi(2) - x[1].powi(2)).collect();
//!
//! let y = standardise(&h).values;
//! let best = y.iter().copied().fold(f64::NEG_INFINITY, f64::max);
//! let model = Model::plain(points)?;
//! let fit = model.fit(&y, &FitOptions::for_model(&model)?)?;
//! let posterior = model.posterior(&y, &fit.hyper)?;
//!
//! let log_ei = |population: &_| match posterior.predict_batch(population) {
//!     Ok(all) => all.into_iter().map(|p| log_expected_improvement(p, best)).collect(),
//!     Err(_) => vec![],
//! };
//! let options = cma_es::Options { max_generations: 20, ..cma_es::Options::default() };
//! let mut rng = ChaCha20Rng::seed_from_u64(0);
//! let next = cma_es::maximise(log_ei, &[0.0, 0.0], &bounds, options, &mut rng)?;
//! assert!((next.x[0] - 0.3).abs() < 0.3 && next.x[1].abs() < 0.3);
//! # Ok::<(), motjuste_gp::Error>(())
//! ```

#![deny(missing_docs)]

pub mod acquisition;
mod bounds;
pub mod cma_es;
mod compensated;
mod error;
pub mod kernel;
pub mod lbfgs;
mod linalg;
pub mod network;
mod points;
pub mod prior;
pub mod process;
pub mod sobol;
pub mod special;
pub mod standardise;
pub mod test_functions;

pub use bounds::Bounds;
pub use error::{Error, Result};
/// The matrix of `faer`, as covariances are returned: `matrix[(i, j)]`.
///
/// ```
/// let m = motjuste_gp::Mat::from_fn(2, 2, |i, j| (i + j) as f64);
/// assert_eq!(m[(1, 1)], 2.0);
/// ```
pub use faer::Mat;
pub use points::Points;
