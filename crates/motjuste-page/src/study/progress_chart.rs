//! The best dev score so far, over the target calls it took.

use std::fmt::Write;

use motjuste::history::TrialState;
use motjuste::report::{Baselines, Report, TrialLine};

use super::verdict::named;
use crate::chart::{self, Chart, Scale, tooltip};
use crate::format;

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
        chart::score_axis("dev score"),
        chart::count_axis(across, caption(report)),
        references(report.baselines.as_ref(), best),
        curve(&found, across),
    ];
    let name = "Best dev score so far over target calls";
    let svg = Some(chart::svg("progress", name, &lead, &body.concat()));
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
        [(at, score, _)] => {
            format!(
                "The first complete trial scored {} and stayed the best, in {all}{}.",
                format::score(*score),
                rest(calls, *at)
            )
        }
        [(_, first, _), .., (at, best, _)] => format!(
            "From {} to {}, reached after {} of {all}{}.",
            format::score(*first),
            format::score(*best),
            format::count(*at as u64),
            rest(calls, *at)
        ),
    }
}

/// What the calls after the best were good for, where they were many.
fn rest(calls: usize, at: usize) -> String {
    let more = calls.saturating_sub(at);
    match 2 * more > calls {
        true => format!("; the {} after it found nothing better", format::count(more as u64)),
        false => String::new(),
    }
}

/// The step curve, with a dot where a trial was better than all before it.
fn curve(found: &[(usize, f64, &TrialLine)], across: Scale) -> String {
    let position = |&(calls, score, _): &(usize, f64, &TrialLine)| {
        (across.at(calls as f64), Scale::score().at(score))
    };
    let positions: Vec<_> = found.iter().map(position).collect();
    let mut svg = chart::step_line("best", &positions);
    for (position, (calls, score, trial)) in positions.iter().zip(found) {
        let _ = writeln!(svg, "{}", dot(*position, *calls, *score, trial));
    }
    svg
}

fn dot(position: (f64, f64), calls: usize, score: f64, trial: &TrialLine) -> String {
    let label = format!(
        "{} after {}, trial {}: {}",
        format::score(score),
        format::counted(calls, "call"),
        trial.trial,
        format::brief(&trial.instruction)
    );
    chart::circle("best-dot", position, 4.0, &tooltip(&label))
}

/// The dev scores of the baselines as dashed lines, and every line's name in the right margin.
fn references(baselines: Option<&Baselines>, best: f64) -> String {
    let height = |score: f64| Scale::score().at(score);
    let name = |name: &str, score: f64| format!("{name} {}", format::score(score));
    let mut names = vec![("name winner", height(best), name("best", best))];
    let mut svg = String::new();
    for (baseline_name, baseline) in baselines.into_iter().flat_map(named) {
        let Some(score) = baseline.dev.map(|dev| dev.score) else { continue };
        let y = height(score);
        svg += &chart::line("reference", (0.0, y), (100.0, y));
        names.push(("name", y, name(baseline_name, score)));
    }
    svg + &chart::margin_labels(names)
}
