//! Who leads a race, and who is behind.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Race, Rule};
use crate::history::{History, standings};
use crate::interval::mean_and_error;

/// The trials of a race with their scores.
pub(super) struct Board<'a> {
    history: &'a History,
    /// The scores of each trial by row.
    scores: BTreeMap<usize, BTreeMap<usize, f64>>,
    /// The trials, the most promising first.
    ranked: Vec<usize>,
}

impl<'a> Board<'a> {
    pub fn of(history: &'a History) -> Self {
        let mut standings = standings(history);
        standings.sort_by(|a, b| b.mean.total_cmp(&a.mean));
        let ranked: Vec<usize> = standings.iter().map(|standing| standing.trial).collect();
        let scores = ranked.iter().map(|&id| (id, history.trials()[id].scores())).collect();
        Self { history, scores, ranked }
    }

    /// The trials that run on, and those to be given up.
    pub fn judged(&self, race: &Race) -> (Vec<usize>, Vec<usize>) {
        let racers = self.history.partial().map(|trial| trial.id);
        racers.partition(|&trial| !self.is_beaten(trial, race))
    }

    /// Whether a trial is given up: compared with the most promising other that has all of its rows.
    fn is_beaten(&self, trial: usize, race: &Race) -> bool {
        let Some(own) = self.scores.get(&trial) else { return false };
        let has_all = |rival: &&BTreeMap<usize, f64>| own.keys().all(|row| rival.contains_key(row));
        let others = self.ranked.iter().filter(|other| **other != trial);
        let Some(rival) = others.filter_map(|other| self.scores.get(other)).find(has_all) else {
            return false;
        };
        let gaps: Vec<f64> = own.iter().map(|(row, score)| score - rival[row]).collect();
        self.is_out_of_reach(own, rival, &gaps)
            || race.rule == Rule::Slack && gaps.len() >= race.least && is_behind(&gaps, race.slack)
    }

    /// Whether the racer would be behind even if it had 1 on every row that it lacks. Only a rival with scores on
    /// all rows can say so.
    fn is_out_of_reach(
        &self,
        own: &BTreeMap<usize, f64>,
        rival: &BTreeMap<usize, f64>,
        gaps: &[f64],
    ) -> bool {
        let rows = self.history.rows();
        if !rows.iter().all(|row| rival.contains_key(row)) {
            return false;
        }
        let left = rows.iter().filter(|row| !own.contains_key(row));
        let most: f64 = left.map(|row| 1.0 - rival[row]).sum();
        gaps.iter().sum::<f64>() + most < 0.0
    }

    /// The rows that the most promising trial has.
    pub fn leaders_rows(&self) -> HashSet<usize> {
        let leader = self.ranked.first().map(|&leader| self.history.trials()[leader].rows());
        leader.unwrap_or_default().into_iter().collect()
    }

    /// The mean score on each row.
    pub fn mean_scores(&self) -> HashMap<usize, f64> {
        let mut sums: HashMap<usize, (f64, f64)> = HashMap::new();
        for (&row, &score) in self.scores.values().flatten() {
            let sum = sums.entry(row).or_default();
            *sum = (sum.0 + score, sum.1 + 1.0);
        }
        sums.into_iter().map(|(row, (sum, count))| (row, sum / count)).collect()
    }
}

/// Whether the mean of these differences and so many of its standard errors are below 0.
fn is_behind(gaps: &[f64], slack: f64) -> bool {
    let (mean, error) = mean_and_error(gaps);
    mean + slack * error < 0.0
}
