//! The methods as the page orders, numbers and marks them.

use motjuste::comparison::{ComparisonReport, PairResult};
use serde::Serialize;

use crate::format;

/// One method: its place, name and marks.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Contestant {
    /// Its index in the report.
    #[serde(skip)]
    pub(super) index: usize,
    /// Its place, 1 being the highest score.
    pub(super) place: usize,
    /// Its name.
    pub(super) name: String,
    /// Whether the others are compared with it.
    pub(super) is_reference: bool,
    /// Whether it has the highest score.
    pub(super) is_leader: bool,
}

/// The methods, the highest score first.
pub(super) fn contestants(report: &ComparisonReport) -> Vec<Contestant> {
    let contestant = |(place, index): (usize, usize)| Contestant {
        index,
        place: place + 1,
        name: format::visible(&report.methods[index].method),
        is_reference: index == 0,
        is_leader: place == 0 && report.methods[index].test.is_some(),
    };
    report.ranked().into_iter().enumerate().map(contestant).collect()
}

/// The methods that have a score, the highest first.
pub(super) fn scored(report: &ComparisonReport) -> Vec<usize> {
    report.ranked().into_iter().filter(|method| report.methods[*method].test.is_some()).collect()
}

/// Two methods in either order: their result, and 1 where it is of this order, -1 where of the other.
pub(super) fn pair(
    report: &ComparisonReport,
    first: usize,
    second: usize,
) -> Option<(&PairResult, f64)> {
    let both = (first.min(second), first.max(second));
    let found = report.pairs.iter().find(|pair| (pair.first, pair.second) == both)?;
    Some((found, if first < second { 1.0 } else { -1.0 }))
}

/// The name of a method.
pub(super) fn name(report: &ComparisonReport, method: usize) -> String {
    format::visible(&report.methods[method].method)
}

/// Whether a corrected p-value says that a difference is no luck.
pub(super) fn survives(corrected_p: f64) -> bool {
    corrected_p < 0.05
}
