//! OPRO step by step: what the generator read, what it replied, and what was dropped.

use minijinja::Value;
use motjuste::optimizer::opro::Shown;
use motjuste::report::{ReplyLine, Report, StepLine, TrialLine};
use serde::Serialize;

use super::chart::Chart;
use super::dropped::{self, Refused};
use super::{format, training_chart};

/// How many steps are shown before the fold.
const SHOWN: usize = 10;
/// The longest study whose steps are all shown in full.
const ALL_IN_FULL: usize = 10;

/// A step's meta-prompt in words.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// The step's number.
    pub step: usize,
    /// What the generator read.
    pub text: String,
}

/// The steps whose meta-prompts the page shows: all of a short study; of others the first, the last,
/// and the one that the winner came up in.
pub(crate) fn in_full(report: &Report, trials: &[TrialLine], steps: &[StepLine]) -> Vec<usize> {
    let winner = training_chart::winning_step(report, trials);
    let ends = [steps.first(), steps.last()].map(|step| step.map(|step| step.step));
    let shown = steps.iter().map(|step| step.step);
    let is_shown = |step: &usize| {
        steps.len() <= ALL_IN_FULL || ends.contains(&Some(*step)) || winner == Some(*step)
    };
    shown.filter(is_shown).collect()
}

/// The page's part on the steps.
#[derive(Debug, Serialize)]
pub(super) struct Steps {
    training: Chart,
    /// What the held-out scores say about the rise.
    gain: Option<String>,
    parts: Vec<Part>,
    full: Vec<Full>,
    dropped_lead: String,
    dropped: Vec<dropped::Line>,
}

/// Some of the steps, behind a fold or not.
#[derive(Debug, Serialize)]
struct Part {
    /// What is behind the fold; none when there is no fold.
    fold: Option<String>,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    step: usize,
    read: String,
    new: usize,
    dropped: usize,
    best: String,
    best_so_far: String,
}

/// A step with all its words.
#[derive(Debug, Serialize)]
struct Full {
    title: String,
    trajectory: Vec<Entry>,
    meta_prompt: String,
    replies: Vec<Reply>,
}

/// An instruction of the trajectory.
#[derive(Debug, Serialize)]
struct Entry {
    score: String,
    instruction: Value,
}

#[derive(Debug, Serialize)]
struct Reply {
    verdict: String,
    text: Value,
}

impl Steps {
    /// None for a study without steps.
    pub(super) fn of(
        report: &Report,
        trials: &[TrialLine],
        steps: &[StepLine],
        asked: &[Asked],
    ) -> Option<Self> {
        if steps.is_empty() {
            return None;
        }
        let winner = training_chart::winning_step(report, trials);
        let full = asked.iter().filter_map(|asked| {
            let step = steps.iter().find(|step| step.step == asked.step)?;
            Some(Full::of(step, asked, winner == Some(step.step)))
        });
        let refused = refused(steps);
        Some(Self {
            training: training_chart::draw(report, trials, steps.len()),
            gain: training_chart::gain(report, trials),
            parts: parts(steps),
            full: full.collect(),
            dropped_lead: dropped_lead(refused.len(), steps),
            dropped: dropped::lines(&refused),
        })
    }
}

fn parts(steps: &[StepLine]) -> Vec<Part> {
    let (shown, folded) = steps.split_at(SHOWN.min(steps.len()));
    let rows = |steps: &[StepLine]| steps.iter().map(Row::of).collect();
    let fold = format::counted(folded.len(), "more step");
    let parts =
        [Part { fold: None, rows: rows(shown) }, Part { fold: Some(fold), rows: rows(folded) }];
    parts.into_iter().filter(|part| !part.rows.is_empty()).collect()
}

impl Row {
    fn of(step: &StepLine) -> Self {
        let dropped = step.replies.iter().filter(|reply| reply.dropped.is_some()).count();
        let score = |score: Option<f64>| score.map_or("–".to_owned(), format::score);
        Self {
            step: step.step,
            read: read(&step.trajectory),
            new: step.replies.len() - dropped,
            dropped,
            best: score(step.best),
            best_so_far: score(step.best_so_far),
        }
    }
}

/// How many instructions the generator read, and between which scores.
fn read(trajectory: &[Shown]) -> String {
    let number = format::counted(trajectory.len(), "instruction");
    let score = |shown: Option<&Shown>| shown.and_then(|shown| shown.score.clone());
    match (score(trajectory.first()), score(trajectory.last())) {
        (Some(first), Some(last)) if trajectory.len() > 1 => format!("{number}, {first} to {last}"),
        (Some(only), _) => format!("{number}, {only}"),
        _ => number,
    }
}

impl Full {
    fn of(step: &StepLine, asked: &Asked, is_winner: bool) -> Self {
        let winner = if is_winner { ", which found the winner" } else { "" };
        Self {
            title: format!("Step {}{winner}", step.step),
            trajectory: step.trajectory.iter().map(Entry::of).collect(),
            meta_prompt: format::visible(&asked.text),
            replies: step.replies.iter().map(Reply::of).collect(),
        }
    }
}

impl Entry {
    fn of(shown: &Shown) -> Self {
        let score = shown.score.clone().unwrap_or("hidden".to_owned());
        Self { score, instruction: format::text(&shown.instruction) }
    }
}

impl Reply {
    fn of(reply: &ReplyLine) -> Self {
        let verdict = match &reply.dropped {
            Some(reason) => format!("dropped: {reason}"),
            None => "new".to_owned(),
        };
        Self { verdict, text: format::text(&reply.reply) }
    }
}

fn refused(steps: &[StepLine]) -> Vec<Refused> {
    let replies = steps.iter().flat_map(|step| step.replies.iter().map(move |reply| (step, reply)));
    let refused = replies.filter_map(|(step, reply)| {
        let (place, reason) = (format!("step {}", step.step), reply.dropped.clone()?);
        Some(Refused { place, reason, reply: reply.reply.clone() })
    });
    refused.collect()
}

fn dropped_lead(refused: usize, steps: &[StepLine]) -> String {
    let all = steps.iter().map(|step| step.replies.len()).sum();
    match refused {
        0 => format!("None of {} was dropped.", format::counted(all, "reply")),
        _ => format!(
            "{} of {} gave no new instruction.",
            format::count(refused as u64),
            format::counted(all, "reply")
        ),
    }
}
