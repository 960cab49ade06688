//! What is alike: the points, what couples them, and how noisy they are.

use faer::Mat;

use crate::error::{Error, Result, check_finite, check_positive};
use crate::kernel::{Coupled, Matern52, Precision};
use crate::linalg::scaled;
use crate::points::Points;
use crate::process::Hyperparameters;

/// The points of a process and the kernel over them, before any outcome is seen.
///
/// - [`plain`](Self::plain): `K = s2 l(X, X)`, Matérn-5/2;
/// - [`coupled_by_scores`](Self::coupled_by_scores): `K = s2 P S P^T` with S = Matérn-5/2 on one
///   score vector per point;
/// - [`coupled`](Self::coupled): the same with a given S, such as an
///   [`agreement`](crate::kernel::agreement) matrix.
///
/// ```
/// use motjuste_gp::{Points, process::{FitOptions, Model}};
///
/// let x = Points::from_rows(&[[0.0], [0.25], [0.5], [0.75], [1.0]])?;
/// let y = [-1.3, -0.2, 0.9, 1.0, -0.4];
/// let model = Model::plain(x)?;
/// let fit = model.fit(&y, &FitOptions::for_model(&model)?)?;
/// let posterior = model.posterior(&y, &fit.hyper)?;
/// let prediction = posterior.predict(&[0.6])?;
/// assert!(prediction.mean > 0.5 && prediction.variance < 0.5);
/// # Ok::<(), motjuste_gp::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Model {
    pub(crate) points: Points,
    pub(crate) coupling: Coupling,
    pub(crate) jitter: f64,
    residual: bool,
    pub(crate) extra_noise: Vec<f64>,
}

/// What couples two points besides their distance.
#[derive(Clone, Debug)]
pub(crate) enum Coupling {
    None,
    Scores(Points),
    Similarity(Mat<f64>),
}

/// The prior covariance of a model at given hyperparameters.
#[derive(Clone, Debug)]
pub(crate) enum Prior {
    Plain { kernel: Matern52, correlation: Mat<f64> },
    Coupled { kernel: Box<Coupled>, outcome_kernel: Option<Matern52> },
}

/// The jitter of the published coupled kernel.
const DEFAULT_JITTER: f64 = 1e-4;

impl Model {
    /// Matérn-5/2 on the points, n × d, n >= 1.
    ///
    /// # Errors
    /// There is no point.
    ///
    /// ```
    /// use motjuste_gp::{Points, process::Model};
    /// assert!(Model::plain(Points::new(2, vec![])?).unwrap_err().is_shape());
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn plain(points: Points) -> Result<Self> {
        Self::new(points, Coupling::None)
    }

    /// The coupled kernel with S = Matérn-5/2 on score vectors, n × m, one per point.
    ///
    /// # Errors
    /// There is no point, or not one score vector per point.
    ///
    /// ```
    /// use motjuste_gp::{Points, process::Model};
    /// let points = Points::from_rows(&[[0.0], [1.0]])?;
    /// let scores = Points::from_rows(&[[1.0, 0.0, 1.0]])?;
    /// assert!(Model::coupled_by_scores(points, scores).unwrap_err().is_shape());
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn coupled_by_scores(points: Points, scores: Points) -> Result<Self> {
        if points.len() != scores.len() {
            let (n, m) = (points.len(), scores.len());
            return Err(Error::shape(format!("{m} score vectors for {n} points")));
        }
        Self::new(points, Coupling::Scores(scores))
    }

