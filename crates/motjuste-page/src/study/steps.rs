//! OPRO step by step: what the generator read, what it replied, and what was dropped.

use motjuste::Result;
use motjuste::history::Shown;
use motjuste::report::{ReplyLine, Report, StepLine, TrialLine};
use serde::Serialize;

use super::scores_by_step;
use crate::chart::Chart;
use crate::dropped::{self, DroppedReply};
use crate::format;
use crate::html::{Html, template};
use crate::table::{Column, Table};

/// How many steps are shown before the fold.
const SHOWN: usize = 10;
/// The longest study whose steps are all shown in full.
const ALL_IN_FULL: usize = 10;

/// The meta-prompt of a step, as the generator read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetaPromptText {
    /// The step's number.
    pub step: usize,
    /// What the generator read.
    pub text: String,
}

/// The steps whose meta-prompts the page shows: all of a short study; of others the first, the last,
/// and the one that the winner came up in.
pub(super) fn shown_in_full(
    report: &Report,
    trials: &[TrialLine],
    steps: &[StepLine],
) -> Vec<usize> {
    let winner = scores_by_step::winning_step(report, trials);
    let ends = [steps.first(), steps.last()].map(|step| step.map(|step| step.step));
    let shown = steps.iter().map(|step| step.step);
    let is_shown = |step: &usize| {
        steps.len() <= ALL_IN_FULL || ends.contains(&Some(*step)) || winner == Some(*step)
    };
    shown.filter(is_shown).collect()
}

/// What the template is filled with.
#[derive(Debug, Serialize)]
struct Values {
    chart: Chart,
    /// What the test scores say about the rise.
    gain: Option<String>,
    parts: Vec<Part>,
    full: Vec<Full>,
    dropped_lead: String,
    dropped: Html,
}

/// Some of the steps, behind a fold or not.
#[derive(Debug, Serialize)]
struct Part {
    /// What is behind the fold; none when there is no fold.
    fold: Option<String>,
    table: Html,
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
    instruction: Html,
}

#[derive(Debug, Serialize)]
struct Reply {
    verdict: String,
    text: Html,
}

/// The page's part on the steps; none for a study without steps.
pub(super) fn section(
    report: &Report,
    trials: &[TrialLine],
    steps: &[StepLine],
    meta_prompts: &[MetaPromptText],
) -> Result<Option<Html>> {
    if steps.is_empty() {
        return Ok(None);
    }
    let winner = scores_by_step::winning_step(report, trials);
    let full = meta_prompts.iter().filter_map(|prompt| {
        let step = steps.iter().find(|step| step.step == prompt.step)?;
        Some(Full::of(step, prompt, winner == Some(step.step)))
    });
    let dropped = dropped_replies(steps);
    let values = Values {
        chart: scores_by_step::draw(report, trials, steps.len()),
        gain: scores_by_step::gain(report, trials),
        parts: parts(steps),
        full: full.collect(),
        dropped_lead: dropped_lead(dropped.len(), steps),
        dropped: dropped::table(&dropped)?,
    };
    template(include_str!("steps.html"), &values).map(Some)
}

fn parts(steps: &[StepLine]) -> Vec<Part> {
    let (shown, folded) = steps.split_at(SHOWN.min(steps.len()));
    let fold = format::counted(folded.len(), "more step");
    let parts = [(None, shown), (Some(fold), folded)].into_iter();
    let parts = parts.filter(|(_, steps)| !steps.is_empty());
    parts.map(|(fold, steps)| Part { fold, table: table(steps).to_html() }).collect()
}

fn table(steps: &[StepLine]) -> Table {
    let numbers = ["read", "new", "dropped", "best new", "best so far"].map(Column::number);
    let columns = std::iter::once(Column::text("step")).chain(numbers);
    Table::new("Steps", columns, steps.iter().map(row))
}

fn row(step: &StepLine) -> [String; 6] {
    let dropped = step.replies.iter().filter(|reply| reply.dropped.is_some()).count();
    let score = |score: Option<f64>| score.map_or("–".to_owned(), format::score);
    [
        step.step.to_string(),
        read(&step.trajectory),
        (step.replies.len() - dropped).to_string(),
        dropped.to_string(),
        score(step.best),
        score(step.best_so_far),
    ]
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
    fn of(step: &StepLine, prompt: &MetaPromptText, is_winner: bool) -> Self {
        let winner = if is_winner { ", which found the winner" } else { "" };
        Self {
            title: format!("Step {}{winner}", step.step),
            trajectory: step.trajectory.iter().map(Entry::of).collect(),
            meta_prompt: format::visible(&prompt.text),
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

fn dropped_replies(steps: &[StepLine]) -> Vec<DroppedReply> {
    let replies = steps.iter().flat_map(|step| step.replies.iter().map(move |reply| (step, reply)));
    let dropped = replies.filter_map(|(step, reply)| {
        let (origin, reason) = (format!("step {}", step.step), reply.dropped.clone()?);
        Some(DroppedReply { origin, reason, reply: reply.reply.clone() })
    });
    dropped.collect()
}

fn dropped_lead(dropped: usize, steps: &[StepLine]) -> String {
    let all = steps.iter().map(|step| step.replies.len()).sum();
    match dropped {
        0 => format!("None of {} was dropped.", format::counted(all, "reply")),
        _ => format!(
            "{} of {} gave no new instruction.",
            format::count(dropped as u64),
            format::counted(all, "reply")
        ),
    }
}
