//! Prior densities of positive parameters.

use crate::error::{Error, Result, check_finite, check_positive};
use crate::special::HALF_LN_2PI;

/// A prior density on (0, infinity), of the parameter itself (not of its logarithm).
///
/// ```
/// use motjuste_gp::prior::Prior;
///
/// let prior = Prior::gamma(3.0, 6.0)?; // mode (3 - 1) / 6
/// assert!(prior.log_density_gradient(1.0 / 3.0).abs() < 1e-12);
/// # Ok::<(), motjuste_gp::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prior(Density);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Density {
    Flat,
    Gamma { shape: f64, rate: f64 },
    LogNormal { mu: f64, sigma: f64 },
}

impl Prior {
    /// The improper density 1 everywhere: no preference.
    ///
    /// ```
    /// use motjuste_gp::prior::Prior;
    /// assert_eq!(Prior::flat().log_density(7.0), 0.0);
    /// ```
    pub fn flat() -> Self {
        Self(Density::Flat)
    }

    /// Gamma(shape a, rate b): `log p(x) = a log b - log Gamma(a) + (a - 1) log x - b x`.
    ///
    /// # Errors
    /// `shape` or `rate` is not above zero.
    ///
    /// ```
    /// use motjuste_gp::prior::Prior;
    /// // Gamma(1, 2) is the exponential density 2 exp(-2x).
    /// let p = Prior::gamma(1.0, 2.0)?;
    /// assert!((p.log_density(0.5) - (2f64.ln() - 1.0)).abs() < 1e-15);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn gamma(shape: f64, rate: f64) -> Result<Self> {
        check_positive("shape and rate of a gamma prior", &[shape, rate])?;
        Ok(Self(Density::Gamma { shape, rate }))
    }

    /// LogNormal(mu, sigma): `log p(x) = -log x - log sigma - log(2 pi)/2 - ((log x - mu)/sigma)^2/2`.
    ///
    /// # Errors
    /// `mu` is not finite, or `sigma` not above zero.
    ///
    /// ```
    /// use motjuste_gp::prior::Prior;
    /// let p = Prior::log_normal(0.0, 1.0)?;
    /// assert!((p.log_density(1.0) + 0.9189385332046728).abs() < 1e-15);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn log_normal(mu: f64, sigma: f64) -> Result<Self> {
        check_finite("mu of a log-normal prior", &[mu])?;
        check_positive("sigma of a log-normal prior", &[sigma])?;
        Ok(Self(Density::LogNormal { mu, sigma }))
    }

    /// The lengthscale prior that grows with the dimension d of the points:
    /// LogNormal(sqrt 2 + log(d)/2, sqrt 3), Hvarfner, Hellsten and Nardi 2024 (arXiv 2402.02229):
    /// distances in the unit cube grow like sqrt d, and so must the lengthscale.
    ///
    /// # Errors
    /// `dim` is 0.
    ///
    /// ```
    /// use motjuste_gp::prior::Prior;
    /// let narrow = Prior::dimension_scaled(1)?.log_density(100.0);
    /// assert!(Prior::dimension_scaled(768)?.log_density(100.0) > narrow);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn dimension_scaled(dim: usize) -> Result<Self> {
        if dim == 0 {
            return Err(Error::parameter("dim of a dimension-scaled prior must be at least 1"));
        }
        Self::log_normal(2f64.sqrt() + 0.5 * (dim as f64).ln(), 3f64.sqrt())
    }

    /// `log p(x)`; minus infinity at x <= 0.
    ///
    /// ```
    /// use motjuste_gp::prior::Prior;
    /// assert_eq!(Prior::gamma(3.0, 6.0)?.log_density(0.0), f64::NEG_INFINITY);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn log_density(&self, x: f64) -> f64 {
        match self.0 {
            Density::Flat => 0.0,
            _ if x <= 0.0 => f64::NEG_INFINITY,
            Density::Gamma { shape, rate } => {
                shape * rate.ln() - libm::lgamma(shape) + (shape - 1.0) * x.ln() - rate * x
            }
            Density::LogNormal { mu, sigma } => {
                let u = (x.ln() - mu) / sigma;
                -x.ln() - sigma.ln() - HALF_LN_2PI - 0.5 * u * u
            }
        }
    }

    /// `d log p(x) / dx` for x > 0.
    ///
    /// ```
    /// use motjuste_gp::prior::Prior;
    /// assert_eq!(Prior::gamma(1.0, 2.0)?.log_density_gradient(0.7), -2.0);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn log_density_gradient(&self, x: f64) -> f64 {
        match self.0 {
            Density::Flat => 0.0,
            Density::Gamma { shape, rate } => (shape - 1.0) / x - rate,
            Density::LogNormal { mu, sigma } => -(1.0 + (x.ln() - mu) / (sigma * sigma)) / x,
        }
    }
}
