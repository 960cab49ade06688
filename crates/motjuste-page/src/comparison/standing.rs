//! The methods with their scores and intervals, drawn.

use std::fmt::Write;

use motjuste::comparison::{ComparisonReport, MethodResult};
use motjuste::interval::Estimate;
use serde::Serialize;

use super::contestants::{Contestant, contestants};
use super::marks;
use super::words::{self, or_none};
use crate::chart::{self, Scale, tooltip};
use crate::format;
use crate::html::Html;

/// The height of one row in pixels.
const ROW: f64 = 36.0;

/// One method.
#[derive(Debug, Serialize)]
pub(super) struct Standing {
    #[serde(flatten)]
    one: Contestant,
    plot: Html,
    score: String,
    interval: String,
}

/// The methods, the highest score first.
pub(super) fn standings(report: &ComparisonReport) -> Vec<Standing> {
    let standing = |one: Contestant| {
        let method = &report.methods[one.index];
        Standing {
            plot: row(&one, method),
            score: or_none(method.test, |test| format::score(test.score)),
            interval: or_none(method.test, |test| format::interval(test.low, test.high)),
            one,
        }
    };
    contestants(report).into_iter().map(standing).collect()
}

/// The interval of these tasks as a bar with ends, that of tasks like these as a thin line, the score as the mark of the
/// method.
fn row(one: &Contestant, method: &MethodResult) -> Html {
    let mut svg = grid(ROW);
    let middle = ROW / 2.0;
    if let Some(test) = method.test {
        if let Some(others) = method.test_of_tasks_like_these {
            svg += &bar("thin", &others, middle);
        }
        svg += &bar("span", &test, middle);
        svg += &ends(&test, middle);
        svg += &marks::mark(one.place, &format!("{:.2}%", across(test.score)), middle);
    }
    let said = or_none(method.test, |test| said(&test, method.test_of_tasks_like_these));
    let name = format!("{}: {said}", one.name);
    Html::new(format!(
        "<svg class=\"range\" width=\"100%\" height=\"{ROW}\" role=\"img\">{}{svg}</svg>",
        tooltip(&name)
    ))
}

fn said(test: &Estimate, others: Option<Estimate>) -> String {
    format!(
        "{}, 95\u{a0}% interval {} on these tasks, {} on tasks like these",
        format::score(test.score),
        format::interval(test.low, test.high),
        or_none(others, words::interval)
    )
}

fn across(score: f64) -> f64 {
    Scale::across(0.0, 1.0).at(score)
}

fn bar(class: &str, estimate: &Estimate, y: f64) -> String {
    chart::line(class, (across(estimate.low), y), (across(estimate.high), y))
}

fn ends(estimate: &Estimate, y: f64) -> String {
    let end = |score| chart::line("end", (across(score), y - 5.0), (across(score), y + 5.0));
    [estimate.low, estimate.high].map(end).concat()
}

/// The numbers below the rows.
pub(super) fn axis() -> Html {
    let mut svg = grid(5.0);
    for quarter in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let (x, score) = (across(quarter), format::score(quarter));
        let _ = write!(
            svg,
            "<text class=\"tick\" x=\"{x}%\" y=\"19\" text-anchor=\"middle\">{score}</text>"
        );
    }
    Html::new(format!(
        "<svg class=\"range\" width=\"100%\" height=\"24\" aria-hidden=\"true\">{svg}</svg>"
    ))
}

fn grid(bottom: f64) -> String {
    let quarters = [0.0, 25.0, 50.0, 75.0, 100.0];
    quarters.map(|x| chart::line("grid", (x, 0.0), (x, bottom))).concat()
}
