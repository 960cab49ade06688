//! Boxes.

use crate::error::{Error, Result};
use crate::points::Points;

/// A box in R^d: `lower_i <= x_i <= upper_i`; a side may be infinite.
///
/// ```
/// use motjuste_gp::Bounds;
///
/// let bounds = Bounds::cube(2, -1.0, 1.0)?;
/// let mut x = [0.5, 7.0];
/// bounds.clip(&mut x);
/// assert_eq!(x, [0.5, 1.0]);
/// # Ok::<(), motjuste_gp::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Bounds {
    lower: Vec<f64>,
    upper: Vec<f64>,
}

impl Bounds {
    /// The box between two corners.
    ///
    /// # Errors
    /// The corners differ in length, or `lower_i < upper_i` fails for some i.
    ///
    /// ```
    /// use motjuste_gp::Bounds;
    /// assert!(Bounds::new(vec![0.0], vec![0.0]).unwrap_err().is_invalid_parameter());
    /// ```
    pub fn new(lower: Vec<f64>, upper: Vec<f64>) -> Result<Self> {
        if lower.len() != upper.len() || lower.is_empty() {
            return Err(Error::shape("the corners of a box must have one length, at least 1"));
        }
        if lower.iter().zip(&upper).all(|(l, u)| l < u) {
            return Ok(Self { lower, upper });
        }
        Err(Error::parameter("the lower side of a box must be below the upper side"))
    }

    /// `[lower, upper]^dim`.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    ///
    /// ```
    /// assert_eq!(motjuste_gp::Bounds::cube(3, 0.0, 1.0)?.upper(), [1.0; 3]);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn cube(dim: usize, lower: f64, upper: f64) -> Result<Self> {
        Self::new(vec![lower; dim], vec![upper; dim])
    }

    /// All of R^dim.
    ///
    /// # Errors
    /// `dim` is 0.
    ///
    /// ```
    /// assert!(motjuste_gp::Bounds::unbounded(1)?.contains(&[1e300]));
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn unbounded(dim: usize) -> Result<Self> {
        Self::cube(dim, f64::NEG_INFINITY, f64::INFINITY)
    }

    /// Dimension, d.
    ///
    /// ```
    /// assert_eq!(motjuste_gp::Bounds::cube(3, 0.0, 1.0)?.dim(), 3);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn dim(&self) -> usize {
        self.lower.len()
    }

    /// The lower corner.
    ///
    /// ```
    /// assert_eq!(motjuste_gp::Bounds::cube(1, 0.0, 1.0)?.lower(), [0.0]);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn lower(&self) -> &[f64] {
        &self.lower
    }

    /// The upper corner.
    ///
    /// ```
    /// assert_eq!(motjuste_gp::Bounds::cube(1, 0.0, 1.0)?.upper(), [1.0]);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn upper(&self) -> &[f64] {
        &self.upper
    }

    /// Whether `x` lies inside, sides included.
    ///
    /// ```
    /// assert!(!motjuste_gp::Bounds::cube(1, 0.0, 1.0)?.contains(&[1.5]));
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn contains(&self, x: &[f64]) -> bool {
        x.len() == self.dim() && self.sides().zip(x).all(|((l, u), x)| l <= *x && *x <= u)
    }

    /// The nearest point of the box.
    ///
    /// ```
    /// let mut x = [-3.0];
    /// motjuste_gp::Bounds::cube(1, 0.0, 1.0)?.clip(&mut x);
    /// assert_eq!(x, [0.0]);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn clip(&self, x: &mut [f64]) {
        self.sides().zip(x).for_each(|((l, u), x)| *x = x.clamp(l, u));
    }

    /// Points of the unit cube stretched over the box: `lower + u (upper - lower)`.
    ///
    /// # Errors
    /// The dimension differs, or a side of the box is infinite.
    ///
    /// ```
    /// use motjuste_gp::{Bounds, Points};
    /// let unit = Points::from_rows(&[[0.25]])?;
    /// assert_eq!(Bounds::cube(1, -1.0, 1.0)?.stretch(&unit)?.row(0), [-0.5]);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn stretch(&self, unit: &Points) -> Result<Points> {
        unit.check_dim(self.dim())?;
        if self.sides().any(|(l, u)| !l.is_finite() || !u.is_finite()) {
            return Err(Error::parameter("only a finite box can be filled with points"));
        }
        let place = |row: &[f64]| -> Vec<f64> {
            self.sides().zip(row).map(|((l, u), x)| (l + x * (u - l)).clamp(l, u)).collect()
        };
        Points::new(self.dim(), unit.rows().flat_map(place).collect())
    }

    pub(crate) fn sides(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.lower.iter().copied().zip(self.upper.iter().copied())
    }

    pub(crate) fn check(&self, x: &[f64]) -> Result<()> {
        if x.len() == self.dim() {
            return Ok(());
        }
        Err(Error::shape(format!("a point of {} numbers for a box in {}-d", x.len(), self.dim())))
    }
}
