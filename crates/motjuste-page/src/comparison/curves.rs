//! What searches held for the best as they went on: the mean over tasks, and task by task.

use std::fmt::Write;

use motjuste::comparison::{CellScore, ComparisonReport, MethodResult};
use motjuste::experiment::CellRun;
use motjuste::statistics::CurvePoint;
use serde::Serialize;

use super::contestants::{Contestant, contestants};
use super::marks;
use super::plot::{Line, Plot, range};
use crate::chart::{self, BOTTOM, Chart, Key, TOP};
use crate::format;
use crate::html::Html;

/// One task's chart.
#[derive(Debug, Serialize)]
pub(super) struct Panel {
    task: String,
    svg: Html,
}

/// The curves on one split.
#[derive(Debug, Serialize)]
pub(super) struct Curves {
    title: &'static str,
    average: Chart,
    panels: Vec<Panel>,
}

/// The rows whose scores are drawn.
#[derive(Debug, Clone, Copy)]
enum Split {
    Dev,
    Test,
}

impl Split {
    fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Test => "test",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Dev => "Best so far",
            Self::Test => "Best so far, on test rows",
        }
    }

    fn curve(self) -> &'static str {
        match self {
            Self::Dev => "Best dev score so far",
            Self::Test => "Test score of the best so far",
        }
    }

    fn of_method(self, method: &MethodResult) -> &[CurvePoint] {
        match self {
            Self::Dev => &method.curve,
            Self::Test => &method.test_curve,
        }
    }

    fn of_cell(self, cell: &CellScore) -> &[CurvePoint] {
        match self {
            Self::Dev => &cell.curve,
            Self::Test => &cell.test_curve,
        }
    }
}

/// The curves of dev scores; those of test scores where they were asked for.
pub(super) fn curves(report: &ComparisonReport) -> Vec<Curves> {
    let has_any = report.methods.iter().any(|method| !method.test_curve.is_empty());
    let splits: &[Split] = if has_any { &[Split::Dev, Split::Test] } else { &[Split::Dev] };
    let curves = |split: &Split| Curves {
        title: split.title(),
        average: average(report, *split),
        panels: panels(report, *split),
    };
    splits.iter().map(curves).collect()
}

/// The most lines whose bands are told apart where they lie on each other.
const BANDS: usize = 4;

/// The chart of the mean over tasks.
fn average(report: &ComparisonReport, split: Split) -> Chart {
    let methods = contestants(report);
    let lines = lines(&methods, |index| split.of_method(&report.methods[index]));
    let (lead, legend) = (lead(report, split, &lines), legend(report, split, &methods));
    if lines.is_empty() {
        return Chart { lead, legend: Vec::new(), svg: None };
    }
    let plot = Plot::new((TOP, BOTTOM), most(report), range(extent(&lines)));
    let ticks = plot.calls.ticks();
    let body = [
        captions(split),
        plot.score_axis(),
        plot.calls_axis(&ticks),
        drawn(&plot, &lines, report),
        names(&plot, &lines, &methods),
    ];
    let name = format!("{} over calls to the target, mean over tasks", split.curve());
    let id = format!("{}-curves", split.name());
    Chart { svg: Some(chart::svg(&id, &name, &lead, &body.concat())), lead, legend }
}

fn captions(split: Split) -> String {
    format!(
        "<text class=\"caption\" x=\"0\" y=\"10\">{} score</text>\n\
         <text class=\"caption\" x=\"100%\" y=\"{}\" text-anchor=\"end\">calls to the target</text>\n",
        split.name(),
        BOTTOM + 40.0
    )
}

/// The lines of the methods that have one.
fn lines<'a>(methods: &[Contestant], of: impl Fn(usize) -> &'a [CurvePoint]) -> Vec<Line<'a>> {
    let line = |one: &Contestant| Line { place: one.place, points: of(one.index) };
    let has_mean = |line: &Line<'_>| line.points.iter().any(|point| point.mean.is_some());
    methods.iter().map(line).filter(has_mean).collect()
}

