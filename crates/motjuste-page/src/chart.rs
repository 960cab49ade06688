//! The pieces of every chart: a scale, two axes, marks, labels, the drawing around them.
//!
//! A chart is as wide as its column: horizontal positions are percentages and vertical ones pixels,
//! so that letters, dots and lines keep their size on a telephone and on paper.

use std::fmt::Write;

use serde::Serialize;

use crate::format;
use crate::html::Html;

/// The height of a chart in pixels, its labels included.
pub const HEIGHT: f64 = 312.0;
/// Where a score of 1 lies, in pixels.
pub const TOP: f64 = 28.0;
/// Where a score of 0 lies, in pixels.
pub const BOTTOM: f64 = 268.0;

/// A drawn chart, with what is said above it.
#[derive(Debug, Serialize)]
pub struct Chart {
    /// The chart in one sentence.
    pub lead: String,
    /// What the marks mean.
    pub legend: Vec<Key>,
    /// The drawing; none when there is nothing to draw.
    pub svg: Option<Html>,
}

/// One line of a legend.
#[derive(Debug, Serialize)]
pub struct Key {
    /// The mark, drawn.
    pub mark: Html,
    /// What it means.
    pub meaning: String,
}

/// A linear scale: from the data to a position on the page.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    from: (f64, f64),
    to: (f64, f64),
}

impl Scale {
    /// Data between two values to positions between two others.
    pub fn between(from: (f64, f64), to: (f64, f64)) -> Self {
        let (low, high) = from;
        Self { from: (low, if high > low { high } else { low + 1.0 }), to }
    }

    /// Scores in [0, 1] to pixels from the top.
    pub fn score() -> Self {
        Self::up(0.0, 1.0)
    }

    /// Data between `low` and `high` to pixels from the top, the high ones above.
    pub fn up(low: f64, high: f64) -> Self {
        Self::between((low, high), (BOTTOM, TOP))
    }

    /// Data between `low` and `high` to percentages from the left.
    pub fn across(low: f64, high: f64) -> Self {
        Self::between((low, high), (0.0, 100.0))
    }

    /// The same scale for data that are `factor` times as large.
    pub fn times(&self, factor: f64) -> Self {
        Self { from: (self.from.0 * factor, self.from.1 * factor), to: self.to }
    }

    /// The position of `value`, never outside the scale.
    pub fn at(&self, value: f64) -> f64 {
        let (low, high) = self.from;
        let value = if value.is_nan() { low } else { value.clamp(low, high) };
        self.to.0 + (value - low) / (high - low) * (self.to.1 - self.to.0)
    }

    /// At most seven round whole numbers within the scale.
    pub fn ticks(&self) -> Vec<f64> {
        let (low, high) = self.from;
        let step = round_step((high - low) / 6.0).max(1.0);
        let first = (low / step).ceil() as i64;
        let last = (high / step).floor() as i64;
        (first..=last).map(|tick| tick as f64 * step).collect()
    }
}

/// The smallest of 1, 2, 5, 10, 20, 50, … (and 0.1, 0.2, …) that is not below `least`.
fn round_step(least: f64) -> f64 {
    let power = 10f64.powf(least.log10().floor());
    let steps = [1.0, 2.0, 5.0].map(|factor| factor * power);
    steps.into_iter().find(|&step| step >= least).unwrap_or(10.0 * power)
}

/// The drawing of a chart, with its name and description for those who do not see it.
pub fn svg(id: &str, name: &str, description: &str, body: &str) -> Html {
    Html::new(format!(
        "<svg class=\"plot\" width=\"100%\" height=\"{HEIGHT}\" role=\"img\" \
         aria-labelledby=\"{id}-name {id}-description\">\n<title id=\"{id}-name\">{}</title>\n\
         <desc id=\"{id}-description\">{}</desc>\n{body}</svg>",
        format::escaped(name),
        format::escaped(description)
    ))
}

/// Horizontal lines at the quarters of the score, and what they stand for.
pub fn score_axis(caption: &str) -> String {
    let quarters = [0.0, 0.25, 0.5, 0.75, 1.0].map(|score| (score, format::score(score)));
    value_axis(Scale::score(), caption, &quarters)
}

/// Horizontal lines at some values, with what is written beside them.
pub fn value_axis(scale: Scale, caption: &str, ticks: &[(f64, String)]) -> String {
    let mut svg = format!("<text class=\"caption\" x=\"0\" y=\"10\">{caption}</text>\n");
    let mut rule = |class: &str, y: f64| {
        let _ = writeln!(
            svg,
            "<line class=\"{class}\" x1=\"0%\" x2=\"100%\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>"
        );
    };
    let heights = ticks.iter().map(|(value, _)| scale.at(*value));
    heights.filter(|y| *y < BOTTOM).for_each(|y| rule("grid", y));
    rule("axis", BOTTOM);
    for (value, text) in ticks {
        let y = scale.at(*value) + 4.0;
        let _ = writeln!(
            svg,
            "<text class=\"tick\" x=\"-8\" y=\"{y:.1}\" text-anchor=\"end\">{text}</text>"
        );
    }
    svg
}

