//! A test score with its interval, drawn on the line from 0 to 1.

use std::fmt::Write;

use motjuste::interval::Estimate;

use crate::chart::{Scale, tooltip};
use crate::format;
use crate::html::Html;

/// The height of one row in pixels.
const ROW: f64 = 36.0;

/// One row: the interval as a bar with ends, the score as a dot on it.
pub(super) fn row(name: &str, estimate: &Estimate) -> Html {
    let across = Scale::across(0.0, 1.0);
    let [low, score, high] =
        [estimate.low, estimate.score, estimate.high].map(|value| across.at(value));
    let middle = ROW / 2.0;
    let mut svg = grid(0.0, ROW);
    let _ = write!(
        svg,
        "<line class=\"span\" x1=\"{low:.2}%\" x2=\"{high:.2}%\" y1=\"{middle}\" y2=\"{middle}\"/>"
    );
    for end in [low, high] {
        let _ = write!(
            svg,
            "<line class=\"end\" x1=\"{end:.2}%\" x2=\"{end:.2}%\" y1=\"{}\" y2=\"{}\"/>",
            middle - 5.0,
            middle + 5.0
        );
    }
    let _ = write!(svg, "<circle class=\"mean\" cx=\"{score:.2}%\" cy=\"{middle}\" r=\"5.5\"/>");
    let label = format!(
        "{name}: {}, 95\u{a0}% interval {}, {}",
        format::score(estimate.score),
        format::interval(estimate.low, estimate.high),
        format::counted(estimate.n, "test example")
    );
    Html::new(format!(
        "<svg class=\"range\" width=\"100%\" height=\"{ROW}\" role=\"img\">{}{svg}</svg>",
        tooltip(&label)
    ))
}

/// The numbers below the rows.
pub(super) fn axis() -> Html {
    let mut svg = grid(0.0, 5.0);
    for quarter in 0..=4 {
        let score = f64::from(quarter) / 4.0;
        let _ = write!(
            svg,
            "<text class=\"tick\" x=\"{}%\" y=\"19\" text-anchor=\"middle\">{}</text>",
            score * 100.0,
            format::score(score)
        );
    }
    Html::new(format!(
        "<svg class=\"range\" width=\"100%\" height=\"24\" aria-hidden=\"true\">{svg}</svg>"
    ))
}

fn grid(top: f64, bottom: f64) -> String {
    let mut svg = String::new();
    for quarter in 0..=4 {
        let x = quarter * 25;
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{x}%\" x2=\"{x}%\" y1=\"{top}\" y2=\"{bottom}\"/>"
        );
    }
    svg
}
