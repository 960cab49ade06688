//! The plane of w and b: where a search began, where it went, and where the optimum is.

use std::fmt::Write;

use motjuste_page::chart::{self, Chart, Key, Scale, tooltip};
use motjuste_page::format;

use super::descent::numbered;
use crate::linear_regression::Pair;
use crate::problem::Evaluated;
use crate::search::Progress;

/// How faint the first proposal is drawn; the last one is not faint.
const FAINT: f64 = 0.25;

/// What is drawn in the plane.
pub(super) struct Plane<'a> {
    /// Tells this chart from the others of the page.
    pub id: String,
    pub progress: &'a Progress<Pair>,
    pub truth: Pair,
}

/// A point with its step.
type Numbered<'a> = (usize, &'a Evaluated<Pair>);

/// The picture: start points hollow, proposals darker from step to step, the best so far joined.
pub(super) fn draw(plane: &Plane<'_>) -> Chart {
    let points = numbered(plane.progress);
    let path = improvements(&points);
    let window = Window::around(&points, &path, plane.truth);
    let inside = points.iter().filter(|(_, point)| window.holds(point.point));
    let outside = points.len() - inside.clone().count();
    let last = plane.progress.steps.len();

    let mut svg = chart::value_axis(window.b, "b", &ticks(window.b));
    svg += &chart::count_axis(window.w, "w");
    svg += &joined(&path, &window);
    for point in inside {
        let _ = writeln!(svg, "{}", mark(point, last, &window));
    }
    let optimum = format!("the optimum: {}", pair(plane.truth));
    svg += &chart::circle("ring", window.position(plane.truth), 9.0, &tooltip(&optimum));
    let lead = lead(outside);
    let svg = Some(chart::svg(&plane.id, "The pairs in the plane of w and b", &lead, &svg));
    Chart { lead, legend: legend(), svg }
}

/// The part of the plane that is shown.
struct Window {
    w: Scale,
    b: Scale,
    low: Pair,
    high: Pair,
}

impl Window {
    /// Start, optimum and every improvement with half as much around them; no more than all points
    /// need.
    fn around(points: &[Numbered<'_>], path: &[Numbered<'_>], truth: Pair) -> Self {
        let start = points.iter().filter(|(step, _)| *step == 0);
        let core = start.chain(path).map(|(_, evaluated)| evaluated.point).chain([truth]);
        let all = points.iter().map(|(_, evaluated)| evaluated.point).chain([truth]);
        let (core, all) = (core.collect::<Vec<_>>(), all.collect::<Vec<_>>());
        let ends = [0, 1].map(|axis| {
            let (low, high) = extent(&core, axis);
            let wide = (high - low).max(4.0) / 2.0;
            let (least, most) = extent(&all, axis);
            ((low - wide).max(least - 1.0), (high + wide).min(most + 1.0))
        });
        let [(w_low, w_high), (b_low, b_high)] = ends;
        Self {
            w: Scale::across(w_low, w_high),
            b: Scale::up(b_low, b_high),
            low: [w_low, b_low],
            high: [w_high, b_high],
        }
    }

    fn holds(&self, point: Pair) -> bool {
        (0..2).all(|axis| (self.low[axis]..=self.high[axis]).contains(&point[axis]))
    }

    fn position(&self, [w, b]: Pair) -> (f64, f64) {
        (self.w.at(w), self.b.at(b))
    }
}

fn extent(points: &[Pair], axis: usize) -> (f64, f64) {
    let along = points.iter().map(|point| point[axis]);
    (along.clone().fold(f64::INFINITY, f64::min), along.fold(f64::NEG_INFINITY, f64::max))
}

/// The best start point and every proposal that was better than all before it.
fn improvements<'a>(points: &[Numbered<'a>]) -> Vec<Numbered<'a>> {
    let mut path: Vec<Numbered<'a>> = Vec::new();
    for &(step, point) in points {
        match path.last() {
            Some((_, best)) if point.value >= best.value => {}
            Some((0, _)) if step == 0 => path = vec![(step, point)],
            _ => path.push((step, point)),
        }
    }
    path
}

fn joined(path: &[Numbered<'_>], window: &Window) -> String {
    let positions: Vec<_> =
        path.iter().map(|(_, evaluated)| window.position(evaluated.point)).collect();
    positions.windows(2).map(|ends| chart::line("path", ends[0], ends[1]) + "\n").collect()
}

fn mark((step, evaluated): &Numbered<'_>, last: usize, window: &Window) -> String {
    let label = match step {
        0 => format!("start: {}, loss {:.1}", pair(evaluated.point), evaluated.value),
        _ => format!("step {step}: {}, loss {:.1}", pair(evaluated.point), evaluated.value),
    };
    let position = window.position(evaluated.point);
    match step {
        0 => chart::circle("repeat", position, 4.0, &tooltip(&label)),
        _ => {
            let share = *step as f64 / last.max(1) as f64;
            let dark = FAINT + (1.0 - FAINT) * share;
            format!(
                "<g opacity=\"{dark:.2}\">{}</g>",
                chart::circle("new", position, 3.5, &tooltip(&label))
            )
        }
    }
}

fn pair([w, b]: Pair) -> String {
    format!("[{w}, {b}]").replace('-', "−")
}

fn ticks(scale: Scale) -> Vec<(f64, String)> {
    scale.ticks().into_iter().map(|tick| (tick, format::whole(tick))).collect()
}

fn lead(outside: usize) -> String {
    match outside {
        0 => "Every pair that was evaluated.".to_owned(),
        n => format!("Without {} far off.", format::counted(n, "pair")),
    }
}

fn legend() -> Vec<Key> {
    let middle = (50.0, 10.0);
    let circle = |class, size| chart::circle(class, middle, size, "");
    let faint =
        format!("<g opacity=\"{FAINT}\">{}</g>", chart::circle("new", (25.0, 10.0), 3.5, ""));
    vec![
        chart::key(&circle("repeat", 4.0), "start"),
        chart::key(
            &(faint + &chart::circle("new", (75.0, 10.0), 3.5, "")),
            "proposals, early to late",
        ),
        chart::key(&chart::line("path", (0.0, 10.0), (100.0, 10.0)), "the best so far"),
        chart::key(&circle("ring", 8.0), "optimum"),
    ]
}