/// Round numbers below the chart, and what they count.
pub fn count_axis(scale: Scale, caption: &str) -> String {
    let mut svg = String::new();
    for (index, tick) in scale.ticks().into_iter().enumerate() {
        let x = scale.at(tick);
        // On a narrow screen there is room for every other number.
        let spare = if index % 2 == 1 { " spare" } else { "" };
        let _ = writeln!(
            svg,
            "<line class=\"axis\" x1=\"{x:.2}%\" x2=\"{x:.2}%\" y1=\"{BOTTOM}\" y2=\"{}\"/>\
             <text class=\"tick{spare}\" x=\"{x:.2}%\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            BOTTOM + 5.0,
            BOTTOM + 20.0,
            format::whole(tick)
        );
    }
    let _ = writeln!(
        svg,
        "<text class=\"caption\" x=\"100%\" y=\"{}\" text-anchor=\"end\">{}</text>",
        BOTTOM + 40.0,
        format::escaped(caption)
    );
    svg
}

/// A straight line, its ends in percent from the left and pixels from the top.
pub fn line(class: &str, from: (f64, f64), to: (f64, f64)) -> String {
    let ((x1, y1), (x2, y2)) = (from, to);
    format!(
        "<line class=\"{class}\" x1=\"{x1:.2}%\" y1=\"{y1:.1}\" x2=\"{x2:.2}%\" y2=\"{y2:.1}\"/>"
    )
}

/// A round mark at `x` percent from the left and `y` pixels from the top.
pub fn circle(class: &str, (x, y): (f64, f64), size: f64, inside: &str) -> String {
    format!("<circle class=\"{class}\" cx=\"{x:.2}%\" cy=\"{y:.1}\" r=\"{size}\">{inside}</circle>")
}

/// A line of a legend, its mark drawn in a square of 20 pixels.
pub fn key(mark: &str, meaning: &str) -> Key {
    Key {
        mark: Html::new(format!(
            "<svg width=\"20\" height=\"20\" aria-hidden=\"true\">{mark}</svg>"
        )),
        meaning: meaning.to_owned(),
    }
}

/// A step line: level until the value changes, then straight there. Takes the positions where it
/// changes.
pub fn step_line(class: &str, changes: &[(f64, f64)]) -> String {
    let mut svg = String::new();
    let ends = changes.iter().skip(1).map(|(x, _)| *x).chain([100.0]);
    let mut before: Option<f64> = None;
    for (&(x, y), end) in changes.iter().zip(ends) {
        if let Some(before) = before {
            svg += &line(class, (x, before), (x, y));
        }
        let _ = writeln!(svg, "{}", line(class, (x, y), (end, y)));
        before = Some(y);
    }
    svg
}

/// Names in the right margin, each at its height or as near as there is room: a class, a height and
/// a text.
pub fn margin_labels(mut names: Vec<(&str, f64, String)>) -> String {
    names.sort_by(|a, b| a.1.total_cmp(&b.1));
    let heights: Vec<f64> = names.iter().map(|(_, height, _)| *height).collect();
    let positions = spread(&heights, 16.0, BOTTOM);
    let mut svg = String::new();
    for ((class, _, text), position) in names.iter().zip(positions) {
        let _ = writeln!(
            svg,
            "<text class=\"{class}\" x=\"100%\" dx=\"10\" y=\"{:.1}\">{}</text>",
            position + 4.0,
            format::escaped(text)
        );
    }
    svg
}

/// What is shown when the pointer rests on a mark.
pub fn tooltip(text: &str) -> String {
    format!("<title>{}</title>", format::escaped(text))
}

/// Moves heights apart until neighbours are `gap` from each other, each as little as may be from
/// where it was, and none below `floor`. Takes and returns them from top to bottom.
pub(crate) fn spread(heights: &[f64], gap: f64, floor: f64) -> Vec<f64> {
    let mut moved: Vec<f64> = Vec::with_capacity(heights.len());
    for &height in heights {
        let least = moved.last().map_or(f64::NEG_INFINITY, |above| above + gap);
        moved.push(height.max(least));
    }
    let mut limit = floor;
    for height in moved.iter_mut().rev() {
        *height = height.min(limit);
        limit = *height - gap;
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_maps_its_ends_and_never_leaves_them() {
        let scale = Scale::score();
        assert_eq!((scale.at(0.0), scale.at(1.0), scale.at(0.5)), (BOTTOM, TOP, 148.0));
        assert_eq!((scale.at(7.0), scale.at(-1.0), scale.at(f64::NAN)), (TOP, BOTTOM, BOTTOM));
        assert_eq!(Scale::across(3.0, 3.0).at(3.0), 0.0);
    }

    #[test]
    fn ticks_are_few_round_and_within_the_scale() {
        assert_eq!(Scale::across(-0.5, 149.5).ticks(), [0.0, 50.0, 100.0]);
        assert_eq!(Scale::across(0.0, 1220.0).ticks(), [0.0, 500.0, 1000.0]);
        assert_eq!(Scale::across(-0.5, 0.5).ticks(), [0.0]);
        for high in 1..3000 {
            let ticks = Scale::across(0.0, f64::from(high)).ticks();
            assert!((2..=7).contains(&ticks.len()), "{high}: {ticks:?}");
        }
    }

    #[test]
    fn labels_move_apart_and_stay_above_the_floor() {
        assert_eq!(spread(&[10.0, 12.0, 60.0], 14.0, 100.0), [10.0, 24.0, 60.0]);
        assert_eq!(spread(&[90.0, 95.0, 99.0], 14.0, 100.0), [72.0, 86.0, 100.0]);
        assert!(spread(&[], 14.0, 100.0).is_empty());
    }
}
