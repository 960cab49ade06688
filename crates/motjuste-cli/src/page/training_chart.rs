//! The training score over the steps of OPRO, beside what was scored on held-out examples.

use std::fmt::Write;

use motjuste::interval::Difference;
use motjuste::report::{Baseline, Report, TrialLine};
use motjuste::trial::TrialState;

use super::chart::{self, Chart, Scale, tooltip};
use super::headline::named;
use super::{format, trials_chart};

/// The chart: every new instruction at its step, the start at 0.
pub(super) fn draw(report: &Report, trials: &[TrialLine], steps: usize) -> Chart {
    let lead = lead(report, trials, steps);
    let scored = scored(trials);
    let across = Scale::across(0.0, steps.max(1) as f64);
    let up = Scale::score();
    let mut svg = chart::score_axis("score") + &chart::count_axis(across, "step");
    for (trial, score) in &scored {
        let said = format!(
            "step {}: {}. {}",
            trial.round,
            format::score(*score),
            format::brief(&trial.instruction)
        );
        let place = (across.at(trial.round as f64), up.at(*score));
        let _ = writeln!(svg, "{}", chart::circle("new", place, 2.8, &tooltip(&said)));
    }
    let best = bests(&scored);
    let places = best.iter().map(|(step, score)| (across.at(*step as f64), up.at(*score)));
    svg += &chart::staircase("best", &places.collect::<Vec<_>>());
    svg += &held_out(report, best.last().map(|(_, score)| *score));
    let name = "Training scores by step, and held-out scores";
    let svg = (!scored.is_empty()).then(|| chart::frame("training", name, &lead, &svg));
    Chart { lead, legend: Vec::new(), svg }
}

/// The complete trials of new instructions with their dev scores.
fn scored(trials: &[TrialLine]) -> Vec<(&TrialLine, f64)> {
    let new = trials.iter().filter(|trial| trial.repeats.is_none());
    let complete = new.filter(|trial| trial.state == TrialState::Complete);
    complete.filter_map(|trial| Some((trial, trial.score?))).collect()
}

/// The steps at which the best score rose, and to what.
fn bests(scored: &[(&TrialLine, f64)]) -> Vec<(usize, f64)> {
    let mut bests: Vec<(usize, f64)> = Vec::new();
    for (trial, score) in scored {
        match bests.last_mut() {
            Some((_, best)) if score <= best => {}
            Some((step, best)) if *step == trial.round => *best = *score,
            _ => bests.push((trial.round, *score)),
        }
    }
    bests
}

/// The held-out scores as dashed lines, and every line's name in the right margin.
fn held_out(report: &Report, best: Option<f64>) -> String {
    let height = |score: f64| Scale::score().at(score);
    let winner = report.test.map(|test| ("winner", test.score));
    let baselines = report.baselines.iter().flat_map(named);
    let baselines = baselines.map(|(name, baseline)| (name, baseline.test.score));
    let (mut svg, mut names) = (String::new(), Vec::new());
    if let Some(best) = best {
        names.push((
            "name winner",
            height(best),
            format!("training, best {}", format::score(best)),
        ));
    }
    for (name, score) in winner.into_iter().chain(baselines) {
        let y = height(score);
        svg += &chart::line("reference", (0.0, y), (100.0, y));
        names.push(("name", y, format!("held-out, {name} {}", format::score(score))));
    }
    svg + &chart::margin(names)
}

fn lead(report: &Report, trials: &[TrialLine], steps: usize) -> String {
    let scored = scored(trials);
    let bests = bests(&scored);
    let (Some((first, start)), Some((step, best))) = (bests.first(), bests.last()) else {
        return "No instruction has a score yet.".to_owned();
    };
    let examples = report.dev.map_or(0, |dev| dev.n);
    let on = format!("on {}", format::counted(examples, "dev example"));
    match first == step {
        true => format!("The training score stayed at {}, {on}.", format::score(*best)),
        false => format!(
            "The training score rose from {} to {} in step {step} of {steps}, {on}.",
            format::score(*start),
            format::score(*best)
        ),
    }
}

/// What the held-out scores say about the rise, in plain words.
pub(super) fn gain(report: &Report, trials: &[TrialLine]) -> Option<String> {
    let (dev, test) = (report.dev?, report.test?);
    let (name, other) = strongest(report)?;
    let trained = format::signed(dev.score - other.dev.score);
    let held_out = Difference::of(&test, &other.test);
    let ends = (format::signed(held_out.low), format::signed(held_out.high));
    let meaning = if held_out.is_above() {
        "It lies above zero: the winner is better on examples that the search never saw.".to_owned()
    } else if held_out.is_below() {
        "It lies below zero: on examples that the search never saw the winner is worse.".to_owned()
    } else {
        format!(
            "It includes zero: no gain is shown on examples that the search never saw. The winner was \
             chosen as the best of {} on the dev examples, and the highest of many scores is partly luck.",
            format::counted(scored(trials).len(), "instruction")
        )
    };
    Some(format!(
        "The winner differs from the {name} instruction, the stronger of Manual and Empty on held-out \
         examples, by {trained} in training score and by {} held out; the 95\u{a0}% interval of the \
         held-out difference is {} to {}. {meaning}",
        format::signed(held_out.value),
        ends.0,
        ends.1
    ))
}

/// The baseline that needs no search and scores best on the test examples.
fn strongest(report: &Report) -> Option<(&'static str, &Baseline)> {
    let baselines = report.baselines.as_ref()?;
    let simple = [("Manual", &baselines.manual), ("Empty", &baselines.empty)];
    let others = simple
        .into_iter()
        .filter(|(_, baseline)| Some(&baseline.instruction) != report.instruction.as_ref());
    others.max_by(|a, b| a.1.test.score.total_cmp(&b.1.test.score))
}

/// The step that the winner came up in.
pub(super) fn winning_step(report: &Report, trials: &[TrialLine]) -> Option<usize> {
    trials_chart::winner(report, trials).map(|trial| trial.round)
}
