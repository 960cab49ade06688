//! The winning instruction, what it scored on the test examples, and whether that means anything.

use motjuste::interval::{Difference, Estimate};
use motjuste::report::Report;
use serde::Serialize;

use super::answers::words_of_rows;
use super::range_plot;
use super::verdict::{named, nothing_worked, verdict};
use crate::format;
use crate::html::Html;

/// How much of the instruction stands above the fold, in characters: the proof must be in sight.
const FOLD: usize = 1200;

/// The top of the page.
#[derive(Debug, Serialize)]
pub(super) struct Headline {
    task: String,
    /// The winning instruction.
    instruction: Option<Html>,
    /// How large it is set: long texts smaller.
    size: &'static str,
    /// What the test score says, in one sentence.
    verdict: String,
    /// What is above the instruction.
    title: &'static str,
    /// That the instruction copies a row, where it does.
    copied: Option<String>,
    /// What the instruction was chosen for.
    chosen_for: Option<String>,
    /// The winner's test score.
    test: Option<TestScore>,
    /// The winner and the baselines side by side.
    rows: Vec<Row>,
    axis: Html,
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
    instruction: Option<Html>,
    plot: Html,
    score: String,
    interval: String,
    /// The winner's score less its own, with the interval.
    difference: Option<String>,
}

impl Headline {
    pub(super) fn of(report: &Report) -> Self {
        let instruction = report.prompt.as_deref();
        let copied = report.copied.as_ref();
        Self {
            task: format::visible(&report.task),
            title: match (nothing_worked(report), report.keep_yours) {
                (Some(_), _) => "No instruction for",
                (None, true) => "Keep your prompt for",
                (None, false) => "The instruction for",
            },
            copied: copied.map(|words| {
                let words = words_of_rows(&format::visible(words), report.copied_rows);
                format!("It holds {words}.")
            }),
            instruction: instruction.map(|text| format::folded(text, FOLD)),
            size: match nothing_worked(report) {
                // What is no result is not set like one.
                Some(_) => "very-long",
                None => instruction.map_or("short", size),
            },
            verdict: verdict(report),
            chosen_for: report.dev.map(|dev| {
                let examples = format::counted(dev.n, "example");
                format!("{} on {examples}", format::score(dev.score))
            }),
            test: report.test.as_ref().map(|test| TestScore {
                score: format::score(test.score),
                interval: format::interval(test.low, test.high),
                n: format::counted(test.n, "test example"),
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

fn rows(report: &Report) -> Vec<Row> {
    let Some(baselines) = &report.baselines else { return Vec::new() };
    let winner = report.test.as_ref().map(|test| Row {
        is_winner: true,
        ..Row::of(if report.keep_yours { "Best found" } else { "This instruction" }, test)
    });
    let others = named(baselines).map(|(name, baseline)| Row {
        instruction: (name != "Empty").then(|| format::text(&baseline.instruction)),
        difference: baseline.difference.as_ref().map(with_interval),
        ..Row::of(name, &baseline.test)
    });
    winner.into_iter().chain(others).collect()
}

fn with_interval(difference: &Difference) -> String {
    let [value, low, high] =
        [difference.value, difference.low, difference.high].map(format::signed);
    format!("{value} ({low} to {high})")
}

impl Row {
    fn of(name: &'static str, test: &Estimate) -> Self {
        Self {
            name,
            is_winner: false,
            instruction: None,
            plot: range_plot::row(name, test),
            score: format::score(test.score),
            interval: format::interval(test.low, test.high),
            difference: None,
        }
    }
}
