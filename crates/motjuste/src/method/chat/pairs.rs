//! Leaders that are right where another is wrong.

use std::collections::BTreeMap;

use crate::history::{ExampleScore, History, Trial};

/// Rows each way without which two instructions are not worth combining; so many of each are shown.
pub(super) const EACH_WAY: usize = 3;

/// A row tells two instructions apart where one scores this much more.
const GAP: f64 = 0.5;

/// Two instructions, the more promising first.
#[derive(Clone, Copy)]
pub(super) struct Pair<'a> {
    pub a: &'a Trial,
    pub b: &'a Trial,
}

impl<'a> Pair<'a> {
    /// Every two of these, the first two first.
    pub fn of(leaders: &[&'a Trial]) -> Vec<Self> {
        let behind = |place: usize| leaders.get(place + 1..).unwrap_or_default();
        let leaders = leaders.iter().enumerate();
        leaders.flat_map(|(place, a)| behind(place).iter().map(|b| Self { a, b })).collect()
    }

    /// The train rows that are told apart: those on which A is right and B is not, and the other way.
    pub fn told_apart(self, history: &History) -> (Vec<usize>, Vec<usize>) {
        apart(&examined(history, self.a), &examined(history, self.b))
    }

    /// Rows each way among the train rows that both were examined on.
    pub fn on_train(self, history: &History) -> usize {
        fewer(&self.told_apart(history))
    }

    /// Rows each way among the dev rows that both have: which no prompt shows.
    pub fn on_dev(self) -> usize {
        fewer(&apart(&self.a.scores(), &self.b.scores()))
    }
}

/// The first of the pairs with the highest value, if that is enough.
pub(super) fn most<'a>(
    pairs: impl Iterator<Item = Pair<'a>>,
    value: impl Fn(Pair<'a>) -> usize,
) -> Option<Pair<'a>> {
    let valued = pairs.map(|pair| (value(pair), pair)).filter(|(value, _)| *value >= EACH_WAY);
    let better = |best: (usize, Pair<'a>), other: (usize, Pair<'a>)| {
        if other.0 > best.0 { other } else { best }
    };
    valued.reduce(better).map(|(_, pair)| pair)
}

/// What a trial answered to a train row.
pub(super) fn answer<'a>(
    history: &'a History,
    trial: &Trial,
    row: usize,
) -> Option<&'a ExampleScore> {
    let all = &history.examined(trial.candidate)?.per_example;
    all.iter().find(|one| one.example == row)
}

fn examined(history: &History, trial: &Trial) -> BTreeMap<usize, f64> {
    let examined = history.examined(trial.candidate);
    examined.map(|all| all.scores_by_example()).unwrap_or_default()
}

fn apart(a: &BTreeMap<usize, f64>, b: &BTreeMap<usize, f64>) -> (Vec<usize>, Vec<usize>) {
    let ahead = |one: &BTreeMap<usize, f64>, other: &BTreeMap<usize, f64>| {
        let is_ahead = |row: &usize| one[row] - other.get(row).unwrap_or(&1.0) >= GAP;
        one.keys().copied().filter(is_ahead).collect()
    };
    (ahead(a, b), ahead(b, a))
}

fn fewer((one, other): &(Vec<usize>, Vec<usize>)) -> usize {
    one.len().min(other.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_one_of_them_lacks_tell_nothing_apart() {
        let a = [(0, 1.0), (1, 0.0), (2, 0.7), (3, 1.0)].into();
        let b = [(0, 0.5), (1, 1.0), (2, 0.3), (4, 1.0)].into();
        assert_eq!(apart(&a, &b), (vec![0], vec![1]));
        assert_eq!(fewer(&apart(&a, &BTreeMap::new())), 0);
    }
}
