//! The values of the proposals, step by step, and the best so far.

use std::fmt::Write;

use motjuste_page::chart::{self, Chart, Scale, tooltip};
use motjuste_page::format;

use crate::problem::Evaluated;
use crate::search::{Progress, Reading};

/// What is drawn over the steps.
pub(super) struct Descent<'a, P> {
    /// Tells this chart from the others of the page.
    pub id: String,
    pub progress: &'a Progress<P>,
    pub measure: Measure,
    /// The value of the optimum.
    pub optimum: f64,
}

/// How a value is drawn.
#[derive(Debug, Clone, Copy)]
pub(super) enum Measure {
    /// As its logarithm: losses differ by powers of ten.
    Loss,
    /// As the share by which it exceeds the optimum.
    Gap,
}

/// The chart; best values only go down.
pub(super) fn draw<P>(descent: &Descent<'_, P>) -> Chart {
    let Descent { progress, measure, optimum, .. } = *descent;
    let height = |value: f64| measure.height(value, optimum);
    let points = numbered(progress);
    let shown: Vec<f64> = points.iter().map(|(_, point)| height(point.value)).collect();
    let high = shown.iter().copied().filter(|h| h.is_finite()).fold(height(optimum), f64::max);
    let up = measure.scale(height(optimum), high);
    let across = Scale::across(0.0, progress.steps.len().max(1) as f64);
    let position = |step: usize, value: f64| (across.at(step as f64), up.at(height(value)));

    let mut svg = chart::value_axis(up, measure.caption(), &measure.ticks(up));
    svg += &chart::count_axis(across, "step");
    svg += &measure.reference(up.at(height(optimum)));
    for (step, point) in &points {
        let label = format!("step {step}: {}", measure.in_words(point.value, optimum));
        let class = if *step == 0 { "repeat" } else { "new" };
        let mark = chart::circle(class, position(*step, point.value), 2.8, &tooltip(&label));
        let _ = writeln!(svg, "{mark}");
    }
    let best: Vec<_> = bests(&points).map(|(step, value)| position(step, value)).collect();
    svg += &chart::step_line("best", &best);
    let lead = measure.lead(&points, optimum);
    let name = format!("{} by step", measure.caption());
    let svg = Some(chart::svg(&descent.id, &name, &lead, &svg));
    Chart { lead, legend: Vec::new(), svg }
}

/// Every distinct point with its step; those of the start have step 0.
pub(super) fn numbered<P>(progress: &Progress<P>) -> Vec<(usize, &Evaluated<P>)> {
    let start = progress.start.iter().map(|point| (0, point));
    let steps = progress.steps.iter().enumerate().flat_map(|(step, replies)| {
        replies.replies.iter().filter_map(move |(_, reading)| match reading {
            Reading::New(point) => Some((step + 1, point)),
            Reading::Duplicate(_) | Reading::Invalid(_) => None,
        })
    });
    start.chain(steps).collect()
}

/// The points that are better than all before them, by step and value.
fn bests<P>(points: &[(usize, &Evaluated<P>)]) -> impl Iterator<Item = (usize, f64)> {
    let mut least = f64::INFINITY;
    points.iter().filter_map(move |(step, point)| {
        let is_better = point.value < least;
        least = least.min(point.value);
        is_better.then_some((*step, point.value))
    })
}

impl Measure {
    fn height(self, value: f64, optimum: f64) -> f64 {
        match self {
            // A loss of 0 has no logarithm; nothing below a thousandth is told apart.
            Self::Loss => value.max(1e-3).log10(),
            Self::Gap => (value - optimum) / optimum,
        }
    }

    fn scale(self, low: f64, high: f64) -> Scale {
        match self {
            Self::Loss => Scale::up(low.floor(), high.max(low + 0.1).ceil()),
            Self::Gap => Scale::up(0.0, high.max(0.01)),
        }
    }

    fn ticks(self, up: Scale) -> Vec<(f64, String)> {
        match self {
            Self::Loss => {
                up.ticks().into_iter().map(|power| (power, power_of_ten(power))).collect()
            }
            Self::Gap => {
                let percents = up.times(100.0).ticks().into_iter();
                percents.map(|tick| (tick / 100.0, format!("{} %", format::whole(tick)))).collect()
            }
        }
    }

    /// The optimum as a dashed line with its name; a gap has it for its axis.
    fn reference(self, level: f64) -> String {
        match self {
            Self::Loss => {
                chart::line("reference", (0.0, level), (100.0, level))
                    + &chart::margin_labels(vec![("name", level, "optimum".to_owned())])
            }
            Self::Gap => String::new(),
        }
    }

    fn caption(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Gap => "gap",
        }
    }

    /// A value as a person reads it.
    fn in_words(self, value: f64, optimum: f64) -> String {
        match self {
            Self::Loss => format!("loss {value:.1}"),
            Self::Gap => {
                format!("length {value:.1}, gap {}", format::percent((value - optimum) / optimum))
            }
        }
    }

    fn lead<P>(self, points: &[(usize, &Evaluated<P>)], optimum: f64) -> String {
        let (Some((_, first)), Some((step, best))) =
            (bests(&starts(points)).last(), bests(points).last())
        else {
            return "There is no point.".to_owned();
        };
        let from = self.in_words(first, optimum);
        match step {
            0 => format!("The start had {from}, and no proposal was better."),
            _ => format!("From {from} to {} in step {step}.", self.in_words(best, optimum)),
        }
    }
}

fn starts<'a, P>(points: &[(usize, &'a Evaluated<P>)]) -> Vec<(usize, &'a Evaluated<P>)> {
    points.iter().copied().filter(|(step, _)| *step == 0).collect()
}

/// `10³`.
fn power_of_ten(power: f64) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digits = format!("{}", power.abs());
    let raised = digits.chars().filter_map(|d| DIGITS.get(d.to_digit(10)? as usize));
    format!("10{}{}", if power < 0.0 { "⁻" } else { "" }, raised.collect::<String>())
}
