//! McNemar's test of two methods on the same rows.

use serde::{Deserialize, Serialize};

use super::beta::{incomplete_beta, ln_gamma};

/// What McNemar's test says of two methods on the same rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct McNemar {
    /// Rows that the first alone is right on.
    pub only_first: u64,
    /// Rows that the second alone is right on.
    pub only_second: u64,
    /// The exact two-sided p-value, which never rejects too often.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 1)))]
    pub exact_p: f64,
    /// The two-sided mid-p-value, which rejects about as often as it says.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 1)))]
    pub mid_p: f64,
}

/// McNemar's test (1947, Psychometrika 12) on the rows that two methods disagree on: under the null each of
/// them is either's with chance ½.
///
/// With n = b + c and k = min(b, c), the exact p-value is 2 P(X ≤ k), at most 1, for X ~ Binomial(n, ½); the
/// mid-p-value counts outcomes as likely as the observed one half (Fagerland, Lydersen and Laake 2013, BMC
/// Medical Research Methodology 13). Rows must be independent: one study a method, not several seeds on the
/// same rows.
///
/// ```
/// use motjuste::statistics::mcnemar;
/// let test = mcnemar(6, 1);
/// assert!((test.exact_p - 0.125).abs() < 1e-12 && (test.mid_p - 0.0703125).abs() < 1e-12);
/// assert_eq!(mcnemar(0, 0).mid_p, 1.0);
/// ```
pub fn mcnemar(only_first: u64, only_second: u64) -> McNemar {
    let (n, k) = ((only_first + only_second) as f64, only_first.min(only_second) as f64);
    let exact_p = (2.0 * at_most(k, n)).min(1.0);
    let mid_p = match n {
        0.0 => 1.0,
        _ if only_first == only_second => 1.0 - 0.5 * exactly(k, n),
        _ => exact_p - exactly(k, n),
    };
    McNemar { only_first, only_second, exact_p, mid_p }
}

/// Counts the rows on which the first scores higher and those on which the second does; rows that either lacks
/// are left out. Of graded scores [`mcnemar`] of the counts is the sign test.
///
/// ```
/// use motjuste::statistics::discordant;
/// let first = [Some(1.0), Some(1.0), Some(0.0), None];
/// let second = [Some(1.0), Some(0.0), Some(0.0), Some(1.0)];
/// assert_eq!(discordant(&first, &second), [1, 0]);
/// ```
pub fn discordant(first: &[Option<f64>], second: &[Option<f64>]) -> [u64; 2] {
    let pairs = || first.iter().zip(second).filter_map(|(one, other)| Some(((*one)?, (*other)?)));
    let above = pairs().filter(|(one, other)| one > other).count();
    let below = pairs().filter(|(one, other)| one < other).count();
    [above as u64, below as u64]
}

/// P(X ≤ k) for X ~ Binomial(n, ½).
fn at_most(k: f64, n: f64) -> f64 {
    if k >= n { 1.0 } else { incomplete_beta(0.5, n - k, k + 1.0) }
}

/// P(X = k) for X ~ Binomial(n, ½).
fn exactly(k: f64, n: f64) -> f64 {
    let ln_choose = ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0);
    (ln_choose - n * std::f64::consts::LN_2).exp()
}
