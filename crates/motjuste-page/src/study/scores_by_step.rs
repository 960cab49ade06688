//! The dev score over the steps of OPRO, beside what was scored on the test examples.

use std::fmt::Write;

use motjuste::history::TrialState;
use motjuste::report::{Baseline, Report, TrialLine};

use super::trials_chart;
use super::verdict::named;
use crate::chart::{self, Chart, Scale, tooltip};
use crate::format;

/// The chart: every new instruction at its step, the start at 0.
pub(super) fn draw(report: &Report, trials: &[TrialLine], steps: usize) -> Chart {
    let lead = lead(report, trials, steps);
    let scored = scored(trials);
    let across = Scale::across(0.0, steps.max(1) as f64);
    let up = Scale::score();
    let mut svg = chart::score_axis("score") + &chart::count_axis(across, "step");
    for (trial, score) in &scored {
        let label = format!(
            "step {}: {}. {}",
            trial.step,
            format::score(*score),
            format::brief(&trial.instruction)
        );
        let position = (across.at(trial.step as f64), up.at(*score));
        let _ = writeln!(svg, "{}", chart::circle("new", position, 2.8, &tooltip(&label)));
    }
    let best = bests(&scored);
    let changes = best.iter().map(|(step, score)| (across.at(*step as f64), up.at(*score)));
    svg += &chart::step_line("best", &changes.collect::<Vec<_>>());
    svg += &test_lines(report, best.last().map(|(_, score)| *score));
    let name = "Dev scores by step, and test scores";
    let svg = (!scored.is_empty()).then(|| chart::svg("scores-by-step", name, &lead, &svg));
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
            Some((step, best)) if *step == trial.step => *best = *score,
            _ => bests.push((trial.step, *score)),
        }
    }
    bests
}

/// The test scores as dashed lines, and every line's name in the right margin.
fn test_lines(report: &Report, best: Option<f64>) -> String {
    let height = |score: f64| Scale::score().at(score);
    let winner = report.test.map(|test| ("winner", test.score));
    let baselines = report.baselines.iter().flat_map(named);
    let baselines = baselines.map(|(name, baseline)| (name, baseline.test.score));
    let (mut svg, mut names) = (String::new(), Vec::new());
    if let Some(best) = best {
        names.push(("name winner", height(best), format!("dev, best {}", format::score(best))));
    }
    for (name, score) in winner.into_iter().chain(baselines) {
        let y = height(score);
        svg += &chart::line("reference", (0.0, y), (100.0, y));
        names.push(("name", y, format!("test, {name} {}", format::score(score))));
    }
    svg + &chart::margin_labels(names)
}

fn lead(report: &Report, trials: &[TrialLine], steps: usize) -> String {
    let scored = scored(trials);
    let bests = bests(&scored);
    let (Some((first, start)), Some((step, best))) = (bests.first(), bests.last()) else {
        return "No instruction has a score yet.".to_owned();
    };
    let examples = report.dev.map_or(0, |dev| dev.n);
    let on = format!("on {}", format::counted(examples, "example"));
    match first == step {
        true => format!("The dev score stayed at {}, {on}.", format::score(*best)),
        false => format!(
            "The dev score rose from {} to {} in step {step} of {steps}, {on}.",
            format::score(*start),
            format::score(*best)
        ),
    }
}

/// What the test scores say about the rise, in plain words.
pub(super) fn gain(report: &Report, trials: &[TrialLine]) -> Option<String> {
    let dev = report.dev?;
    let (name, other) = strongest(report)?;
    let difference = other.difference?;
    let on_dev = format::signed(dev.score - other.dev?.score);
    let [on_test, low, high] =
        [difference.value, difference.low, difference.high].map(format::signed);
    let meaning = if difference.is_above() {
        "It lies above zero: the winner is better on examples that the search never saw.".to_owned()
    } else if difference.is_below() {
        "It lies below zero: on examples that the search never saw the winner is worse.".to_owned()
    } else {
        format!(
            "It includes zero: no gain is shown on examples that the search never saw. The winner was \
             chosen as the best of {} on the dev examples, and the highest of many scores is partly luck.",
            format::counted(scored(trials).len(), "instruction")
        )
    };
    Some(format!(
        "The winner differs from the {name} instruction, the stronger of Manual and Empty on the test \
         examples, by {on_dev} in dev score and by {on_test} in test score; the 95\u{a0}% interval of \
         the latter is {low} to {high}. {meaning}"
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
    trials_chart::winner(report, trials).map(|trial| trial.step)
}
