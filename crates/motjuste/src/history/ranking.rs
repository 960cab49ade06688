//! The complete trials in order of score.

use std::collections::BTreeSet;

/// Trials by score, then by number. To place one takes logarithmic time, however often its score changes.
#[derive(Debug, Clone, Default)]
pub(super) struct Ranking {
    trials: BTreeSet<(u64, usize)>,
}

impl Ranking {
    /// Moves a trial from its earlier score to its new one.
    pub(super) fn place(&mut self, trial: usize, before: Option<f64>, score: Option<f64>) {
        if let Some(before) = before {
            self.trials.remove(&(key(before), trial));
        }
        if let Some(score) = score {
            self.trials.insert((key(score), trial));
        }
    }

    /// The best trial, the first of equals.
    pub(super) fn first_of_best(&self) -> Option<usize> {
        let (best, _) = self.trials.last()?;
        self.trials.range((*best, 0)..).next().map(|(_, trial)| *trial)
    }

    /// The best trial, the last of equals.
    pub(super) fn last_of_best(&self) -> Option<usize> {
        self.trials.last().map(|(_, trial)| *trial)
    }
}

/// The order of bits is the order of numbers, from +0 on.
fn key(score: f64) -> u64 {
    (score + 0.0).to_bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_are_told_apart_by_number_and_a_trial_moves_with_its_score() {
        let mut ranking = Ranking::default();
        for (trial, score) in [(0, 0.5), (1, 0.75), (2, 0.75), (3, -0.0)] {
            ranking.place(trial, None, Some(score));
        }
        assert_eq!((ranking.first_of_best(), ranking.last_of_best()), (Some(1), Some(2)));
        ranking.place(1, Some(0.75), Some(0.25));
        assert_eq!((ranking.first_of_best(), ranking.last_of_best()), (Some(2), Some(2)));
        ranking.place(2, Some(0.75), None);
        assert_eq!(ranking.first_of_best(), Some(0));
    }
}
