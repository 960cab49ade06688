//! The travelling salesman on the page.

use motjuste_page::format;

use super::content::PageContent;
use super::descent::{self, Descent, Measure};
use super::search::{OPEN, Picture, Search, dropped_replies, is_solved, outcome, replies_in_words};
use super::tours::{self, Map};
use crate::comparison::Comparison;
use crate::tsp::Tour;

/// Lengths that differ by less, as a share, are one length: a sum depends on its order.
const SAME: f64 = 1e-9;

/// A search for a short tour of one instance.
#[derive(Debug, Clone)]
pub struct TspSearch<'a> {
    /// The instance's name.
    pub name: String,
    /// The points.
    pub points: &'a [[i64; 2]],
    /// The tour that gaps are measured from.
    pub reference: &'a Tour,
    /// Its length.
    pub reference_length: f64,
    /// Whether it is proven to be the shortest.
    pub is_exact: bool,
    /// What came of it.
    pub comparison: &'a Comparison<Tour>,
}

/// Searches for a short tour, in words and pictures.
pub(super) fn content(searches: &[TspSearch<'_>]) -> PageContent {
    let gaps: Vec<f64> = searches.iter().map(|search| search.gap(search.best())).collect();
    let all_exact = searches.iter().all(|search| search.is_exact);
    let known = if all_exact { "the optimum" } else { "the best known" };
    PageContent {
        title: "The travelling salesman, from the lengths of other tours",
        statement: format!("{} longer than {known}.", format::percent(mean(&gaps))),
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

/// The model beside the best method without one, instance by instance.
fn verdict(searches: &[TspSearch<'_>]) -> String {
    let Some(first) = searches.first() else { return String::new() };
    let methods = first.comparison.baselines.iter().map(|baseline| baseline.method);
    let gaps = methods.map(|method| {
        let gaps: Vec<f64> =
            searches.iter().map(|search| search.gap(search.length_by(method))).collect();
        (method, mean(&gaps))
    });
    let Some((method, gap)) = gaps.min_by(|a, b| a.1.total_cmp(&b.1)) else { return String::new() };
    let ratio = |search: &TspSearch<'_>| search.best() / search.length_by(method);
    let count =
        |is: &dyn Fn(f64) -> bool| searches.iter().filter(|search| is(ratio(search))).count();
    format!(
        "The mean of {}. The best method without a model, {method}, has {}: the model’s tour is \
         shorter on {}, as long on {}, longer on {}.",
        format::counted(searches.len(), "instance"),
        format::percent(gap),
        count(&|ratio| ratio < 1.0 - SAME),
        count(&|ratio| (ratio - 1.0).abs() <= SAME),
        count(&|ratio| ratio > 1.0 + SAME),
    )
}

fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len().max(1) as f64
}

impl TspSearch<'_> {
    fn gap(&self, length: f64) -> f64 {
        (length - self.reference_length) / self.reference_length
    }

    /// The length of the model's best tour.
    fn best(&self) -> f64 {
        self.comparison.model.found.best.value
    }

    fn length_by(&self, method: &str) -> f64 {
        let mut baselines = self.comparison.baselines.iter();
        let baseline = baselines.find(|baseline| baseline.method == method);
        baseline.map_or(f64::INFINITY, |baseline| baseline.found.best.value)
    }
}

fn shown(index: usize, search: &TspSearch<'_>) -> Search {
    let best = &search.comparison.model.found.best.point;
    let map = |id: &str, tour, beside, lead| {
        let id = format!("{id}{index}");
        let chart = tours::draw(&Map { id, points: search.points, tour, beside, lead });
        Picture { is_map: true, is_named: false, chart }
    };
    let known = if search.is_exact { "The shortest tour" } else { "The best known tour" };
    let (length, reference) = (search.best(), search.reference_length);
    let found = format!(
        "The model’s best tour: {length:.1}, {} longer.",
        format::percent(search.gap(length))
    );
    let descent = Descent {
        id: format!("descent{index}"),
        progress: &search.comparison.trajectory.progress,
        measure: Measure::Gap,
        optimum: reference,
    };
    Search {
        name: format!("{}, {}", search.name, format::counted(search.points.len(), "point")),
        is_open: index < OPEN,
        is_solved: is_solved(search.comparison),
        outcome: outcome(search.comparison),
        lead: replies_in_words(search.comparison, "tour"),
        pictures: vec![
            map("best", best, search.reference, found),
            map("reference", search.reference, best, format!("{known}: {reference:.1}.")),
            Picture { is_map: false, is_named: false, chart: descent::draw(&descent) },
        ],
    }
}
