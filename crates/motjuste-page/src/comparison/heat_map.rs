//! Every method on every task: the score as a number and as a colour.

use motjuste::comparison::{CellScore, ComparisonReport, TaskResult};
use serde::Serialize;

use super::contestants::{Contestant, contestants};
use super::words;
use crate::format;

/// The number of colours.
pub(super) const SHADES: usize = 6;

/// The table of tasks and methods.
#[derive(Debug, Serialize)]
pub(super) struct HeatMap {
    methods: Vec<Contestant>,
    rows: Vec<Row>,
    /// What the colours mean, the lowest first.
    legend: Vec<Shade>,
}

#[derive(Debug, Serialize)]
struct Row {
    name: String,
    note: String,
    cells: Vec<Cell>,
    is_mean: bool,
}

#[derive(Debug, Serialize)]
struct Cell {
    score: String,
    shade: usize,
    is_known: bool,
    is_best: bool,
    tooltip: String,
}

#[derive(Debug, Serialize)]
struct Shade {
    shade: usize,
    scores: String,
}

/// From the lowest to the highest score of the table, in equal parts.
#[derive(Debug, Clone, Copy)]
struct Shades {
    low: f64,
    width: f64,
}

impl Shades {
    fn of(scores: impl Iterator<Item = f64>) -> Self {
        let (low, high) =
            scores.fold((1.0_f64, 0.0_f64), |(low, high), x| (low.min(x), high.max(x)));
        Self { low: low.min(high), width: (high - low).max(0.0) / SHADES as f64 }
    }

    fn shade(self, score: f64) -> usize {
        let part = if self.width > 0.0 { (score - self.low) / self.width } else { 0.0 };
        (part.max(0.0) as usize).min(SHADES - 1)
    }

    fn legend(self) -> Vec<Shade> {
        let end = |shade: usize| self.low + self.width * shade as f64;
        let shade = |shade| Shade { shade, scores: format::interval(end(shade), end(shade + 1)) };
        (0..SHADES).filter(|_| self.width > 0.0).map(shade).collect()
    }
}

impl HeatMap {
    pub(super) fn of(report: &ComparisonReport) -> Self {
        let methods = contestants(report);
        let cells = report.tasks.iter().flat_map(|task| task.cells.iter().flatten());
        let shades = Shades::of(cells.map(|cell| cell.test.score));
        let rows = report.tasks.iter().map(|task| row(task, &methods, shades));
        let mean = (report.tasks.len() > 1).then(|| means(report, &methods, shades));
        Self { rows: rows.chain(mean).collect(), legend: shades.legend(), methods }
    }
}

fn row(task: &TaskResult, methods: &[Contestant], shades: Shades) -> Row {
    let scores: Vec<Option<f64>> =
        methods.iter().map(|one| Some(task.cells[one.index].as_ref()?.test.score)).collect();
    let tooltips = methods.iter().map(|one| tooltip(task.cells[one.index].as_ref(), one));
    Row {
        name: format::visible(&task.task),
        note: format::counted(task.test_rows, "row"),
        cells: cells(&scores, tooltips, shades),
        is_mean: false,
    }
}

fn means(report: &ComparisonReport, methods: &[Contestant], shades: Shades) -> Row {
    let score = |one: &Contestant| report.methods[one.index].test.map(|test| test.score);
    let scores: Vec<Option<f64>> = methods.iter().map(score).collect();
    let tooltips = methods
        .iter()
        .map(|one| format!("{}: {}", one.name, format::counted(report.covered(one.index), "task")));
    let mut cells = cells(&scores, tooltips, shades);
    // A mean of other tasks is no better than one of all.
    for (cell, one) in cells.iter_mut().zip(methods) {
        cell.is_best = one.is_leader;
    }
    Row { name: "mean".to_owned(), note: "of its tasks".to_owned(), cells, is_mean: true }
}

fn cells(
    scores: &[Option<f64>],
    tooltips: impl Iterator<Item = String>,
    shades: Shades,
) -> Vec<Cell> {
    let best = scores.iter().copied().flatten().reduce(f64::max);
    let cell = |(score, tooltip): (&Option<f64>, String)| Cell {
        score: words::or_none(*score, format::score),
        shade: score.map_or(0, |score| shades.shade(score)),
        is_known: score.is_some(),
        is_best: score.is_some() && *score == best && scores.len() > 1,
        tooltip,
    };
    scores.iter().zip(tooltips).map(cell).collect()
}

fn tooltip(cell: Option<&CellScore>, one: &Contestant) -> String {
    match cell {
        None => format!("{}: no complete study", one.name),
        Some(cell) => format!(
            "{}: {}, 95\u{a0}% interval {}, {}",
            one.name,
            format::score(cell.test.score),
            words::interval(cell.test),
            format::counted(cell.seeds.len(), "seed")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_and_the_highest_score_have_the_first_and_the_last_shade() {
        let shades = Shades::of([0.2, 0.8, 0.55].into_iter());
        assert_eq!([0.2, 0.55, 0.8].map(|score| shades.shade(score)), [0, 3, SHADES - 1]);
        assert_eq!(shades.legend()[0].scores, "0.20–0.30");
        assert!(Shades::of([0.5].into_iter()).legend().is_empty());
        assert!(Shades::of(std::iter::empty()).legend().is_empty());
    }
}
