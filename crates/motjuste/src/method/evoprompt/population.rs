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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Assignment, Evaluation, ExampleScore, Found, Proposal, Step};
    use crate::method::Method;
    use crate::method::soft_prompts::count;
    use crate::random::Streams;
    use crate::usage::Usage;

    /// Adds a step: a reply for each, with a score or without an instruction.
    fn push(history: &mut History, scores: &[Option<f64>]) {
        let (index, first) = (history.steps().len(), history.trials().len());
        let text = |place: usize| format!("say {index} {place}");
        let readings = scores.iter().enumerate().map(|(place, score)| match score {
            Some(_) => vec![Found::new(text(place))],
            None => vec![Found::dropped("", "no instruction in the reply")],
        });
        let trials = scores.iter().flatten().enumerate().map(|(place, &score)| Assignment {
            trial: first + place,
            candidate: first + place,
            rows: vec![0],
            repeats: None,
            evaluation: Some(Evaluation::new(
                vec![ExampleScore::new(0, Some(score), "")],
                Usage::default(),
            )),
        });
        history.push(Step {
            index,
            proposals: (0..scores.len()).map(|place| Proposal::Instruction(text(place))).collect(),
            readings: readings.collect(),
            assignments: trials.collect(),
            ..Step::default()
        });
    }

    fn history(steps: &[&[Option<f64>]]) -> History {
        let mut history = History::scored_on(vec![0]);
        steps.iter().for_each(|scores| push(&mut history, scores));
        history
    }

    fn population(evolution: Evolution, steps: &[&[Option<f64>]]) -> Vec<usize> {
        let method = EvoPrompt { evolution, population: count(4), ..EvoPrompt::default() };
        method.population(&history(steps)).iter().map(|trial| trial.id).collect()
    }

    const GUESSES: &[Option<f64>] = &[Some(0.1), Some(0.4), Some(0.2), Some(0.4), Some(0.3)];

    #[test]
    fn it_begins_with_the_best_and_their_paraphrases() {
        let one = |last: &[Option<f64>]| population(Evolution::Genetic, &[GUESSES, last]);
        assert_eq!(one(&[Some(0.0), Some(0.5)]), [1, 3, 5, 6]);
        // Where a paraphrase is lacking, the next best stays.
        assert_eq!(one(&[None, Some(0.5)]), [1, 3, 4, 5]);
        assert_eq!(one(&[None, None]), [1, 3, 4, 2]);
    }

    #[test]
    fn the_best_of_old_and_new_are_left_the_older_of_equals_first() {
        let steps: [&[Option<f64>]; 3] =
            [GUESSES, &[Some(0.0), Some(0.5)], &[Some(0.4), None, Some(0.9), Some(0.05)]];
        assert_eq!(population(Evolution::Genetic, &steps), [8, 6, 1, 3]);
    }

    #[test]
    fn a_child_takes_the_place_that_it_was_made_for_if_it_is_better() {
        // The places hold 0.4, 0.4, 0.0 and 0.5.
        let first: [&[Option<f64>]; 2] = [GUESSES, &[Some(0.0), Some(0.5)]];
        let with = |children| population(Evolution::Differential, &[first[0], first[1], children]);
        assert_eq!(with(&[Some(0.4), None, Some(0.1), Some(0.6)]), [1, 3, 8, 9]);
        assert_eq!(with(&[Some(0.41), Some(0.39), Some(0.0), Some(0.5)]), [7, 3, 5, 6]);
    }

    /// The instructions that the prompts of the next step show.
    fn shown(method: &EvoPrompt, steps: &[&[Option<f64>]]) -> Vec<String> {
        let mut stream = Streams::new(0).stream("ask", 0);
        let proposals = method.propose(&history(steps).with_train_rows(9), &mut stream).unwrap();
        let asks = proposals.into_iter().filter_map(|proposal| match proposal {
            Proposal::Ask(ask) => Some(ask.shown),
            _ => None,
        });
        asks.flatten().map(|shown| shown.instruction).collect()
    }

    #[test]
    fn the_best_half_is_paraphrased_and_after_so_many_steps_nobody_has_children() {
        let method = EvoPrompt { population: count(4), steps: 1, ..EvoPrompt::default() };
        assert_eq!(shown(&method, &[GUESSES]), ["say 0 1", "say 0 3"]);
        let first: &[Option<f64>] = &[Some(0.0), Some(0.5)];
        // Two parents of each of four.
        assert_eq!(shown(&method, &[GUESSES, first]).len(), 8);
        assert_eq!(shown(&method, &[GUESSES, first, &[Some(0.1)]]).len(), 0);
    }

    #[test]
    fn a_population_without_enough_members_is_filled() {
        let steps: [&[Option<f64>]; 3] = [&[Some(0.1), None], &[None], &[Some(0.3), Some(0.2)]];
        assert_eq!(population(Evolution::Differential, &steps), [1, 2, 0]);
    }
}
