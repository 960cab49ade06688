//! The best score so far as a line without axes, beside the name of a study.

use std::fmt::Write;

use motjuste_page::Html;

const HEIGHT: f64 = 36.0;
/// Room above and below the line, for its width.
const MARGIN: f64 = 3.0;

/// The line through these rises: shares of the width, and scores.
pub(super) fn draw(rises: &[(f64, f64)]) -> Html {
    let y = |score: f64| MARGIN + (1.0 - score.clamp(0.0, 1.0)) * (HEIGHT - 2.0 * MARGIN);
    let floor = HEIGHT - MARGIN;
    let mut svg = format!(
        "<svg class=\"spark\" height=\"{HEIGHT}\" aria-hidden=\"true\">\
         <line class=\"grid\" x1=\"0%\" x2=\"100%\" y1=\"{floor}\" y2=\"{floor}\"/>"
    );
    let ends = rises.iter().skip(1).map(|(share, _)| *share).chain([1.0]);
    let mut before = None;
    for (&(share, score), end) in rises.iter().zip(ends) {
        let (left, right, height) = (100.0 * share, 100.0 * end, y(score));
        let from = before.unwrap_or(height);
        let _ = write!(
            svg,
            "<line class=\"best\" x1=\"{left:.1}%\" x2=\"{left:.1}%\" y1=\"{from:.1}\" y2=\"{height:.1}\"/>\
             <line class=\"best\" x1=\"{left:.1}%\" x2=\"{right:.1}%\" y1=\"{height:.1}\" y2=\"{height:.1}\"/>"
        );
        before = Some(height);
    }
    Html::new(svg + "</svg>")
}
