//! Which instructions the model is shown, in which order, with which scores.

use std::collections::HashSet;

use rand::seq::SliceRandom;

use super::meta_prompt::Shown;
use super::score::{bucketize, rounded};
use super::settings::{OproConfig, Order, ScoreDisplay, Style};
use crate::Result;
use crate::history::History;
use crate::metric::Mode;
use crate::random::Stream;
use crate::trial::Evaluation;

/// An instruction with its evaluation.
pub(super) type Scored<'a> = (&'a str, &'a Evaluation);

/// Every distinct instruction with its first evaluation, in order of trial.
pub(super) fn scored(history: &History) -> Vec<Scored<'_>> {
    let mut seen = HashSet::new();
    let all =
        history.complete().map(|(trial, evaluation)| (trial.instruction.as_str(), evaluation));
    all.filter(|(instruction, _)| seen.insert(*instruction)).collect()
}

/// Ascending by score, earlier first among equals; the last `shown`; then those of the threshold.
///
/// If none reaches it, strict keeps the best one, and compat none.
pub(super) fn select<'a>(config: &OproConfig, history: &'a History) -> Vec<Scored<'a>> {
    let mut kept = scored(history);
    kept.sort_by(|(_, a), (_, b)| a.score.total_cmp(&b.score));
    if config.shown > 0 {
        kept.drain(..kept.len().saturating_sub(config.shown));
    }
    let best = kept.last().copied();
    kept.retain(|(_, evaluation)| evaluation.score >= config.threshold);
    if kept.is_empty() && config.mode == Mode::Strict {
        kept.extend(best);
    }
    kept
}

/// The instructions as they are shown.
pub(super) fn show(
    config: &OproConfig,
    mut selected: Vec<Scored<'_>>,
    stream: &mut Stream,
) -> Result<Vec<Shown>> {
    match config.order {
        Order::Ascending => {}
        Order::Descending => selected.reverse(),
        Order::Random => selected.shuffle(stream),
    }
    let shown = selected.into_iter().map(|(instruction, evaluation)| {
        let score = displayed(config, evaluation.score)?;
        Ok(Shown { instruction: instruction.to_owned(), score })
    });
    shown.collect()
}

fn displayed(config: &OproConfig, score: f64) -> Result<Option<String>> {
    let decimals = if config.style == Style::InstructionsOnly { 2 } else { 3 };
    Ok(match config.display {
        ScoreDisplay::Buckets(buckets) => Some(bucketize(score, buckets)?.to_string()),
        ScoreDisplay::Exact => Some(rounded(score, decimals)),
        ScoreDisplay::Hidden => None,
    })
}
