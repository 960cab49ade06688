//! Every trial as a point: its score against its number.

use std::fmt::Write;

use motjuste::history::TrialState;
use motjuste::report::{Report, TrialLine};

use crate::chart::{self, BOTTOM, Chart, Key, Scale, tooltip};
use crate::format;

/// What a trial was, and so how it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    New,
    Repeat,
    Partial,
    Pruned,
    Failed,
}

/// In the order of drawing: what matters more lies on top.
const KINDS: [Kind; 5] = [Kind::Failed, Kind::Pruned, Kind::Partial, Kind::Repeat, Kind::New];

impl Kind {
    fn of(trial: &TrialLine) -> Self {
        match trial.state {
            TrialState::Pruned => Self::Pruned,
            TrialState::Partial => Self::Partial,
            TrialState::Complete if trial.repeats.is_some() => Self::Repeat,
            TrialState::Complete if trial.score.is_some() => Self::New,
            _ => Self::Failed,
        }
    }

    fn meaning(self) -> &'static str {
        match self {
            Self::New => "new instruction",
            Self::Repeat => "repeated instruction",
            Self::Partial => "scored on some examples",
            Self::Pruned => "pruned, on the examples it was scored on",
            Self::Failed => "failed, without a score",
        }
    }

    /// The mark at (`x`, `y`), lengths with their units.
    fn mark(self, x: &str, y: f64, size: f64, inside: &str) -> String {
        match self {
            Self::New => circle("new", x, y, size, inside),
            Self::Repeat => circle("repeat", x, y, size, inside),
            Self::Partial => path_at(x, y, "in-part", "M-3.5 -3.5H3.5V3.5H-3.5Z", inside),
            Self::Pruned => path_at(x, y, "pruned", "M-4.5 -3.5H4.5L0 4.5Z", inside),
            Self::Failed => path_at(x, y, "failed", "M-4 -4L4 4M-4 4L4 -4", inside),
        }
    }
}

fn circle(class: &str, x: &str, y: f64, size: f64, inside: &str) -> String {
    format!("<circle class=\"{class}\" cx=\"{x}\" cy=\"{y:.1}\" r=\"{size}\">{inside}</circle>")
}

/// A path with its origin at (`x`, `y`): paths know no percentages, nested drawings do.
fn path_at(x: &str, y: f64, class: &str, path: &str, inside: &str) -> String {
    format!(
        "<svg class=\"point\" x=\"{x}\" y=\"{y:.1}\"><path class=\"{class}\" d=\"{path}\">\
         {inside}</path></svg>"
    )
}

/// The chart.
pub(super) fn draw(report: &Report, trials: &[TrialLine]) -> Chart {
    let (lead, legend) = (lead(trials), legend(report, trials));
    let (Some(first), Some(last)) = (trials.first(), trials.last()) else {
        return Chart { lead, legend: Vec::new(), svg: None };
    };
    let across = Scale::across(first.trial as f64 - 0.5, last.trial as f64 + 0.5);
    let mut body = chart::score_axis("dev score") + &chart::count_axis(across, "trial");
    for kind in KINDS {
        let of_kind = trials.iter().filter(|trial| Kind::of(trial) == kind);
        of_kind.for_each(|trial| body.push_str(&point(trial, across, size(kind, trials.len()))));
    }
    if let Some(winner) = winner(report, trials) {
        let (x, y) = position(winner, across);
        let _ = writeln!(body, "{}", circle("ring", &x, y, 9.0, &tooltip(&label(winner))));
    }
    let name = "The dev score of every trial, in order";
    Chart { svg: Some(chart::svg("trials", name, &lead, &body)), lead, legend }
}

fn lead(trials: &[TrialLine]) -> String {
    let number = |kind| trials.iter().filter(|trial| Kind::of(trial) == kind).count();
    let is_raced = number(Kind::Partial) + number(Kind::Pruned) > 0;
    let new = match is_raced {
        false => (Kind::New, "tried a new instruction", "tried new instructions"),
        true => (Kind::New, "was scored on all examples", "were scored on all examples"),
    };
    let mut parts = Vec::new();
    for (kind, one, many) in [
        new,
        (Kind::Repeat, "repeated an earlier one", "repeated earlier ones"),
        (Kind::Partial, "was scored on some examples", "were scored on some examples"),
        (Kind::Pruned, "was pruned", "were pruned"),
        (Kind::Failed, "failed", "failed"),
    ] {
        match number(kind) {
            0 => {}
            1 => parts.push(format!("1 {one}")),
            n => parts.push(format!("{} {many}", format::count(n as u64))),
        }
    }
    match trials.len() {
        0 => "No trial has been evaluated.".to_owned(),
        n => format!("Of {}, {}.", format::counted(n, "trial"), parts.join(", ")),
    }
}

fn legend(report: &Report, trials: &[TrialLine]) -> Vec<Key> {
    let has = |kind: &Kind| trials.iter().any(|trial| Kind::of(trial) == *kind);
    let kinds = KINDS.iter().rev().filter(|kind| has(kind));
    let mut keys: Vec<Key> = kinds
        .map(|kind| {
            chart::key(&kind.mark("10", 10.0, size(*kind, trials.len()), ""), kind.meaning())
        })
        .collect();
    if winner(report, trials).is_some() {
        let mark = circle("new", "10", 10.0, 3.5, "") + &circle("ring", "10", 10.0, 8.0, "");
        keys.push(chart::key(&mark, "the chosen instruction, where it first came up"));
    }
    keys
}

/// The first complete trial of the winning instruction.
pub(super) fn winner<'a>(report: &Report, trials: &'a [TrialLine]) -> Option<&'a TrialLine> {
    let instruction = report.instruction.as_ref()?;
    let is_winner = |trial: &&TrialLine| {
        trial.state == TrialState::Complete && trial.instruction == *instruction
    };
    trials.iter().find(is_winner)
}

/// The radius of a round mark: smaller where there are many.
fn size(kind: Kind, trials: usize) -> f64 {
    match (kind, trials) {
        (Kind::Repeat, 0..400) => 3.0,
        (Kind::Repeat, _) => 2.0,
        (_, 0..400) => 4.0,
        _ => 2.8,
    }
}

fn position(trial: &TrialLine, across: Scale) -> (String, f64) {
    let y = match (Kind::of(trial), trial.score) {
        (Kind::Failed, _) | (_, None) => BOTTOM,
        (_, Some(score)) => Scale::score().at(score),
    };
    (format!("{:.2}%", across.at(trial.trial as f64)), y)
}

fn point(trial: &TrialLine, across: Scale, size: f64) -> String {
    let (x, y) = position(trial, across);
    Kind::of(trial).mark(&x, y, size, &tooltip(&label(trial))) + "\n"
}

/// What the pointer shows.
fn label(trial: &TrialLine) -> String {
    let scored = match (trial.state, trial.score) {
        (TrialState::Pruned, Some(score)) => format!(
            "pruned at {} on {}",
            format::score(score),
            format::counted(trial.per_example.len(), "example")
        ),
        (TrialState::Partial, Some(score)) => format!(
            "{} on {}",
            format::score(score),
            format::counted(trial.per_example.len(), "example")
        ),
        (TrialState::Complete, Some(score)) => format::score(score),
        _ => "failed".to_owned(),
    };
    let repeats = trial.repeats.map_or(String::new(), |first| format!(", repeats trial {first}"));
    format!(
        "trial {}, step {}: {scored}{repeats}. {}",
        trial.trial,
        trial.step,
        format::brief(&trial.instruction)
    )
}
