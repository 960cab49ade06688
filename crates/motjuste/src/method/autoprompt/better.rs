//! Which swap is better.

use super::{AutoPrompt, BetterBy};
use crate::model::{SwapReply, Swapped};

/// What a trigger came to on the evaluation rows.
#[derive(Clone, Copy)]
struct Measure {
    accuracy: Option<f64>,
    loss: f64,
}

impl From<&Swapped> for Measure {
    fn from(swap: &Swapped) -> Self {
        Self { accuracy: swap.accuracy, loss: swap.loss }
    }
}

impl AutoPrompt {
    /// The best of all swaps: the first of those with the least loss among the most accurate.
    pub(super) fn best<'a>(&self, it: &'a SwapReply) -> Option<&'a Swapped> {
        it.swaps.iter().reduce(|best, swap| {
            let (new, old) = (Measure::from(swap), Measure::from(best));
            let ties = !self.beats(old, new) && new.loss < old.loss;
            if self.beats(new, old) || ties { swap } else { best }
        })
    }

    /// The swap that takes the trigger's place: the best, if it is better than what is there.
    pub(super) fn accepted<'a>(&self, it: &'a SwapReply) -> Option<&'a Swapped> {
        self.best(it).filter(|best| self.beats(Measure::from(*best), present(it)))
    }

    /// Every swap that is better than what is there, in order.
    pub(super) fn better<'a>(&self, it: &'a SwapReply) -> Vec<&'a Swapped> {
        it.swaps.iter().filter(|swap| self.beats(Measure::from(*swap), present(it))).collect()
    }

    /// Whether one is better than another, by accuracy where that counts and both have one.
    fn beats(&self, new: Measure, old: Measure) -> bool {
        match (self.better_by, new.accuracy, old.accuracy) {
            (BetterBy::Accuracy, Some(new), Some(old)) => new > old,
            _ => new.loss < old.loss,
        }
    }
}

/// The trigger as it is.
fn present(it: &SwapReply) -> Measure {
    Measure { accuracy: it.accuracy, loss: it.loss }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(present: (Option<f64>, f64), swaps: &[(Option<f64>, f64)]) -> SwapReply {
        let swap = |(token, (accuracy, loss)): (usize, &(Option<f64>, f64))| Swapped {
            token: token as u32,
            text: String::new(),
            promised: 0.0,
            loss: *loss,
            accuracy: *accuracy,
        };
        let (accuracy, loss) = present;
        let swaps = swaps.iter().enumerate().map(swap).collect();
        SwapReply { accuracy, loss, swaps, ..SwapReply::default() }
    }

    fn accepted(by: BetterBy, reply: &SwapReply) -> Option<u32> {
        let method = AutoPrompt { better_by: by, ..AutoPrompt::default() };
        method.accepted(reply).map(|swap| swap.token)
    }

    #[test]
    fn the_first_of_the_least_losses_is_taken_if_it_is_strictly_less() {
        let taken = |swaps: &[f64]| {
            let swaps: Vec<_> = swaps.iter().map(|loss| (None, *loss)).collect();
            accepted(BetterBy::Accuracy, &reply((None, 1.0), &swaps))
        };
        assert_eq!(taken(&[0.9, 0.5, 0.5, 0.7]), Some(1));
        assert_eq!(taken(&[1.0, 1.0]), None);
        assert_eq!(taken(&[]), None);
    }

    #[test]
    fn accuracy_comes_before_the_loss_which_decides_among_equals() {
        let swaps = [(Some(0.5), 0.1), (Some(0.75), 0.9), (Some(0.75), 0.8), (Some(0.75), 0.8)];
        let it = reply((Some(0.5), 1.0), &swaps);
        assert_eq!(accepted(BetterBy::Accuracy, &it), Some(2));
        assert_eq!(accepted(BetterBy::Loss, &it), Some(0));
        // As accurate as what is there, with less loss: taken by loss alone.
        let it = reply((Some(0.75), 1.0), &swaps);
        assert_eq!(accepted(BetterBy::Accuracy, &it), None);
    }
}
