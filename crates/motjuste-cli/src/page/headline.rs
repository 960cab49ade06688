//! The winning instruction, what it scored on held-out examples, and whether that means anything.

use minijinja::Value;
use motjuste::interval::{Difference, Estimate};
use motjuste::report::{Baseline, Baselines, Report};
use serde::Serialize;

use super::{format, range_plot};

/// How much of the instruction stands above the fold, in characters: the proof must be in sight.
const FOLD: usize = 1200;

/// The top of the page.
#[derive(Debug, Serialize)]
pub(super) struct Headline {
    /// The winning instruction.
    instruction: Option<Value>,
    /// How large it is set: long texts smaller.
    size: &'static str,
    /// What the held-out score says, in one sentence.
    verdict: String,
    /// What the instruction was chosen for.
    chosen_for: Option<String>,
    /// The winner's held-out score.
    test: Option<TestScore>,
    /// The winner and the baselines side by side.
    rows: Vec<Row>,
    axis: Value,
}

#[derive(Debug, Serialize)]
struct TestScore {
    score: String,
    interval: String,
    n: String,
}

/// One instruction in the comparison.
#[derive(Debug, Serialize)]
struct Row {
    name: &'static str,
    is_winner: bool,
    instruction: Option<Value>,
    plot: Value,
    score: String,
    interval: String,
    /// By how much the winner is ahead of it.
    ahead: Option<String>,
}

impl Headline {
    pub(super) fn of(report: &Report) -> Self {
        let instruction = report.instruction.as_deref();
        Self {
            instruction: instruction.map(|text| format::folded(text, FOLD)),
            size: instruction.map_or("short", size),
            verdict: verdict(report),
            chosen_for: report.dev.map(|dev| {
                let examples = format::counted(dev.n, "example");
                format!("{} on {examples}", format::score(dev.score))
            }),
            test: report.test.as_ref().map(|test| TestScore {
                score: format::score(test.score),
                interval: format::interval(test.low, test.high),
                n: format::counted(test.n, "held-out example"),
            }),
            rows: rows(report),
            axis: range_plot::axis(),
        }
    }
}

fn size(instruction: &str) -> &'static str {
    // A line break takes as much room as a line.
    let length = instruction.chars().count() + 60 * instruction.matches('\n').count();
    match length {
        0..=90 => "short",
        91..=280 => "medium",
        281..=900 => "long",
        _ => "very-long",
    }
}

/// The one sentence that says what the numbers say, and no more.
pub(crate) fn verdict(report: &Report) -> String {
    let ended = report.stop_reason.is_some();
    match (&report.instruction, &report.test, &report.baselines) {
        (None, ..) if ended => "The search ended before any trial was complete.".to_owned(),
        (None, ..) => "No trial is complete yet.".to_owned(),
        (Some(instruction), Some(test), Some(baselines)) => {
            against_manual(instruction, test, &baselines.manual)
        }
        _ if ended => "Not scored on held-out examples yet: nothing is proven so far.".to_owned(),
        _ => "The best so far: the search has not ended, and nothing is proven yet.".to_owned(),
    }
}

fn against_manual(instruction: &str, test: &Estimate, manual: &Baseline) -> String {
    if instruction == manual.instruction {
        return "The search chose the Manual instruction itself.".to_owned();
    }
    let examples = format::counted(test.n, "held-out example");
    let difference = Difference::of(test, &manual.test);
    let ends = format!("{} to {}", format::signed(difference.low), format::signed(difference.high));
    let by = format::score(difference.value.abs());
    let compared = if difference.is_above() {
        format!("Better than the Manual instruction, by {by} on {examples}")
    } else if difference.is_below() {
        format!("Worse than the Manual instruction, by {by} on {examples}")
    } else {
        format!("Not distinguishable from the Manual instruction on {examples}")
    };
    format!("{compared}; the 95\u{a0}% interval of the difference is {ends}.")
}

fn rows(report: &Report) -> Vec<Row> {
    let winner = report.test.as_ref();
    let Some(baselines) = &report.baselines else { return Vec::new() };
    let own = winner.map(|test| Row {
        is_winner: true,
        instruction: None,
        ..Row::of("This instruction", test, None)
    });
    let others = named(baselines).map(|(name, baseline)| Row {
        instruction: (name != "Empty").then(|| format::text(&baseline.instruction)),
        ..Row::of(name, &baseline.test, winner)
    });
    own.into_iter().chain(others).collect()
}

/// The baselines by name.
pub(super) fn named(baselines: &Baselines) -> impl Iterator<Item = (&'static str, &Baseline)> {
    let uniform = baselines.uniform.iter().map(|uniform| ("Uniform", uniform));
    uniform.chain([("Manual", &baselines.manual), ("Empty", &baselines.empty)])
}

impl Row {
    fn of(name: &'static str, test: &Estimate, winner: Option<&Estimate>) -> Self {
        let ahead = winner.map(|winner| Difference::of(winner, test));
        Self {
            name,
            is_winner: false,
            instruction: None,
            plot: range_plot::row(name, test),
            score: format::score(test.score),
            interval: format::interval(test.low, test.high),
            ahead: ahead.map(|ahead| {
                let ends = (format::signed(ahead.low), format::signed(ahead.high));
                format!("{} ({} to {})", format::signed(ahead.value), ends.0, ends.1)
            }),
        }
    }
}
