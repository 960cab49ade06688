//! Lines with bands over paid calls, in a drawing of any height.

use std::fmt::Write;

use motjuste::statistics::CurvePoint;

use super::marks;
use crate::chart::{self, Scale};
use crate::format;

/// Where a chart's data lie: calls in percent from the left, scores in pixels from the top.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plot {
    pub(super) top: f64,
    pub(super) bottom: f64,
    pub(super) calls: Scale,
    pub(super) score: Scale,
    pub(super) range: (f64, f64),
}

/// One method's line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) place: usize,
    pub(super) points: &'a [CurvePoint],
}

impl Plot {
    /// A plot between two heights of calls up to `most` and scores in `range`.
    pub(super) fn new((top, bottom): (f64, f64), most: u64, range: (f64, f64)) -> Self {
        let calls = Scale::across(0.0, most as f64);
        Self { top, bottom, calls, score: Scale::between(range, (bottom, top)), range }
    }

    /// Horizontal lines at round scores with their numbers, the fewer, the lower the plot; and the line below all.
    pub(super) fn score_axis(&self) -> String {
        let axis = chart::line("axis", (0.0, self.bottom), (100.0, self.bottom));
        axis + &self.ticks().into_iter().map(|tick| self.rule(tick)).collect::<String>()
    }

    /// Round scores within the range: four at the least, two in a low plot.
    fn ticks(&self) -> Vec<f64> {
        let least = if self.bottom - self.top > 150.0 { 4 } else { 2 };
        let steps = [0.5, 0.25, 0.2, 0.1].map(|step| multiples(step, self.range));
        let enough = steps.iter().find(|ticks| ticks.len() >= least);
        enough.cloned().unwrap_or_else(|| multiples(0.05, self.range))
    }

    fn rule(&self, score: f64) -> String {
        let y = self.score.at(score);
        let is_above = y < self.bottom - 0.5;
        let line = if is_above { chart::line("grid", (0.0, y), (100.0, y)) } else { String::new() };
        format!(
            "{line}\n<text class=\"tick\" x=\"-8\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\n",
            y + 4.0,
            format::score(score)
        )
    }

    /// The first and the last number of calls below the plot, and round ones between them where there is room.
    pub(super) fn calls_axis(&self, ticks: &[f64]) -> String {
        let mut svg = String::new();
        for (index, tick) in ticks.iter().enumerate() {
            let x = self.calls.at(*tick);
            let spare = if index % 2 == 1 && ticks.len() > 3 { " spare" } else { "" };
            let anchor = if x > 97.0 { "end" } else { "middle" };
            let _ = writeln!(
                svg,
                "{}<text class=\"tick{spare}\" x=\"{x:.2}%\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>",
                chart::line("axis", (x, self.bottom), (x, self.bottom + 5.0)),
                self.bottom + 20.0,
                format::whole(*tick)
            );
        }
        svg
    }

    /// The band of a line: the area between its ends wherever it has both.
    pub(super) fn band(&self, line: Line<'_>) -> String {
        let known =
            line.points.iter().filter_map(|point| Some((point.calls, point.low?, point.high?)));
        let known: Vec<(u64, f64, f64)> = known.collect();
        if known.is_empty() {
            return String::new();
        }
        let above = self.steps(known.iter().map(|(calls, _, high)| (*calls, *high)));
        let below = self.steps(known.iter().map(|(calls, low, _)| (*calls, *low)));
        let back = below.iter().rev().map(|(x, y)| format!("L{x:.2} {y:.1}"));
        let class = marks::class(line.place);
        format!(
            "<path class=\"band {class}\" d=\"{}{}Z\"/>\n",
            path(&above),
            back.collect::<String>()
        )
    }

    /// The line itself: level until the value changes, then straight there.
    pub(super) fn curve(&self, line: Line<'_>) -> String {
        let corners = self.steps(values(line));
        if corners.is_empty() {
            return String::new();
        }
        let class = marks::class(line.place);
        format!("<path class=\"curve {class}\" d=\"{}\"/>\n", path(&corners))
    }

    /// Marks along the line, those of different methods at different calls, and one at its end.
    pub(super) fn signs(&self, line: Line<'_>) -> String {
        const APART: usize = 5;
        let points: Vec<(u64, f64)> = values(line).collect();
        let last = points.len().saturating_sub(1);
        let is_marked = |index: &usize| {
            *index == last || (*index % APART == line.place % APART && *index + 1 < last)
        };
        let marked = (0..points.len()).filter(is_marked).map(|index| self.position(points[index]));
        marked.map(|(x, y)| marks::mark(line.place, &format!("{x:.2}%"), y)).collect()
    }

