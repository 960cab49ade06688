//! Which instructions the model is shown, in which order, with which scores.

use std::collections::HashSet;

use rand::seq::SliceRandom;

use super::score::{bucketize, rounded};
use super::settings::{Opro, Order, ScoreDisplay};
use super::style::Style;
use crate::Result;
use crate::history::{Evaluation, History, Shown};
use crate::metric::Mode;
use crate::random::Stream;

/// An instruction with its evaluation.
#[derive(Clone, Copy)]
pub(super) struct Scored<'a> {
    pub instruction: &'a str,
    pub evaluation: &'a Evaluation,
    pub score: f64,
}

/// Every distinct instruction with its first evaluation, in order of trial.
pub(super) fn scored(history: &History) -> Vec<Scored<'_>> {
    let mut seen = HashSet::new();
    let all = history.complete().filter_map(|(trial, evaluation)| {
        let (instruction, score) = (trial.instruction.as_str(), evaluation.score?);
        Some(Scored { instruction, evaluation, score })
    });
    all.filter(|scored| seen.insert(scored.instruction)).collect()
}

/// Ascending by score, earlier first among equals; the last `shown`; then those of the threshold.
///
/// If none reaches it, strict keeps the best one, and compat none.
pub(super) fn select<'a>(config: &Opro, history: &'a History) -> Vec<Scored<'a>> {
    let mut kept = scored(history);
    kept.sort_by(|a, b| a.score.total_cmp(&b.score));
    if config.shown > 0 {
        kept.drain(..kept.len().saturating_sub(config.shown));
    }
    let best = kept.last().copied();
    kept.retain(|scored| scored.score >= config.threshold);
    if kept.is_empty() && config.mode == Mode::Strict {
        kept.extend(best);
    }
    kept
}

/// The instructions as they are shown.
pub(super) fn show(
    config: &Opro,
    mut selected: Vec<Scored<'_>>,
    stream: &mut Stream,
) -> Result<Vec<Shown>> {
    match config.order {
        Order::Ascending => {}
        Order::Descending => selected.reverse(),
        Order::Random => selected.shuffle(stream),
    }
    let shown = selected.into_iter().map(|Scored { instruction, score, .. }| {
        Ok(Shown { instruction: instruction.to_owned(), score: displayed(config, score)? })
    });
    shown.collect()
}

fn displayed(config: &Opro, score: f64) -> Result<Option<String>> {
    let decimals = if config.style == Style::InstructionsOnly { 2 } else { 3 };
    Ok(match config.display {
        ScoreDisplay::Buckets(buckets) => Some(bucketize(score, buckets)?.to_string()),
        ScoreDisplay::Exact => Some(rounded(score, decimals)),
        ScoreDisplay::Hidden => None,
    })
}
