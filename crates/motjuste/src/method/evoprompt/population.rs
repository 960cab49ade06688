//! Who is in the population, told by the history.

use super::{EvoPrompt, Evolution, FIRST};
use crate::history::{History, Trial};

impl EvoPrompt {
    /// The population. For `genetic` the best first, for `differential` in the order of its places.
    pub(super) fn population<'a>(&self, history: &'a History) -> Vec<&'a Trial> {
        let later = FIRST..history.steps().len().max(FIRST);
        later.fold(self.first(history), |members, step| {
            let children = scored(history).filter(|trial| trial.step == step).collect();
            self.survivors(history, members, children)
        })
    }

    /// The paraphrases, and as many of the best of those that they were made of as there is room for: the best
    /// first, then the paraphrases.
    fn first<'a>(&self, history: &'a History) -> Vec<&'a Trial> {
        let (mut old, new): (Vec<&Trial>, Vec<&Trial>) =
            scored(history).filter(|trial| trial.step < FIRST).partition(|trial| trial.step == 0);
        by_score(&mut old);
        old.truncate(self.population.get().saturating_sub(new.len()));
        old.extend(new);
        old
    }

    /// Those that are left of a population once it has children.
    fn survivors<'a>(
        &self,
        history: &History,
        mut members: Vec<&'a Trial>,
        children: Vec<&'a Trial>,
    ) -> Vec<&'a Trial> {
        match self.evolution {
            Evolution::Differential if members.len() >= self.least() => {
                children.into_iter().for_each(|child| replace(history, &mut members, child));
            }
            _ => {
                members.extend(children);
                by_score(&mut members);
                members.truncate(self.population.get());
            }
        }
        members
    }
}

/// A child takes the place that it was made for if it is better.
fn replace<'a>(history: &History, members: &mut [&'a Trial], child: &'a Trial) {
    let place = history.candidates().get(child.candidate).map(|made| made.origin.reply);
    let member = place.and_then(|place| members.get_mut(place));
    if let Some(member) = member.filter(|member| child.score() > member.score()) {
        *member = child;
    }
}

/// The trials with a score, each instruction once, by age.
pub(super) fn scored(history: &History) -> impl Iterator<Item = &Trial> {
    let complete = history.complete().map(|(trial, _)| trial);
    complete.filter(|trial| trial.repeats.is_none() && trial.score().is_some())
}

/// The best first, of equals the oldest.
pub(super) fn by_score(trials: &mut [&Trial]) {
    let score = |trial: &Trial| trial.score().unwrap_or(0.0);
    trials.sort_by(|a, b| score(b).total_cmp(&score(a)).then(a.id.cmp(&b.id)));
}
