//! Linear regression on the page.

use motjuste::interval::Difference;
use motjuste::problem::linear_regression::Pair;
use motjuste::solve::Comparison;
use motjuste_page::format;

use super::descent::{self, Descent, Measure};
use super::plane::{self, Plane};
use super::{Case, OPEN, Picture, Results, dropped_replies, is_solved, outcome, replies_in_words};

/// A repeat with one true pair.
#[derive(Debug, Clone)]
pub struct LinregCase<'a> {
    /// The case's name.
    pub name: String,
    /// The true pair.
    pub truth: Pair,
    /// The loss there.
    pub loss_at_truth: f64,
    /// What came of it.
    pub comparison: &'a Comparison<Pair>,
}

impl Results {
    /// Searches for the true pair of a linear regression, in words and pictures.
    pub fn linreg(cases: &[LinregCase<'_>]) -> Results {
        let found = cases.iter().filter(|case| is_solved(case.comparison)).count();
        Results {
            title: "Linear regression, from values of the loss alone",
            statement: format!("Found in {found} of {}.", searches(cases.len())),
            verdict: verdict(cases),
            dropped: cases
                .iter()
                .flat_map(|case| dropped_replies(&case.name, &case.comparison.trajectory.progress))
                .collect(),
            cases: cases.iter().enumerate().map(|(index, case)| picture(index, case)).collect(),
        }
    }
}

/// The model beside the method without one that found most, search by search: no more than the
/// interval says.
fn verdict(cases: &[LinregCase<'_>]) -> String {
    let others = found_by_others(cases);
    let Some((method, _)) = others.iter().rev().max_by_key(|(_, found)| *found) else {
        return String::new();
    };
    let difference = Difference::paired(&[vec![differences(cases, method)]]);
    let compared = if difference.is_above() {
        "More often than"
    } else if difference.is_below() {
        "Less often than"
    } else {
        "Not distinguishable from"
    };
    let counts = others.iter().map(|(method, found)| format!("{method} found it in {found}"));
    format!(
        "With no more evaluations than the model, {}. {compared} {method}; the 95\u{a0}% interval of \
         the difference in shares is {} to {}.",
        counts.collect::<Vec<_>>().join(", "),
        format::signed(difference.low),
        format::signed(difference.high)
    )
}

/// In how many cases each method without a model found the true pair.
fn found_by_others<'a>(cases: &[LinregCase<'a>]) -> Vec<(&'a str, usize)> {
    let others = cases.first().map_or(&[][..], |case| &case.comparison.others);
    let found = |method| cases.iter().filter(|case| found_by(case, method)).count();
    others.iter().map(|other| (other.method, found(other.method))).collect()
}

/// Case by case, 1 where only the model found the true pair, -1 where only `method` did, else 0.
fn differences(cases: &[LinregCase<'_>], method: &str) -> Vec<f64> {
    let number = |is_found: bool| f64::from(u8::from(is_found));
    let difference =
        |case: &LinregCase<'_>| number(is_solved(case.comparison)) - number(found_by(case, method));
    cases.iter().map(difference).collect()
}

fn found_by(case: &LinregCase<'_>, method: &str) -> bool {
    let mut others = case.comparison.others.iter();
    others.any(|other| other.method == method && other.reached.solved_after.is_some())
}

fn picture(index: usize, case: &LinregCase<'_>) -> Case {
    let progress = &case.comparison.trajectory.progress;
    let plane = Plane { id: format!("plane{index}"), progress, truth: case.truth };
    let descent = Descent {
        id: format!("descent{index}"),
        progress,
        measure: Measure::Loss,
        optimum: case.loss_at_truth,
    };
    Case {
        name: case.name.clone(),
        is_open: index < OPEN,
        is_solved: is_solved(case.comparison),
        outcome: outcome(case.comparison),
        lead: replies_in_words(case.comparison, "pair"),
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
