//! How a score is shown to the model.

use crate::{Error, Result};

/// The score as a whole number of `buckets`, rounded half to even: 100 buckets show a percentage.
///
/// ```
/// use motjuste::method::opro::bucketize;
/// assert_eq!(bucketize(0.125, 100).unwrap(), 12);
/// assert_eq!(bucketize(0.015, 100).unwrap(), 2); // 1.5 in binary floating point
/// assert!(bucketize(1.5, 100).is_err());
/// ```
///
/// # Errors
/// [`Error::is_numerics`] for a score outside [0, 1].
pub fn bucketize(score: f64, buckets: u32) -> Result<u32> {
    if !(0.0..=1.0).contains(&score) {
        return Err(Error::numerics(format!("the score {score} is not between 0 and 1"))
            .with_help("a metric's scores lie in [0, 1]"));
    }
    Ok((score * f64::from(buckets)).round_ties_even() as u32)
}

/// The score rounded to so many decimals and written as short as that allows, as Python prints it.
///
/// ```
/// assert_eq!(motjuste::method::opro::rounded(0.5, 3), "0.5");
/// assert_eq!(motjuste::method::opro::rounded(1.0, 3), "1.0");
/// ```
pub fn rounded(score: f64, decimals: usize) -> String {
    // A decimal text of a finite number always parses.
    format!("{:?}", format!("{score:.decimals$}").parse::<f64>().unwrap_or(score))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_buckets_holds() {
        let cases = [
            (0.0, 0, 0),
            (0.005, 0, 0),
            (0.015, 2, 0),
            (0.025, 2, 0),
            (0.125, 12, 2),
            (0.375, 38, 8),
            (0.605, 60, 12),
            (0.615, 62, 12),
            (0.999, 100, 20),
            (1.0, 100, 20),
        ];
        for (score, hundred, twenty) in cases {
            assert_eq!(bucketize(score, 100).unwrap(), hundred, "{score}");
            assert_eq!(bucketize(score, 20).unwrap(), twenty, "{score}");
        }
        assert!(bucketize(f64::NAN, 20).unwrap_err().is_numerics());
    }
}
