//! Every two methods beside each other.

use motjuste::comparison::ComparisonReport;
use serde::Serialize;

use super::contestants::{Contestant, contestants, pair, survives};
use super::pairs::turned;
use super::words;
use crate::format;

/// Rows less columns.
#[derive(Debug, Serialize)]
pub(super) struct Matrix {
    methods: Vec<Contestant>,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    one: Contestant,
    cells: Vec<Option<Cell>>,
}

/// The method of the row less that of the column.
#[derive(Debug, Serialize)]
struct Cell {
    difference: String,
    p: String,
    tally: String,
    /// Which way a difference that survives correction points.
    verdict: &'static str,
    tooltip: String,
}

impl Matrix {
    pub(super) fn of(report: &ComparisonReport) -> Self {
        let methods = contestants(report);
        let row = |one: &Contestant| Row {
            one: one.clone(),
            cells: methods.iter().map(|other| cell(report, one, other)).collect(),
        };
        Self { rows: methods.iter().map(row).collect(), methods }
    }
}

fn cell(report: &ComparisonReport, one: &Contestant, other: &Contestant) -> Option<Cell> {
    let (pair, sign) = pair(report, one.index, other.index)?;
    let versus = &pair.versus;
    let difference = words::turned(versus.these_tasks.difference, sign);
    let [wins, losses] = turned([versus.wins, versus.losses], sign);
    let p = format::p_value(versus.corrected_p);
    Some(Cell {
        difference: format::signed(difference.value),
        tally: words::tally(wins, versus.ties, losses),
        verdict: match survives(versus.corrected_p) {
            true if difference.value > 0.0 => "better",
            true => "worse",
            false => "open",
        },
        tooltip: format!(
            "{} less {}: {}, corrected p {p}",
            one.name,
            other.name,
            words::with_margin(difference)
        ),
        p,
    })
}
