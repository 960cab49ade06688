//! Linear regression on the page.

use motjuste::interval::{Difference, Estimate};
use motjuste::problem::linear_regression::Pair;
use motjuste::solve::Comparison;

use super::descent::{self, Descent, Measure};
use super::plane::{self, Plane};
use super::{Case, OPEN, Picture, Story, is_solved, outcome, refused, told};
use crate::page::format;

/// A repeat with one true pair.
#[derive(Debug, Clone)]
pub(crate) struct LinregCase<'a> {
    /// The case's name.
    pub name: String,
    /// The true pair.
    pub truth: Pair,
    /// The loss there.
    pub loss_at_truth: f64,
    /// What came of it.
    pub comparison: &'a Comparison<Pair>,
}

/// The searches in words and pictures.
pub(crate) fn story(cases: &[LinregCase<'_>]) -> Story {
    let found = cases.iter().filter(|case| is_solved(case.comparison)).count();
    Story {
        title: "Linear regression, from values of the loss alone",
        statement: format!("Found in {found} of {}.", searches(cases.len())),
        verdict: verdict(cases),
        refused: cases
            .iter()
            .flat_map(|case| refused(&case.name, &case.comparison.trajectory.progress))
            .collect(),
        cases: cases.iter().enumerate().map(|(place, case)| picture(place, case)).collect(),
    }
}

/// The model beside the method without one that found most: no more than the interval says.
fn verdict(cases: &[LinregCase<'_>]) -> String {
    let rivals = rivals(cases);
    let most = rivals.iter().rev().max_by(|a, b| a.1.score.total_cmp(&b.1.score));
    let Some((method, most)) = most else { return String::new() };
    let model = share(cases, |case| is_solved(case.comparison));
    let difference = Difference::of(&model, most);
    let compared = if difference.is_above() {
        "More often than"
    } else if difference.is_below() {
        "Less often than"
    } else {
        "Not distinguishable from"
    };
    let counts = rivals
        .iter()
        .map(|(method, share)| format!("{method} found it in {:.0}", share.score * share.n as f64));
    format!(
        "With no more evaluations than the model, {}. {compared} {method}; the 95\u{a0}% interval of \
         the difference in shares is {} to {}.",
        counts.collect::<Vec<_>>().join(", "),
        format::signed(difference.low),
        format::signed(difference.high)
    )
}

/// The share of the cases that each method without a model found.
fn rivals<'a>(cases: &[LinregCase<'a>]) -> Vec<(&'a str, Estimate)> {
    let others = cases.first().map_or(&[][..], |case| &case.comparison.others);
    let share = |method| (method, share(cases, |case| found_by(case, method)));
    others.iter().map(|other| share(other.method)).collect()
}

fn share(cases: &[LinregCase<'_>], is_found: impl Fn(&LinregCase<'_>) -> bool) -> Estimate {
    let found = cases.iter().map(|case| f64::from(u8::from(is_found(case))));
    Estimate::of(&found.collect::<Vec<_>>())
}

fn found_by(case: &LinregCase<'_>, method: &str) -> bool {
    let mut others = case.comparison.others.iter();
    others.any(|other| other.method == method && other.reached.solved_after.is_some())
}

fn picture(place: usize, case: &LinregCase<'_>) -> Case {
    let progress = &case.comparison.trajectory.progress;
    let plane = Plane { id: format!("plane{place}"), progress, truth: case.truth };
    let descent = Descent {
        id: format!("descent{place}"),
        progress,
        measure: Measure::Loss,
        optimum: case.loss_at_truth,
    };
    Case {
        name: case.name.clone(),
        is_open: place < OPEN,
        is_solved: is_solved(case.comparison),
        outcome: outcome(case.comparison),
        lead: told(case.comparison, "pair"),
        pictures: vec![
            Picture { is_map: false, is_named: false, chart: plane::draw(&plane) },
            Picture { is_map: false, is_named: true, chart: descent::draw(&descent) },
        ],
    }
}

fn searches(number: usize) -> String {
    if number == 1 {
        "1 search".to_owned()
    } else {
        format!("{} searches", format::count(number as u64))
    }
}