fn most(report: &ComparisonReport) -> u64 {
    let calls = report.methods.iter().filter_map(|method| Some(method.curve.last()?.calls));
    calls.max().unwrap_or(1)
}

/// Every value that is drawn.
fn extent<'a>(lines: &'a [Line<'_>]) -> impl Iterator<Item = f64> + 'a {
    let values = |point: &'a CurvePoint| [point.mean, point.low, point.high].into_iter().flatten();
    // Ends of bands beyond the scores that there are say nothing more.
    lines
        .iter()
        .flat_map(move |line| line.points.iter().flat_map(values))
        .map(|x| x.clamp(0.0, 1.0))
}

/// Bands below, lines above them, marks on top.
fn drawn(plot: &Plot, lines: &[Line<'_>], report: &ComparisonReport) -> String {
    let banded = banded(report, lines);
    let bands = lines.iter().filter(|line| banded.contains(&line.place));
    let bands: String = bands.map(|line| plot.band(*line)).collect();
    // The leader's line lies on top.
    let curves: String = lines.iter().rev().map(|line| plot.curve(*line)).collect();
    let signs: String = lines.iter().rev().map(|line| plot.signs(*line)).collect();
    plot.stretched(&(bands + &curves)) + &signs
}

/// The places of the methods whose band is drawn: all where they are few, else those of the first and the reference.
fn banded(report: &ComparisonReport, lines: &[Line<'_>]) -> Vec<usize> {
    if lines.len() <= BANDS {
        return lines.iter().map(|line| line.place).collect();
    }
    let methods = contestants(report);
    methods.iter().filter(|one| one.is_leader || one.is_reference).map(|one| one.place).collect()
}

/// The number and the name of each line beside its end; on a narrow screen the number alone.
fn names(plot: &Plot, lines: &[Line<'_>], methods: &[Contestant]) -> String {
    let mut ends: Vec<(f64, &Contestant)> = lines
        .iter()
        .filter_map(|line| Some((plot.end(*line)?.1, &methods[line.place - 1])))
        .collect();
    ends.sort_by(|a, b| a.0.total_cmp(&b.0));
    let heights: Vec<f64> = ends.iter().map(|(height, _)| *height).collect();
    let mut svg = String::new();
    for ((_, one), y) in ends.iter().zip(chart::spread(&heights, 16.0, BOTTOM)) {
        let class = if one.is_leader { "name winner" } else { "name" };
        let _ = writeln!(
            svg,
            "<text class=\"{class}\" x=\"100%\" dx=\"12\" y=\"{:.1}\">{}<tspan class=\"spare\"> {}</tspan></text>",
            y + 4.0,
            one.place,
            format::escaped(&short(&one.name))
        );
    }
    svg
}

/// A name in the letters that the margin has room for.
fn short(name: &str) -> String {
    const ROOM: usize = 20;
    match name.char_indices().nth(ROOM) {
        None => name.to_owned(),
        Some(_) => name.chars().take(ROOM - 1).chain(['…']).collect(),
    }
}

fn legend(report: &ComparisonReport, split: Split, methods: &[Contestant]) -> Vec<Key> {
    let key = |one: &Contestant| {
        let line = format!(
            "<line class=\"curve {}\" x1=\"0\" x2=\"28\" y1=\"10\" y2=\"10\"/>",
            marks::class(one.place)
        );
        let reference = if one.is_reference { " (reference)" } else { "" };
        let mark = line + &marks::mark(one.place, "14", 10.0);
        let svg = format!("<svg width=\"28\" height=\"20\" aria-hidden=\"true\">{mark}</svg>");
        let meaning = format!("{} {}{reference}", one.place, one.name);
        Key { mark: Html::new(svg), meaning }
    };
    let points = |one: &Contestant| split.of_method(&report.methods[one.index]);
    let is_drawn = |one: &&Contestant| points(one).iter().any(|point| point.mean.is_some());
    methods.iter().filter(is_drawn).map(key).collect()
}

fn lead(report: &ComparisonReport, split: Split, lines: &[Line<'_>]) -> String {
    let tasks = format::counted(report.tasks.len(), "task");
    let has_band = lines.iter().any(|line| line.points.iter().any(|point| point.low.is_some()));
    let bands = match (has_band, lines.len() > BANDS) {
        _ if lines.is_empty() => return "No search has a score yet.".to_owned(),
        (false, _) => "One seed a task gives no band.",
        (true, false) => "Bands are of 95\u{a0}%, over seeds.",
        (true, true) => {
            "The bands, of 95\u{a0}% over seeds, are of the first and of the reference."
        }
    };
    format!(
        "The {} score of the best instruction so far, mean of {tasks} and all seeds. A line begins where \
         every study has a score. {bands}{}",
        split.name(),
        if matches!(split, Split::Dev) && is_raced(report) { OF_FEW_ROWS } else { "" }
    )
}

/// What is told of dev scores where a method races.
const OF_FEW_ROWS: &str =
    " A method that races scores an instruction on few rows first: an early rise is partly luck.";

/// Whether a search held something for the best on fewer rows than it had in the end.
fn is_raced(report: &ComparisonReport) -> bool {
    let is_raced = |run: &CellRun| {
        let most = run.course.iter().map(|moment| moment.rows).max();
        run.course.iter().any(|moment| Some(moment.rows) < most)
    };
    report.studies.iter().any(is_raced)
}

/// The charts of the tasks, all on one scale.
fn panels(report: &ComparisonReport, split: Split) -> Vec<Panel> {
    let methods = contestants(report);
    let of_task = |task: usize| lines(&methods, |index| curve(report, split, task, index));
    let all: Vec<Vec<Line<'_>>> = (0..report.tasks.len()).map(of_task).collect();
    let range = range(all.iter().flat_map(|lines| extent(lines)));
    let plot = Plot::new((10.0, 130.0), most(report), range);
    let panel = |(task, lines): (usize, &Vec<Line<'_>>)| Panel {
        task: format::visible(&report.tasks[task].task),
        svg: svg(&plot, split, task, lines, report),
    };
    let drawn = all.iter().enumerate().filter(|(_, lines)| !lines.is_empty());
    drawn.map(panel).collect()
}

fn curve(report: &ComparisonReport, split: Split, task: usize, method: usize) -> &[CurvePoint] {
    report.tasks[task].cells[method].as_ref().map_or(&[], |cell| split.of_cell(cell))
}

fn svg(
    plot: &Plot,
    split: Split,
    task: usize,
    lines: &[Line<'_>],
    report: &ComparisonReport,
) -> Html {
    let most = plot.calls.ticks().last().copied().unwrap_or(1.0);
    let ends: String = lines
        .iter()
        .rev()
        .filter_map(|line| Some((line.place, plot.end(*line)?)))
        .map(|(place, (x, y))| marks::mark(place, &format!("{x:.2}%"), y))
        .collect();
    let bands = lines.iter().filter(|line| banded(report, lines).contains(&line.place));
    let bands: String = bands.map(|line| plot.band(*line)).collect();
    let curves: String = lines.iter().rev().map(|line| plot.curve(*line)).collect();
    let body = plot.score_axis()
        + &plot.calls_axis(&[0.0, most])
        + &plot.stretched(&(bands + &curves))
        + &ends;
    let name = format::escaped(&report.tasks[task].task);
    Html::new(format!(
        "<svg class=\"plot\" width=\"100%\" height=\"154\" role=\"img\"><title>{} over calls to the target: \
         {name}</title>\n{body}</svg>",
        split.curve()
    ))
}
