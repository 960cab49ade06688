//! Trials that are scored on a growing part of the dev rows, as the arms of a race.

use rand::seq::SliceRandom;

use super::decoded::lasting_stream;
use crate::history::{Evaluation, History, Job, Rows, Trial, TrialState};

/// Rows of the dev split that a method of growing trials goes over, unless told otherwise: as many as `motjuste` races
/// over.
pub(super) const ROWS: usize = 100;

/// A trial that has begun, with the dev rows in the order in which it is scored on them.
pub(super) struct Arm<'a> {
    trial: &'a Trial,
    evaluation: &'a Evaluation,
    rows: Vec<usize>,
}

/// The dev rows of a study in an order of this name, the same in every step.
pub(super) fn order(history: &History, name: &str) -> Vec<usize> {
    let mut rows = history.rows().to_vec();
    rows.shuffle(&mut lasting_stream(history, name, false));
    rows
}

impl<'a> Arm<'a> {
    /// The arm of a trial, unless it waits for its first score.
    pub(super) fn of(trial: &'a Trial, rows: Vec<usize>) -> Option<Self> {
        Some(Self { trial, evaluation: trial.evaluation.as_ref()?, rows })
    }

    /// The trial's number.
    pub(super) fn id(&self) -> usize {
        self.trial.id
    }

    /// The candidate's number.
    pub(super) fn candidate(&self) -> usize {
        self.trial.candidate
    }

    /// Whether rows are lacking, and it is not given up.
    pub(super) fn is_partial(&self) -> bool {
        self.trial.state == TrialState::Partial
    }

    /// Whether it may get rows.
    pub(super) fn is_open(&self) -> bool {
        self.trial.state != TrialState::Pruned
    }

    /// Whether its first so many rows are paid for.
    pub(super) fn has(&self, rows: usize) -> bool {
        self.rows[..rows].iter().all(|row| self.score(*row).is_some())
    }

    /// The score of a row, if it was paid for; it may be missing.
    fn score(&self, row: usize) -> Option<Option<f64>> {
        let examples = &self.evaluation.per_example;
        let index = examples.binary_search_by_key(&row, |example| example.example).ok()?;
        Some(examples[index].score)
    }

    /// The mean score of its first so many rows; below every other where all are missing.
    pub(super) fn mean(&self, rows: usize) -> f64 {
        let scores = self.rows[..rows].iter().filter_map(|row| self.score(*row).flatten());
        let (sum, count) = scores.fold((0.0, 0.0), |(sum, count), it| (sum + it, count + 1.0));
        if count > 0.0 { sum / count } else { f64::NEG_INFINITY }
    }

    /// What brings it to so many rows.
    pub(super) fn job(&self, rows: usize) -> Job {
        Job { candidate: self.trial.candidate, rows: Rows::These(self.rows[..rows].to_vec()) }
    }
}
