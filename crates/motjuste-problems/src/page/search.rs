//! One search on the page.

use motjuste_page::chart::Chart;
use motjuste_page::dropped::DroppedReply;
use motjuste_page::format;
use serde::Serialize;

use crate::comparison::Comparison;
use crate::search::{Progress, Reading};
use crate::solver::{Counts, StopReason};

/// Searches from this one on are folded away.
pub(super) const OPEN: usize = 3;

/// One search.
#[derive(Debug, Serialize)]
pub(super) struct Search {
    pub name: String,
    pub is_open: bool,
    pub is_solved: bool,
    /// How it ended.
    pub outcome: String,
    /// The search in one sentence.
    pub lead: String,
    pub pictures: Vec<Picture>,
}

/// One drawing of a search.
#[derive(Debug, Serialize)]
pub(super) struct Picture {
    /// Whether it is a map, which is square, and no chart.
    pub is_map: bool,
    /// Whether a line of it has its name in the right margin.
    pub is_named: bool,
    pub chart: Chart,
}

pub(super) fn is_solved<P>(run: &Comparison<P>) -> bool {
    run.model.stop_reason.solving_step().is_some()
}

/// How a search ended, in words.
pub(super) fn outcome<P>(run: &Comparison<P>) -> String {
    let steps = format::counted(run.model.steps, "step");
    match run.model.stop_reason {
        StopReason::Solved { step } => format!("solved in step {}", format::count(step as u64)),
        StopReason::Steps => format!("not solved in {steps}"),
        StopReason::Budget(_) => format!("cut short by the budget after {steps}"),
    }
}

/// What became of a search's replies, in words.
pub(super) fn replies_in_words<P>(run: &Comparison<P>, point: &str) -> String {
    let Counts { total, new, duplicates, invalid, .. } = &run.model.replies;
    format!(
        "{}: {}, {} known, {} without one.",
        format::counted(*total, "reply"),
        format::counted(*new, &format!("new {point}")),
        format::count(*duplicates as u64),
        format::count(*invalid as u64)
    )
}

/// The replies of a search that named no point.
pub(super) fn dropped_replies<P>(
    name: &str,
    progress: &Progress<P>,
) -> impl Iterator<Item = DroppedReply> {
    let steps = progress.steps.iter().enumerate();
    let replies = steps.flat_map(|(step, replies)| {
        replies.replies.iter().map(move |(reply, reading)| (step + 1, reply, reading))
    });
    replies.filter_map(move |(step, reply, reading)| match reading {
        Reading::Invalid(reason) => Some(DroppedReply {
            origin: format!("{name}, step {step}"),
            reason: reason.clone(),
            reply: reply.clone(),
        }),
        Reading::New(_) | Reading::Duplicate(_) => None,
    })
}
