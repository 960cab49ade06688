//! Who leads a race, and who is behind.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Race, Rule};
use crate::history::{History, standings};
use crate::interval::mean_and_error;

/// Half of the scale of scores: less than this on a row is wrong.
const HALF: f64 = 0.5;

/// So many scores of the prior count among those of a row.
const DRAW: f64 = 2.0;

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
            || race.rule == Rule::Slack && is_given_up(own, &gaps, race)
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

    /// So many of these rows, for a first look.
    pub fn look(&self, rows: &[usize], count: usize) -> Vec<usize> {
        covering(&self.scores.values().collect::<Vec<_>>(), rows, count)
    }

    /// The mean score on each row.
    pub fn mean_scores(&self) -> HashMap<usize, f64> {
        let sums = Sums::of(self.scores.values()).of_rows.into_iter();
        sums.map(|(row, (sum, count))| (row, sum / count)).collect()
    }
}

/// So many of these rows, on which a racer that can do anything is soonest seen to: the one that is answered best,
/// then the one that is answered best by those that were wrong on it, and so on. A kind of instruction that is
/// right on other rows than the leader has its row among them, if it is known.
fn covering(trials: &[&BTreeMap<usize, f64>], rows: &[usize], count: usize) -> Vec<usize> {
    let all = Sums::of(trials.iter().copied());
    let mut chosen: Vec<usize> = Vec::new();
    while chosen.len() < count.min(rows.len()) {
        let is_wrong = |trial: &&BTreeMap<usize, f64>| {
            chosen.iter().all(|row| trial.get(row).is_some_and(|score| *score < HALF))
        };
        let left = Sums::of(trials.iter().copied().filter(is_wrong));
        let value = |row: usize| left.mean(row, all.mean(row, all.overall));
        let open = rows.iter().rev().filter(|row| !chosen.contains(row));
        chosen.extend(open.max_by(|a, b| value(**a).total_cmp(&value(**b))).copied());
    }
    chosen
}

/// The scores of some trials, row by row.
struct Sums {
    /// The sum of the scores on each row, and their number.
    of_rows: BTreeMap<usize, (f64, f64)>,
    /// The mean of all.
    overall: f64,
}

impl Sums {
    fn of<'a>(trials: impl Iterator<Item = &'a BTreeMap<usize, f64>>) -> Self {
        let mut of_rows: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
        let mut all = (0.0, 0.0);
        for (&row, &score) in trials.flatten() {
            let sum = of_rows.entry(row).or_default();
            *sum = (sum.0 + score, sum.1 + 1.0);
            all = (all.0 + score, all.1 + 1.0);
        }
        Self { of_rows, overall: all.0 / f64::max(all.1, 1.0) }
    }

    /// The mean score on a row, drawn towards a prior the more, the fewer have it.
    fn mean(&self, row: usize, prior: f64) -> f64 {
        let (sum, count) = self.of_rows.get(&row).copied().unwrap_or_default();
        (sum + DRAW * prior) / (count + DRAW)
    }
}

/// Whether a racer is given up for its scores and what they are above its rival's, row by row: after the first look if it
/// is right nowhere and its rival is somewhere, later if it is behind by more than the slack.
fn is_given_up(own: &BTreeMap<usize, f64>, gaps: &[f64], race: &Race) -> bool {
    if gaps.len() >= race.least {
        return is_behind(gaps, race.slack);
    }
    let was_looked_at = race.look > 0 && gaps.len() >= race.look;
    was_looked_at && own.values().all(|score| *score < HALF) && gaps.iter().any(|gap| *gap <= -HALF)
}

/// Whether the mean of these differences and so many of its standard errors are below 0.
fn is_behind(gaps: &[f64], slack: f64) -> bool {
    let (mean, error) = mean_and_error(gaps);
    mean + slack * error < 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores<const N: usize>(of: [f64; N]) -> BTreeMap<usize, f64> {
        of.into_iter().enumerate().collect()
    }

    #[test]
    fn a_look_covers_the_rows_of_those_who_are_right_elsewhere() {
        // Row 0 is the easiest; those who are wrong there are right on row 3.
        let right_on = [[1.0, 1.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]];
        let elsewhere = [[0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0]];
        let trials: Vec<_> = right_on.into_iter().chain(elsewhere).map(scores).collect();
        let trials: Vec<_> = trials.iter().collect();
        assert_eq!(covering(&trials, &[0, 1, 2, 3], 2), [0, 3]);
        assert_eq!(covering(&trials, &[0, 1, 2, 3], 1), [0]);
        assert_eq!(covering(&trials, &[2], 2), [2]);
        assert_eq!(covering(&[], &[4, 5], 1), [4]);
    }

    #[test]
    fn a_row_that_one_trial_alone_has_is_not_taken_for_the_easiest() {
        let few = BTreeMap::from([(1, 1.0)]);
        let many = BTreeMap::from([(0, 1.0), (2, 0.0)]);
        assert_eq!(covering(&[&few, &many, &many, &many], &[1, 2, 0], 1), [0]);
    }

    #[test]
    fn a_look_ends_who_is_right_nowhere_and_nobody_else() {
        let race = Race { look: 2, ..Race::default() };
        let given_up = |own, gaps: &[f64]| is_given_up(&own, gaps, &race);
        assert!(given_up(scores([0.0, 0.0]), &[-1.0, 0.0]));
        assert!(!given_up(scores([0.0, 1.0]), &[-1.0, 0.0]), "it is right somewhere");
        assert!(!given_up(scores([0.0, 0.0]), &[0.0, 0.0]), "the leader is no better");
        assert!(!given_up(scores([0.2, 0.3]), &[-0.1, -0.2]), "two small gaps say little");
        assert!(!given_up(scores([0.0]), &[-1.0]), "one row is no look");
        assert!(!is_given_up(
            &scores([0.0, 0.0]),
            &[-1.0, -1.0],
            &Race { look: 0, ..race.clone() }
        ));
        assert!(given_up(scores([0.0, 1.0, 0.0, 0.0]), &[-1.0, 0.0, -1.0, -1.0]));
    }
}