    /// The coupled kernel with a given similarity S, n × n, positive semidefinite.
    ///
    /// # Errors
    /// There is no point; S is not n × n, not finite or not symmetric.
    ///
    /// ```
    /// use motjuste_gp::{Points, kernel::agreement, process::Model};
    /// let points = Points::from_rows(&[[0.0], [1.0]])?;
    /// let model = Model::coupled(points, agreement(&[[1, 2, 3], [1, 2, 4]])?)?;
    /// assert_eq!(model.len(), 2);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn coupled(points: Points, similarity: Mat<f64>) -> Result<Self> {
        crate::kernel::check_similarity(&similarity, points.len())?;
        Self::new(points, Coupling::Similarity(similarity))
    }

    fn new(points: Points, coupling: Coupling) -> Result<Self> {
        if points.is_empty() {
            return Err(Error::shape("a process needs at least one point"));
        }
        let jitter = DEFAULT_JITTER;
        Ok(Self { points, coupling, jitter, residual: false, extra_noise: vec![] })
    }

    /// The same model with another jitter j in `M = (L + j I)^-1`, 1e-4 by default.
    /// A plain model has no use for it.
    ///
    /// # Errors
    /// The model is plain, or `jitter` is not above zero.
    ///
    /// ```
    /// use motjuste_gp::{Points, process::Model};
    /// let points = Points::from_rows(&[[0.0]])?;
    /// assert!(Model::plain(points)?.with_jitter(1e-3).unwrap_err().is_invalid_parameter());
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn with_jitter(mut self, jitter: f64) -> Result<Self> {
        check_positive("jitter", &[jitter])?;
        if matches!(self.coupling, Coupling::None) {
            return Err(Error::parameter("only a coupled model has a jitter: drop with_jitter"));
        }
        self.jitter = jitter;
        Ok(self)
    }

    /// The same model with the residual of the latent kernel:
    /// [`Coupled::with_residual`](crate::kernel::Coupled::with_residual). Away from the points its variance is s2,
    /// where without the residual it is 0.
    ///
    /// # Errors
    /// The model is plain.
    ///
    /// ```
    /// use motjuste_gp::{Mat, Points, process::{Hyperparameters, Model}};
    /// let one = Mat::from_fn(1, 1, |_, _| 1.0);
    /// let model = Model::coupled(Points::from_rows(&[[0.0]])?, one)?.with_residual()?;
    /// let posterior = model.posterior(&[1.0], &Hyperparameters::isotropic(0.5))?;
    /// assert!((posterior.predict(&[99.0])?.variance - 1.0).abs() < 1e-12);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn with_residual(mut self) -> Result<Self> {
        if matches!(self.coupling, Coupling::None) {
            return Err(Error::parameter(
                "only a coupled model has a residual: drop with_residual",
            ));
        }
        self.residual = true;
        Ok(self)
    }

    /// The same model with known extra noise variances, one per point, in squared units of y: the
    /// noise of point i is `n2 + extra_i`. For outcomes that are means of m zero-one draws the
    /// extra is `p (1 - p) / m`, divided by the squared scale of the standardisation.
    ///
    /// # Errors
    /// Not one variance per point; a variance is negative or not finite.
    ///
    /// ```
    /// use motjuste_gp::{Points, process::{Hyperparameters, Model}};
    /// let points = Points::from_rows(&[[0.0], [9.0]])?;
    /// let model = Model::plain(points)?.with_extra_noise(vec![0.0, 3.0])?;
    /// let hyper = Hyperparameters { noise: 1.0, ..Hyperparameters::isotropic(0.1) };
    /// let posterior = model.posterior(&[1.0, 1.0], &hyper)?;
    /// // Shrunk by s2 / (s2 + noise): 1/2 at the first point, 1/5 at the second.
    /// assert!((posterior.predict(&[0.0])?.mean - 0.5).abs() < 1e-12);
    /// assert!((posterior.predict(&[9.0])?.mean - 0.2).abs() < 1e-12);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn with_extra_noise(mut self, extra: Vec<f64>) -> Result<Self> {
        check_finite("extra noise", &extra)?;
        if extra.len() != self.len() {
            let (k, n) = (extra.len(), self.len());
            return Err(Error::shape(format!("{k} extra noise variances for {n} points")));
        }
        if extra.iter().any(|v| *v < 0.0) {
            return Err(Error::parameter("extra noise variances must not be negative"));
        }
        self.extra_noise = extra;
        Ok(self)
    }

    /// Number of points, n, at least 1.
    ///
    /// ```
    /// use motjuste_gp::{Points, process::Model};
    /// assert_eq!(Model::plain(Points::from_rows(&[[0.0]])?)?.len(), 1);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    #[allow(clippy::len_without_is_empty, reason = "a model has at least one point")]
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// Dimension of the points, d.
    ///
    /// ```
    /// use motjuste_gp::{Points, process::Model};
    /// assert_eq!(Model::plain(Points::from_rows(&[[0.0, 1.0]])?)?.dim(), 2);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn dim(&self) -> usize {
        self.points.dim()
    }

    /// Length of the score vectors, m; 0 unless the model is coupled by scores.
    ///
    /// ```
    /// use motjuste_gp::{Points, process::Model};
    /// assert_eq!(Model::plain(Points::from_rows(&[[0.0, 1.0]])?)?.outcome_dim(), 0);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn outcome_dim(&self) -> usize {
        match &self.coupling {
            Coupling::Scores(scores) => scores.dim(),
            _ => 0,
        }
    }

    /// K, the prior covariance at the points without noise, n × n.
    ///
    /// # Errors
    /// The hyperparameters do not fit the model, or are outside their domain.
    ///
    /// ```
    /// use motjuste_gp::{Points, process::{Hyperparameters, Model}};
    /// let model = Model::plain(Points::from_rows(&[[0.0], [1.0]])?)?;
    /// let hyper = Hyperparameters { outputscale: 2.0, ..Hyperparameters::isotropic(0.5) };
    /// assert_eq!(model.covariance(&hyper)?[(0, 0)], 2.0);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn covariance(&self, hyper: &Hyperparameters) -> Result<Mat<f64>> {
        Ok(self.prior(hyper, Precision::Refined)?.matrix(hyper))
    }

    /// The coupled kernel at the given hyperparameters; `None` for a plain model.
    ///
    /// # Errors
    /// As [`covariance`](Self::covariance).
    ///
    /// ```
    /// use motjuste_gp::{Mat, Points, process::{Hyperparameters, Model}};
    /// let one = Mat::from_fn(1, 1, |_, _| 1.0);
    /// let model = Model::coupled(Points::from_rows(&[[0.0]])?, one)?;
    /// let kernel = model.coupled_kernel(&Hyperparameters::isotropic(0.5))?;
    /// assert!(kernel.is_some_and(|k| k.latent_matrix()[(0, 0)] == 1.0));
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn coupled_kernel(&self, hyper: &Hyperparameters) -> Result<Option<Coupled>> {
        Ok(match self.prior(hyper, Precision::Refined)? {
            Prior::Plain { .. } => None,
            Prior::Coupled { kernel, .. } => Some(*kernel),
        })
    }

    pub(crate) fn prior(&self, hyper: &Hyperparameters, precision: Precision) -> Result<Prior> {
        self.check(hyper)?;
        let kernel = Matern52::ard(hyper.lengthscales.clone())?;
        match &self.coupling {
            Coupling::None => {
                let correlation = kernel.matrix(&self.points)?;
                Ok(Prior::Plain { kernel, correlation })
            }
            Coupling::Scores(scores) => {
                let outcome = Matern52::ard(hyper.outcome_lengthscales.clone())?;
                let similarity = outcome.matrix(scores)?;
                let kernel = self.coupled_at(kernel, similarity, hyper, precision)?;
                Ok(Prior::Coupled { kernel, outcome_kernel: Some(outcome) })
            }
            Coupling::Similarity(s) => {
                let kernel = self.coupled_at(kernel, s.clone(), hyper, precision)?;
                Ok(Prior::Coupled { kernel, outcome_kernel: None })
            }
        }
    }

    fn coupled_at(
        &self,
        latent: Matern52,
        similarity: Mat<f64>,
        hyper: &Hyperparameters,
        precision: Precision,
    ) -> Result<Box<Coupled>> {
        let (points, scales) = (self.points.clone(), (hyper.outputscale, self.jitter));
        let kernel = Coupled::with_precision(latent, points, similarity, scales, precision)?;
        Ok(Box::new(if self.residual { kernel.with_residual() } else { kernel }))
    }

    fn check(&self, hyper: &Hyperparameters) -> Result<()> {
        check_positive("outputscale", &[hyper.outputscale])?;
        check_finite("noise and mean", &[hyper.noise, hyper.mean])?;
        if hyper.noise < 0.0 {
            return Err(Error::parameter("noise must not be negative"));
        }
        let counts = |given: usize, full: usize| given == full || (given == 1 && full > 0);
        let (z, v) = (hyper.lengthscales.len(), hyper.outcome_lengthscales.len());
        if counts(z, self.dim()) && counts(v, self.outcome_dim()) {
            return Ok(());
        }
        Err(Error::shape(format!(
            "{z} lengthscales and {v} outcome lengthscales for a model of {} and {}",
            self.dim(),
            self.outcome_dim()
        )))
    }

    /// The diagonal of N: `n2 + extra_i`.
    pub(crate) fn noise(&self, hyper: &Hyperparameters) -> Vec<f64> {
        let extra = |i: usize| self.extra_noise.get(i).copied().unwrap_or(0.0);
        (0..self.len()).map(|i| hyper.noise + extra(i)).collect()
    }

    pub(crate) fn check_outcomes(&self, y: &[f64]) -> Result<()> {
        check_finite("outcomes", y)?;
        if y.len() == self.len() {
            return Ok(());
        }
        Err(Error::shape(format!("{} outcomes for {} points", y.len(), self.len())))
    }
}

impl Prior {
    /// K.
    pub(crate) fn matrix(&self, hyper: &Hyperparameters) -> Mat<f64> {
        match self {
            Self::Plain { correlation, .. } => scaled(correlation, hyper.outputscale),
            Self::Coupled { kernel, .. } => kernel.matrix(),
        }
    }
}
