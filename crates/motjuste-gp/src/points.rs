//! A list of points of one dimension, row by row.

use faer::MatRef;

use crate::error::{Error, Result, check_finite};

/// `n` points of dimension `d`, stored row by row (point `i` is contiguous).
///
/// Always finite, always `d >= 1`; `n` may be 0.
///
/// ```
/// use motjuste_gp::Points;
///
/// let points = Points::from_rows(&[[0.0, 1.0], [2.0, 3.0]])?;
/// assert_eq!((points.len(), points.dim()), (2, 2));
/// assert_eq!(points.row(1), [2.0, 3.0]);
/// # Ok::<(), motjuste_gp::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Points {
    values: Vec<f64>,
    dim: usize,
}

impl Points {
    /// `values.len() / dim` points, one after the other.
    ///
    /// # Errors
    /// `dim` is 0 or does not divide the length; a value is not finite.
    ///
    /// ```
    /// use motjuste_gp::Points;
    /// assert_eq!(Points::new(3, vec![0.0; 6])?.len(), 2);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn new(dim: usize, values: Vec<f64>) -> Result<Self> {
        if dim == 0 || !values.len().is_multiple_of(dim) {
            let n = values.len();
            return Err(Error::shape(format!("{n} values are no list of points in {dim}-d")));
        }
        check_finite("points", &values)?;
        Ok(Self { values, dim })
    }

    /// One point per row.
    ///
    /// # Errors
    /// No rows, empty rows or rows of different lengths; a value is not finite.
    ///
    /// ```
    /// use motjuste_gp::Points;
    /// let rows = vec![vec![0.0, 1.0], vec![2.0]];
    /// assert!(Points::from_rows(&rows).unwrap_err().is_shape());
    /// ```
    pub fn from_rows<R: AsRef<[f64]>>(rows: &[R]) -> Result<Self> {
        let dim = rows.first().map_or(0, |row| row.as_ref().len());
        if rows.iter().any(|row| row.as_ref().len() != dim) {
            return Err(Error::shape("rows of points must have one length"));
        }
        Self::new(dim, rows.iter().flat_map(|row| row.as_ref().iter().copied()).collect())
    }

    /// Number of points, n.
    ///
    /// ```
    /// assert_eq!(motjuste_gp::Points::from_rows(&[[1.0], [2.0]])?.len(), 2);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn len(&self) -> usize {
        self.values.len() / self.dim
    }

    /// Whether there is no point.
    ///
    /// ```
    /// assert!(motjuste_gp::Points::new(4, vec![])?.is_empty());
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Dimension, d.
    ///
    /// ```
    /// assert_eq!(motjuste_gp::Points::from_rows(&[[1.0, 2.0]])?.dim(), 2);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Point `i`, a slice of length d.
    ///
    /// # Panics
    /// `i` is not below [`len`](Self::len).
    ///
    /// ```
    /// assert_eq!(motjuste_gp::Points::from_rows(&[[1.0], [2.0]])?.row(1), [2.0]);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn row(&self, i: usize) -> &[f64] {
        &self.values[i * self.dim..(i + 1) * self.dim]
    }

    /// The points in order.
    ///
    /// ```
    /// let points = motjuste_gp::Points::from_rows(&[[1.0], [2.0]])?;
    /// assert_eq!(points.rows().map(|p| p[0]).sum::<f64>(), 3.0);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn rows(&self) -> std::slice::ChunksExact<'_, f64> {
        self.values.chunks_exact(self.dim)
    }

    /// The points at the given places, in the given order.
    ///
    /// # Panics
    /// A place is not below [`len`](Self::len).
    ///
    /// ```
    /// let points = motjuste_gp::Points::from_rows(&[[1.0], [2.0], [3.0]])?;
    /// assert_eq!(points.select(&[2, 0]).row(0), [3.0]);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn select(&self, places: &[usize]) -> Self {
        let values = places.iter().flat_map(|&i| self.row(i).iter().copied()).collect();
        Self { values, dim: self.dim }
    }

    /// The points as the columns of a matrix, d × n.
    pub(crate) fn columns(&self) -> MatRef<'_, f64> {
        MatRef::from_column_major_slice(&self.values, self.dim, self.len())
    }

    pub(crate) fn check_dim(&self, dim: usize) -> Result<()> {
        if self.dim == dim {
            return Ok(());
        }
        Err(Error::shape(format!("points of dimension {} where {dim} was expected", self.dim)))
    }
}
