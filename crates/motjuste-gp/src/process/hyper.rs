//! The numbers that shape a process.

/// Hyperparameters of a process; also the shape of a gradient by them.
///
/// | field | symbol | plain | coupled by scores | coupled by a matrix |
/// |---|---|---|---|---|
/// | `lengthscales` | ls_z | d or 1 | d or 1 | d or 1 |
/// | `outcome_lengthscales` | ls_v | none | m or 1 | none |
/// | `outputscale` | s2 | variance of the signal | same | same |
/// | `noise` | n2 | variance of the noise | same | same |
/// | `mean` | c | constant prior mean | same | same |
///
/// One lengthscale where there are several dimensions means the isotropic kernel.
///
/// ```
/// use motjuste_gp::process::Hyperparameters;
///
/// let hyper = Hyperparameters { noise: 0.01, ..Hyperparameters::isotropic(0.5) };
/// assert_eq!(hyper.lengthscales, [0.5]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Hyperparameters {
    /// ls_z: lengthscales of the points, in their units.
    pub lengthscales: Vec<f64>,
    /// ls_v: lengthscales of the score vectors; empty unless the process is coupled by scores.
    pub outcome_lengthscales: Vec<f64>,
    /// s2: the variance of the signal, in squared units of y.
    pub outputscale: f64,
    /// n2: the variance of the noise, in squared units of y.
    pub noise: f64,
    /// c: the prior mean, in units of y.
    pub mean: f64,
}

/// `log(1 + e^0)`: where GPyTorch starts every positive parameter, and so do we.
const LN_2: f64 = std::f64::consts::LN_2;

impl Hyperparameters {
    /// One lengthscale for all dimensions; outputscale 1, noise 0.01, mean 0.
    ///
    /// ```
    /// use motjuste_gp::process::Hyperparameters;
    /// assert_eq!(Hyperparameters::isotropic(0.5).outputscale, 1.0);
    /// ```
    pub fn isotropic(lengthscale: f64) -> Self {
        Self {
            lengthscales: vec![lengthscale],
            outcome_lengthscales: vec![],
            outputscale: 1.0,
            noise: 0.01,
            mean: 0.0,
        }
    }

    /// d lengthscales of points and m of score vectors (0 for none), all at log 2, as GPyTorch
    /// starts them; outputscale log 2, the given noise, mean 0.
    ///
    /// ```
    /// use motjuste_gp::process::Hyperparameters;
    /// let hyper = Hyperparameters::ard(10, 20, 2.0);
    /// assert_eq!((hyper.lengthscales.len(), hyper.outcome_lengthscales.len()), (10, 20));
    /// ```
    pub fn ard(dim: usize, outcome_dim: usize, noise: f64) -> Self {
        Self {
            lengthscales: vec![LN_2; dim],
            outcome_lengthscales: vec![LN_2; outcome_dim],
            outputscale: LN_2,
            noise,
            mean: 0.0,
        }
    }
}
