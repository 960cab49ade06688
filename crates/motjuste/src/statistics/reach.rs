//! Calls that runs take to reach a level.

use serde::{Deserialize, Serialize};

use super::normal::Z;
use crate::interval::Estimate;

/// How one run came to the level, or did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Attempt {
    /// Paid calls to the level, or all that the run paid for.
    pub calls: u64,
    /// Whether it reached the level.
    pub reached: bool,
}

/// How runs came to a level.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallsToReach {
    /// The share of runs that reached it, with Wilson's interval.
    pub share: Estimate,
    /// The median of paid calls; null where fewer than half reached it.
    pub median: Option<u64>,
    /// The lower end of the median's 95 % interval; null where it is not known.
    pub low: Option<u64>,
    /// The upper end; null where there is none.
    pub high: Option<u64>,
}

/// The share of runs that reach a level, and the median of the calls that it takes, runs that never do being
/// censored at what they paid for.
///
/// The median is the first number of calls at which the estimate of Kaplan and Meier (1958, JASA 53) of the share
/// that has not reached the level, S, is at most ½. Its interval is that of Brookmeyer and Crowley (1982, Biometrics 38)
/// with Greenwood's error after the complementary log-log transformation, as in R's `survfit` and statsmodels'
/// `SurvfuncRight.quantile_ci`: the calls at which |log(-log S) - log(-log ½)| is within 1.96 errors. Runs count as independent, so
/// with several runs a task the interval is of these tasks, and rather wide.
///
/// Found by simulation, exponential calls, a quarter censored, 4,000 worlds a cell:
#[doc = include_str!("coverage_of_reach.md")]
///
/// ```
/// use motjuste::statistics::{Attempt, calls_to_reach};
/// let reached = |calls| Attempt { calls, reached: true };
/// let never = Attempt { calls: 1000, reached: false };
/// let reach = calls_to_reach(&[reached(100), reached(300), reached(200), never, never]);
/// assert_eq!((reach.share.score, reach.median, reach.high), (0.6, Some(300), None));
/// assert_eq!(calls_to_reach(&[reached(100), never, never]).median, None);
/// ```
pub fn calls_to_reach(attempts: &[Attempt]) -> CallsToReach {
    let reached: Vec<f64> = attempts.iter().map(|one| f64::from(u8::from(one.reached))).collect();
    let survival = survival(attempts);
    // Half of the runs exactly is half, whatever the rounding of the products.
    let median = survival.iter().find(|at| at.share <= 0.5 + 1e-12).map(|at| at.calls);
    let (low, high) = median_interval(&survival);
    CallsToReach { share: Estimate::of(&reached), median, low, high }
}

/// The share of runs that have not reached the level by these calls, with Greenwood's Σ d / n (n - d).
struct Survival {
    calls: u64,
    share: f64,
    greenwood: f64,
}

fn survival(attempts: &[Attempt]) -> Vec<Survival> {
    let mut calls: Vec<u64> =
        attempts.iter().filter(|one| one.reached).map(|one| one.calls).collect();
    calls.sort_unstable();
    calls.dedup();
    let (mut share, mut greenwood) = (1.0, 0.0);
    let mut step = |calls| {
        let at_risk = attempts.iter().filter(|one| one.calls >= calls).count() as f64;
        let now = |one: &&Attempt| one.reached && one.calls == calls;
        let events = attempts.iter().filter(now).count() as f64;
        share *= 1.0 - events / at_risk;
        greenwood += events / (at_risk * (at_risk - events));
        Survival { calls, share, greenwood }
    };
    calls.into_iter().map(&mut step).collect()
}

fn median_interval(survival: &[Survival]) -> (Option<u64>, Option<u64>) {
    let within = |at: &Survival| {
        let log = at.share.ln();
        let error = at.greenwood.sqrt() / log.abs();
        ((-log).ln() - std::f64::consts::LN_2.ln()).abs() <= Z * error
    };
    let is_within = |at: &Survival| at.share > 0.0 && within(at);
    let Some(first) = survival.iter().position(is_within) else { return (None, None) };
    let last = survival.iter().rposition(is_within).unwrap_or(first);
    (Some(survival[first].calls), survival.get(last + 1).map(|at| at.calls))
}
