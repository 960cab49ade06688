//! The best dev score so far, over the target calls it took.

use std::fmt::Write;

use motjuste::report::{Baselines, Report, TrialLine};
use motjuste::trial::TrialState;

use super::chart::{self, BOTTOM, Chart, Scale, tooltip};
use super::format;

/// Where the search stood after a trial that was paid for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step<'a> {
    /// Target calls up to and including this trial.
    pub calls: usize,
    /// The best complete trial so far, once there is one.
    pub best: Option<(f64, &'a TrialLine)>,
}

/// One step for every trial that cost target calls: a new instruction costs its dev examples, a
/// pruned one those that it was scored on, a repeated one nothing.
pub(super) fn steps(trials: &[TrialLine]) -> Vec<Step<'_>> {
    let mut so_far = Step { calls: 0, best: None };
    let paid = trials.iter().filter(|trial| trial.repeats.is_none());
    let step = |trial| {
        so_far = advance(so_far, trial);
        so_far
    };
    paid.map(step).collect()
}

fn advance<'a>(so_far: Step<'a>, trial: &'a TrialLine) -> Step<'a> {
    let score = trial.score.filter(|_| trial.state == TrialState::Complete);
    let best = match (so_far.best, score) {
        (Some((best, _)), Some(score)) if score > best => Some((score, trial)),
        (None, Some(score)) => Some((score, trial)),
        (best, _) => best,
    };
    Step { calls: so_far.calls + trial.per_example.len(), best }
}

/// The trials that were better than all before them, with the calls it took to know.
pub(super) fn improvements<'a>(steps: &[Step<'a>]) -> Vec<(usize, f64, &'a TrialLine)> {
    let mut found: Vec<(usize, f64, &TrialLine)> = Vec::new();
    for step in steps {
        let Some((score, trial)) = step.best else { continue };
        if found.last().is_none_or(|(_, best, _)| score > *best) {
            found.push((step.calls, score, trial));
        }
    }
    found
}

/// The chart.
pub(super) fn draw(report: &Report, trials: &[TrialLine]) -> Chart {
    let steps = steps(trials);
    let calls = steps.last().map_or(0, |step| step.calls);
    let found = improvements(&steps);
    let lead = lead(&found, calls);
    let Some(&(_, best, _)) = found.last() else {
        return Chart { lead, legend: Vec::new(), svg: None };
    };
    let across = Scale::across(0.0, calls as f64);
    let body = [
        chart::score_axis(),
        chart::count_axis(across, caption(report)),
        references(report.baselines.as_ref(), best),
        curve(&found, across),
    ];
    let name = "Best dev score so far over target calls";
    let svg = Some(chart::frame("progress", name, &lead, &body.concat()));
    Chart { lead, legend: Vec::new(), svg }
}

/// A trial does not tell which of its calls the cache answered, so the axis counts them all.
fn caption(report: &Report) -> &'static str {
    match report.ledger.target.cache_hits {
        0 => "target calls",
        _ => "target calls, cached ones included",
    }
}

fn lead(found: &[(usize, f64, &TrialLine)], calls: usize) -> String {
    let all = format::counted(calls, "target call");
    match found {
        [] => "No trial is complete, so there is no best score yet.".to_owned(),
        [(_, score, _)] => {
            format!(
                "The first complete trial scored {} and stayed the best, in {all}.",
                format::score(*score)
            )
        }
        [(_, first, _), .., (at, best, _)] => format!(
            "From {} to {}, reached after {} of {all}.",
            format::score(*first),
            format::score(*best),
            format::count(*at as u64)
        ),
    }
}

/// The step curve: level until a trial is better, then straight up, with a dot where it happened.
fn curve(found: &[(usize, f64, &TrialLine)], across: Scale) -> String {
    let mut svg = String::new();
    let until = found.iter().skip(1).map(|(calls, ..)| across.at(*calls as f64)).chain([100.0]);
    let mut below = BOTTOM;
    for (place, ((calls, score, _), end)) in found.iter().zip(until).enumerate() {
        let (x, y) = (across.at(*calls as f64), Scale::score().at(*score));
        if place > 0 {
            let _ = write!(svg, "{}", line("best", (x, below), (x, y)));
        }
        let _ = writeln!(svg, "{}", line("best", (x, y), (end, y)));
        below = y;
    }
    for (calls, score, trial) in found {
        let _ = writeln!(svg, "{}", dot(*calls, *score, trial, across));
    }
    svg
}

fn dot(calls: usize, score: f64, trial: &TrialLine, across: Scale) -> String {
    let said = format!(
        "{} after {}, trial {}: {}",
        format::score(score),
        format::counted(calls, "call"),
        trial.trial,
        format::brief(&trial.instruction)
    );
    format!(
        "<circle class=\"best-dot\" cx=\"{:.2}%\" cy=\"{:.1}\" r=\"4\">{}</circle>",
        across.at(calls as f64),
        Scale::score().at(score),
        tooltip(&said)
    )
}

fn line(class: &str, from: (f64, f64), to: (f64, f64)) -> String {
    let ((x1, y1), (x2, y2)) = (from, to);
    format!(
        "<line class=\"{class}\" x1=\"{x1:.2}%\" y1=\"{y1:.1}\" x2=\"{x2:.2}%\" y2=\"{y2:.1}\"/>"
    )
}

/// The dev scores of the baselines as dashed lines, and every line's name in the right margin.
fn references(baselines: Option<&Baselines>, best: f64) -> String {
    let mut named: Vec<(&str, &str, f64)> = vec![("best", "name winner", best)];
    if let Some(baselines) = baselines {
        let uniform = baselines.uniform.iter().map(|uniform| ("Uniform", uniform));
        let others = uniform.chain([("Manual", &baselines.manual), ("Empty", &baselines.empty)]);
        named.extend(others.map(|(name, baseline)| (name, "name", baseline.dev.score)));
    }
    named.sort_by(|a, b| b.2.total_cmp(&a.2));
    let heights: Vec<f64> = named.iter().map(|(.., score)| Scale::score().at(*score)).collect();
    let places = chart::spread(&heights, 16.0, BOTTOM);
    let mut svg = String::new();
    for (((name, class, score), y), place) in named.iter().zip(&heights).zip(places) {
        if *name != "best" {
            let _ = write!(svg, "{}", line("reference", (0.0, *y), (100.0, *y)));
        }
        let _ = writeln!(
            svg,
            "<text class=\"{class}\" x=\"100%\" dx=\"10\" y=\"{:.1}\">{name} {}</text>",
            place + 4.0,
            format::score(*score)
        );
    }
    svg
}
