//! When a person's search has nothing left to gain on the dev rows.

use std::collections::BTreeMap;

use super::Study;
use crate::budget::StopReason;
use crate::history::History;
use crate::interval::mean_and_error;

/// So many other instructions have so many rows each before a search ends for lack of headroom.
const TRIED: usize = 10;
const ROWS: usize = 8;

/// A prompt that scores less is not given up on: a few instructions that do no better say little where most do badly.
const GOOD: f64 = 0.5;

/// A gain that is too small to search for.
const GAIN: f64 = 0.02;

/// The 90 % point of the standard normal distribution.
const Z: f64 = 1.281_551_565_544_6;

impl Study {
    /// Why a search that began with a prompt in use has nothing left to gain, if it has not: an instruction is right on
    /// every dev row, or many were tried and none promises to be better than the one in use.
    pub(super) fn nothing_to_gain(&self) -> Option<StopReason> {
        let history = &self.outcome.history;
        if history.start().is_empty() || self.ledger().budget().search_on {
            return None;
        }
        let reason = history.is_perfect().then_some(StopReason::Perfect);
        reason.or_else(|| has_none(history).then_some(StopReason::NoHeadroom))
    }
}

/// Whether the prompt in use scores 0.5 or more, and of ten other instructions or more that have eight rows or more, the 90 % upper bound of what each gains on the
/// prompt in use, pair by pair, is 0.02 at the most; and none that has fewer rows is ahead on those.
fn has_none(history: &History) -> bool {
    let Some(start) = history.start().first().and_then(|start| history.find(start)) else {
        return false;
    };
    if start.score().is_none_or(|score| score < GOOD) {
        return false;
    }
    let known = start.scores();
    let others = history.trials().iter().filter(|trial| trial.repeats.is_none());
    let gaps: Vec<Vec<f64>> = others
        .filter(|trial| trial.id != start.id && trial.evaluation.is_some())
        .map(|trial| gaps(&trial.scores(), &known))
        .collect();
    let tried = gaps.iter().filter(|gaps| gaps.len() >= ROWS).count();
    tried >= TRIED && gaps.iter().all(|gaps| bound(gaps) <= GAIN)
}

fn gaps(these: &BTreeMap<usize, f64>, those: &BTreeMap<usize, f64>) -> Vec<f64> {
    these.iter().filter_map(|(row, score)| Some(score - those.get(row)?)).collect()
}

/// The upper bound of a mean gain; of few rows the mean itself.
fn bound(gaps: &[f64]) -> f64 {
    let (mean, error) = mean_and_error(gaps);
    if gaps.len() < ROWS { mean } else { mean + Z * error }
}
