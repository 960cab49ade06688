//! Linear regression on the page.

use motjuste::interval::Difference;
use motjuste_page::format;

use super::content::PageContent;
use super::descent::{self, Descent, Measure};
use super::plane::{self, Plane};
use super::search::{OPEN, Picture, Search, dropped_replies, is_solved, outcome, replies_in_words};
use crate::comparison::Comparison;
use crate::linear_regression::Pair;

/// A search for one true pair.
#[derive(Debug, Clone)]
pub struct LinearRegressionSearch<'a> {
    /// Its name.
    pub name: String,
    /// The true pair.
    pub truth: Pair,
    /// The loss there.
    pub loss_at_truth: f64,
    /// What came of it.
    pub comparison: &'a Comparison<Pair>,
}

/// Searches for the true pair of a linear regression, in words and pictures.
pub(super) fn content(searches: &[LinearRegressionSearch<'_>]) -> PageContent {
    let found = searches.iter().filter(|search| is_solved(search.comparison)).count();
    PageContent {
        title: "Linear regression, from values of the loss alone",
        statement: format!("Found in {found} of {}.", counted(searches.len())),
        verdict: verdict(searches),
        dropped: searches
            .iter()
            .flat_map(|search| {
                dropped_replies(&search.name, &search.comparison.trajectory.progress)
            })
            .collect(),
        searches: searches.iter().enumerate().map(|(index, one)| shown(index, one)).collect(),
    }
}

/// The model beside the method without one that found most, search by search: no more than the
/// interval says.
fn verdict(searches: &[LinearRegressionSearch<'_>]) -> String {
    let baselines = found_by_baselines(searches);
    let Some((method, _)) = baselines.iter().rev().max_by_key(|(_, found)| *found) else {
        return String::new();
    };
    let difference = Difference::paired(&[vec![differences(searches, method)]]);
    let compared = if difference.is_above() {
        "More often than"
    } else if difference.is_below() {
        "Less often than"
    } else {
        "Not distinguishable from"
    };
    let counts = baselines.iter().map(|(method, found)| format!("{method} found it in {found}"));
    format!(
        "With no more evaluations than the model, {}. {compared} {method}; the 95\u{a0}% interval of \
         the difference in shares is {} to {}.",
        counts.collect::<Vec<_>>().join(", "),
        format::signed(difference.low),
        format::signed(difference.high)
    )
}

/// In how many searches each method without a model found the true pair.
fn found_by_baselines<'a>(searches: &[LinearRegressionSearch<'a>]) -> Vec<(&'a str, usize)> {
    let baselines = searches.first().map_or(&[][..], |search| &search.comparison.baselines);
    let found = |method| searches.iter().filter(|search| found_by(search, method)).count();
    baselines.iter().map(|baseline| (baseline.method, found(baseline.method))).collect()
}

/// Search by search, 1 where only the model found the true pair, -1 where only `method` did, else 0.
fn differences(searches: &[LinearRegressionSearch<'_>], method: &str) -> Vec<f64> {
    let number = |is_found: bool| f64::from(u8::from(is_found));
    let difference = |search: &LinearRegressionSearch<'_>| {
        number(is_solved(search.comparison)) - number(found_by(search, method))
    };
    searches.iter().map(difference).collect()
}

fn found_by(search: &LinearRegressionSearch<'_>, method: &str) -> bool {
    let mut baselines = search.comparison.baselines.iter();
    baselines.any(|baseline| baseline.method == method && baseline.found.solved_after.is_some())
}

fn shown(index: usize, search: &LinearRegressionSearch<'_>) -> Search {
    let progress = &search.comparison.trajectory.progress;
    let plane = Plane { id: format!("plane{index}"), progress, truth: search.truth };
    let descent = Descent {
        id: format!("descent{index}"),
        progress,
        measure: Measure::Loss,
        optimum: search.loss_at_truth,
    };
    Search {
        name: search.name.clone(),
        is_open: index < OPEN,
        is_solved: is_solved(search.comparison),
        outcome: outcome(search.comparison),
        lead: replies_in_words(search.comparison, "pair"),
        pictures: vec![
            Picture { is_map: false, is_named: false, chart: plane::draw(&plane) },
            Picture { is_map: false, is_named: true, chart: descent::draw(&descent) },
        ],
    }
}

fn counted(number: usize) -> String {
    if number == 1 {
        "1 search".to_owned()
    } else {
        format!("{} searches", format::count(number as u64))
    }
}
