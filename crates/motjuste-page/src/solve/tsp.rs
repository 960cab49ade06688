//! The travelling salesman on the page.

use motjuste::problem::tsp::Tour;
use motjuste::solve::Comparison;
use motjuste_page::format;

use super::descent::{self, Descent, Measure};
use super::tours::{self, Map};
use super::{Case, OPEN, Picture, Results, dropped_replies, is_solved, outcome, replies_in_words};

/// Lengths that differ by less, as a share, are one length: a sum depends on its order.
const SAME: f64 = 1e-9;

/// One instance.
#[derive(Debug, Clone)]
pub struct TspCase<'a> {
    /// The instance's name.
    pub name: String,
    /// The points.
    pub points: &'a [[i64; 2]],
    /// The tour that gaps are measured from.
    pub oracle: &'a Tour,
    /// Its length.
    pub oracle_length: f64,
    /// Whether it is proven to be the shortest.
    pub is_exact: bool,
    /// What came of it.
    pub comparison: &'a Comparison<Tour>,
}

impl Results {
    /// Searches for a short tour, in words and pictures.
    pub fn tsp(cases: &[TspCase<'_>]) -> Results {
        let gaps: Vec<f64> = cases.iter().map(|case| case.gap(case.best())).collect();
        let known =
            if cases.iter().all(|case| case.is_exact) { "the optimum" } else { "the best known" };
        Results {
            title: "The travelling salesman, from the lengths of other tours",
            statement: format!("{} longer than {known}.", format::percent(mean(&gaps))),
            verdict: verdict(cases),
            dropped: cases
                .iter()
                .flat_map(|case| dropped_replies(&case.name, &case.comparison.trajectory.progress))
                .collect(),
            cases: cases.iter().enumerate().map(|(index, case)| picture(index, case)).collect(),
        }
    }
}

/// The model beside the best method without one, instance by instance.
fn verdict(cases: &[TspCase<'_>]) -> String {
    let Some(first) = cases.first() else { return String::new() };
    let methods = first.comparison.others.iter().map(|other| other.method);
    let gaps = methods.map(|method| {
        let gaps: Vec<f64> = cases.iter().map(|case| case.gap(case.length_by(method))).collect();
        (method, mean(&gaps))
    });
    let Some((method, gap)) = gaps.min_by(|a, b| a.1.total_cmp(&b.1)) else { return String::new() };
    let ratio = |case: &TspCase<'_>| case.best() / case.length_by(method);
    let count = |is: &dyn Fn(f64) -> bool| cases.iter().filter(|case| is(ratio(case))).count();
    format!(
        "The mean of {}. The best method without a model, {method}, has {}: the model’s tour is \
         shorter on {}, as long on {}, longer on {}.",
        format::counted(cases.len(), "instance"),
        format::percent(gap),
        count(&|ratio| ratio < 1.0 - SAME),
        count(&|ratio| (ratio - 1.0).abs() <= SAME),
        count(&|ratio| ratio > 1.0 + SAME),
    )
}

fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len().max(1) as f64
}

impl TspCase<'_> {
    fn gap(&self, length: f64) -> f64 {
        (length - self.oracle_length) / self.oracle_length
    }

    /// The length of the model's best tour.
    fn best(&self) -> f64 {
        self.comparison.model.reached.best.value
    }

    fn length_by(&self, method: &str) -> f64 {
        let mut others = self.comparison.others.iter();
        let other = others.find(|other| other.method == method);
        other.map_or(f64::INFINITY, |other| other.reached.best.value)
    }
}

fn picture(index: usize, case: &TspCase<'_>) -> Case {
    let best = &case.comparison.model.reached.best.point;
    let map = |id: &str, tour, beside, lead| {
        let id = format!("{id}{index}");
        let chart = tours::draw(&Map { id, points: case.points, tour, beside, lead });
        Picture { is_map: true, is_named: false, chart }
    };
    let known = if case.is_exact { "The shortest tour" } else { "The best known tour" };
    let (length, oracle) = (case.best(), case.oracle_length);
    let found = format!(
        "The model’s best tour: {length:.1}, {} longer.",
        format::percent(case.gap(length))
    );
    let descent = Descent {
        id: format!("descent{index}"),
        progress: &case.comparison.trajectory.progress,
        measure: Measure::Gap,
        optimum: oracle,
    };
    Case {
        name: format!("{}, {}", case.name, format::counted(case.points.len(), "point")),
        is_open: index < OPEN,
        is_solved: is_solved(case.comparison),
        outcome: outcome(case.comparison),
        lead: replies_in_words(case.comparison, "tour"),
        pictures: vec![
            map("best", best, case.oracle, found),
            map("oracle", case.oracle, best, format!("{known}: {oracle:.1}.")),
            Picture { is_map: false, is_named: false, chart: descent::draw(&descent) },
        ],
    }
}