    /// The last position of a line.
    pub(super) fn end(&self, line: Line<'_>) -> Option<(f64, f64)> {
        values(line).last().map(|point| self.position(point))
    }

    /// Paths in the plot's own square: from the left in percent, from the top in pixels.
    pub(super) fn stretched(&self, paths: &str) -> String {
        let (top, height) = (self.top, self.bottom - self.top);
        format!(
            "<svg class=\"point\" x=\"0\" y=\"{top}\" width=\"100%\" height=\"{height}\" \
             viewBox=\"0 {top} 100 {height}\" preserveAspectRatio=\"none\">\n{paths}</svg>\n"
        )
    }

    fn position(&self, (calls, value): (u64, f64)) -> (f64, f64) {
        (self.calls.at(calls as f64), self.score.at(value))
    }

    /// The corners of a step line.
    fn steps(&self, points: impl Iterator<Item = (u64, f64)>) -> Vec<(f64, f64)> {
        let mut corners: Vec<(f64, f64)> = Vec::new();
        for (x, y) in points.map(|point| self.position(point)) {
            let before = corners.last().map(|(_, before)| (x, *before));
            corners.extend(before.filter(|(_, before)| *before != y));
            corners.push((x, y));
        }
        corners
    }
}

fn values(line: Line<'_>) -> impl Iterator<Item = (u64, f64)> + '_ {
    line.points.iter().filter_map(|point| Some((point.calls, point.mean?)))
}

fn path(corners: &[(f64, f64)]) -> String {
    let corner = |(index, (x, y)): (usize, &(f64, f64))| {
        format!("{}{x:.2} {y:.1}", if index == 0 { 'M' } else { 'L' })
    };
    corners.iter().enumerate().map(corner).collect()
}

/// The multiples of a step between two scores.
fn multiples(step: f64, (low, high): (f64, f64)) -> Vec<f64> {
    let (first, last) = ((low / step - 1e-9).ceil() as i64, (high / step + 1e-9).floor() as i64);
    (first..=last).map(|tick| tick as f64 * step).collect()
}

/// The tenths around all values, at least three of them apart.
pub(super) fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let nothing = (f64::INFINITY, f64::NEG_INFINITY);
    let (low, high) = values.fold(nothing, |(low, high), value| (low.min(value), high.max(value)));
    if low > high {
        return (0.0, 1.0);
    }
    let low = (low * 10.0 + 1e-9).floor().clamp(0.0, 7.0);
    let high = (high * 10.0 - 1e-9).ceil().clamp(low + 3.0, 10.0);
    (low / 10.0, high / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_holds_all_values_between_tenths() {
        assert_eq!(range([0.42, 0.77].into_iter()), (0.4, 0.8));
        assert_eq!(range([0.98, 0.99].into_iter()), (0.7, 1.0));
        assert_eq!(range([0.0, 0.0].into_iter()), (0.0, 0.3));
        assert_eq!(range(std::iter::empty()), (0.0, 1.0));
    }

    #[test]
    fn every_number_beside_the_plot_stands_at_its_height() {
        for (low, high) in [(0.1, 0.9), (0.0, 1.0), (0.3, 0.6), (0.7, 1.0), (0.2, 0.9)] {
            for bottom in [100.0, 240.0] {
                let plot = Plot::new((0.0, bottom), 20, (low, high));
                let ticks = plot.ticks();
                assert!(ticks.len() >= 2, "{ticks:?}");
                for tick in ticks {
                    assert!(
                        (low - 1e-9..=high + 1e-9).contains(&tick),
                        "{tick} in {low} to {high}"
                    );
                    let height = bottom * (high - tick) / (high - low);
                    assert!((plot.score.at(tick) - height).abs() < 1e-6);
                }
            }
        }
    }

    #[test]
    fn a_line_is_level_between_its_points() {
        let point = |calls, mean| CurvePoint { calls, runs: 1, mean, low: None, high: None };
        let points = [point(5, None), point(10, Some(0.0)), point(20, Some(0.5))];
        let plot = Plot::new((0.0, 100.0), 20, (0.0, 1.0));
        let line = Line { place: 1, points: &points };
        assert!(plot.curve(line).contains("d=\"M50.00 100.0L100.00 100.0L100.00 50.0\""));
        assert_eq!(plot.band(line), "");
        assert_eq!(plot.end(line), Some((100.0, 50.0)));
    }
}
