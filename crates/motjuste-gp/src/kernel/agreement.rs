//! How often two lists of labels agree.

use faer::Mat;

use crate::error::{Error, Result};

/// The agreement kernel on label vectors: `S_ij = (1/m) sum_k [a_ik = a_jk]`.
///
/// Symmetric, ones on the diagonal, and positive semidefinite: it is the mean over positions of
/// inner products of one-hot vectors. The outcome similarity of Chen et al. 2023 (arXiv
/// 2306.03082), the mean of a similarity over positions, with equality as that similarity.
///
/// `labels`: n rows of m labels; returns n × n.
///
/// # Errors
/// No rows, empty rows, or rows of different lengths.
///
/// ```
/// use motjuste_gp::kernel::agreement;
///
/// let s = agreement(&[["yes", "no"], ["yes", "yes"]])?;
/// assert_eq!((s[(0, 0)], s[(0, 1)]), (1.0, 0.5));
/// # Ok::<(), motjuste_gp::Error>(())
/// ```
pub fn agreement<T: PartialEq, R: AsRef<[T]>>(labels: &[R]) -> Result<Mat<f64>> {
    let m = labels.first().map_or(0, |row| row.as_ref().len());
    if m == 0 || labels.iter().any(|row| row.as_ref().len() != m) {
        return Err(Error::shape("rows of labels must have one length, at least 1"));
    }
    let share = |i: usize, j: usize| {
        let pairs = labels[i].as_ref().iter().zip(labels[j].as_ref());
        pairs.filter(|(a, b)| a == b).count() as f64 / m as f64
    };
    Ok(Mat::from_fn(labels.len(), labels.len(), share))
}
