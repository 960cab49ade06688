//! The one error of this crate.

use std::fmt;

/// What went wrong, without the parts: ask with the predicates.
///
/// The message says which argument is at fault and what to do about it.
///
/// ```
/// use motjuste_gp::Points;
///
/// let error = Points::new(2, vec![0.0, f64::NAN]).unwrap_err();
/// assert!(error.is_not_finite());
/// assert!(error.to_string().contains("finite"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: Kind,
    message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Shape,
    NotFinite,
    InvalidParameter,
    NotPositiveDefinite,
}

/// The result of every fallible function of this crate.
///
/// ```
/// fn parse() -> motjuste_gp::Result<motjuste_gp::Points> {
///     motjuste_gp::Points::from_rows(&[[0.0, 1.0]])
/// }
/// assert!(parse().is_ok());
/// ```
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn shape(message: impl Into<String>) -> Self {
        Self { kind: Kind::Shape, message: message.into() }
    }

    pub(crate) fn not_finite(what: &str) -> Self {
        let message =
            format!("{what} must be finite: remove NaN and infinite values before the call");
        Self { kind: Kind::NotFinite, message }
    }

    pub(crate) fn parameter(message: impl Into<String>) -> Self {
        Self { kind: Kind::InvalidParameter, message: message.into() }
    }

    pub(crate) fn not_positive_definite(what: &str) -> Self {
        let message = format!(
            "{what} is not positive definite, not even with the largest jitter: \
             raise the noise or the jitter, or check that the matrix is a covariance"
        );
        Self { kind: Kind::NotPositiveDefinite, message }
    }

    /// Two arguments whose sizes do not fit together.
    ///
    /// ```
    /// use motjuste_gp::Points;
    /// assert!(Points::new(2, vec![0.0; 3]).unwrap_err().is_shape());
    /// ```
    pub fn is_shape(&self) -> bool {
        self.kind == Kind::Shape
    }

    /// A NaN or infinite number in the input.
    ///
    /// ```
    /// use motjuste_gp::Points;
    /// assert!(Points::new(1, vec![f64::INFINITY]).unwrap_err().is_not_finite());
    /// ```
    pub fn is_not_finite(&self) -> bool {
        self.kind == Kind::NotFinite
    }

    /// A parameter outside its domain, such as a negative lengthscale.
    ///
    /// ```
    /// use motjuste_gp::kernel::Matern52;
    /// assert!(Matern52::isotropic(-1.0).unwrap_err().is_invalid_parameter());
    /// ```
    pub fn is_invalid_parameter(&self) -> bool {
        self.kind == Kind::InvalidParameter
    }

    /// A matrix that should have been a covariance but has no Cholesky factor.
    ///
    /// ```
    /// use motjuste_gp::{Mat, Points, process::{Hyperparameters, Model}};
    ///
    /// let points = Points::from_rows(&[[0.0], [1.0]])?;
    /// let indefinite = Mat::from_fn(2, 2, |i, j| if i == j { -1.0 } else { 0.0 });
    /// let model = Model::coupled(points, indefinite)?;
    /// let hyper = Hyperparameters::isotropic(0.5);
    /// let error = model.log_likelihood(&[0.0, 1.0], &hyper).unwrap_err();
    /// assert!(error.is_not_positive_definite());
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn is_not_positive_definite(&self) -> bool {
        self.kind == Kind::NotPositiveDefinite
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// `Ok` when every number is finite.
pub(crate) fn check_finite(what: &str, values: &[f64]) -> Result<()> {
    if values.iter().all(|v| v.is_finite()) { Ok(()) } else { Err(Error::not_finite(what)) }
}

/// `Ok` when every number is finite and above zero.
pub(crate) fn check_positive(what: &str, values: &[f64]) -> Result<()> {
    check_finite(what, values)?;
    if values.iter().all(|&v| v > 0.0) {
        Ok(())
    } else {
        Err(Error::parameter(format!("{what} must be greater than zero")))
    }
}
