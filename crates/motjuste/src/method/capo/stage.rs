//! What the next step is for, told by the history.
//!
//! An iteration asks for crosses, then for mutations of those, then puts the new words together with examples and races
//! them with the population. The first one guesses in place of both. So the last step that asked says how far an
//! iteration is.

use super::Capo;
use super::race::{Race, Raced};
use crate::history::{Ask, Candidate, History, Proposal, Step};
use crate::method::decoded::is_given;

/// What the next step is for.
pub(super) enum Stage<'a> {
    /// The generator guesses instructions from train rows.
    Guess,
    /// It crosses members of this population.
    Cross(Vec<&'a Candidate>),
    /// It writes these anew.
    Mutate(Vec<&'a Candidate>),
    /// These get examples, and the first block of rows.
    Compose(Vec<&'a Candidate>),
    /// Those that are left of a race get these rows.
    Race { left: Vec<&'a Candidate>, rows: Vec<usize> },
    /// Too many iterations brought nothing.
    End,
}

/// What a step asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Guesses,
    Crosses,
    Mutations,
}

impl Capo {
    pub(super) fn stage<'a>(&'a self, history: &'a History) -> Stage<'a> {
        let population = match self.raced(history) {
            Raced::Open { left, rows } => return Stage::Race { left, rows },
            Raced::Over(population) => population,
        };
        match waiting(history) {
            Some((Asked::Crosses, new)) => Stage::Mutate(new),
            Some((Asked::Guesses | Asked::Mutations, new)) => Stage::Compose(new),
            None if self.is_spent(history) => Stage::End,
            None if self.is_founded(history, &population) => Stage::Cross(population),
            None => Stage::Guess,
        }
    }

    /// The race so far, or the population once there is none.
    pub(super) fn raced<'a>(&'a self, history: &'a History) -> Raced<'a> {
        let mut generations = history.steps().iter().filter(|step| composes(step));
        let mut contenders: Vec<&Candidate> = self.given(history).collect();
        contenders.extend(generations.next().into_iter().flat_map(|step| made(history, step)));
        if contenders.is_empty() {
            return Raced::Over(contenders);
        }
        let race = Race::new(self, history, &contenders);
        let mut raced = race.run(&contenders);
        for step in generations {
            let Raced::Over(population) = raced else { break };
            let all: Vec<&Candidate> = population.into_iter().chain(made(history, step)).collect();
            raced = race.run(&all);
        }
        raced
    }

    /// The prompts in use, as many as the population holds.
    pub(super) fn given<'a>(&self, history: &'a History) -> impl Iterator<Item = &'a Candidate> {
        let given = history.candidates().iter().filter(|one| is_given(history, one));
        given.take(self.population.get())
    }

    /// Whether there is somebody to cross, and the generator was asked for the first instructions.
    fn is_founded(&self, history: &History, population: &[&Candidate]) -> bool {
        let is_full = population.len() >= self.population.get();
        population.len() > 1
            && (is_full || history.steps().iter().any(|step| asked(step).is_some()))
    }

    /// Whether so many iterations brought nothing to race that the search ends.
    fn is_spent(&self, history: &History) -> bool {
        let steps = || history.steps().iter();
        let begins = |step: &&Step| matches!(asked(step), Some(Asked::Guesses | Asked::Crosses));
        let begun = steps().filter(begins).count();
        let useful = steps().filter(|step| made(history, step).next().is_some()).count();
        begun >= useful + self.patience
    }
}

/// What the last step that asked brought, where nothing came of it yet.
fn waiting(history: &History) -> Option<(Asked, Vec<&Candidate>)> {
    let step = history.steps().iter().rfind(|step| asked(step).is_some() || composes(step))?;
    let new: Vec<&Candidate> = candidates(history, step).collect();
    Some((asked(step)?, new)).filter(|(_, new)| !new.is_empty())
}

fn asked(step: &Step) -> Option<Asked> {
    Some(match step.proposals.iter().find_map(ask)?.shown.len() {
        0 => Asked::Guesses,
        1 => Asked::Mutations,
        _ => Asked::Crosses,
    })
}

fn ask(proposal: &Proposal) -> Option<&Ask> {
    match proposal {
        Proposal::Ask(ask) => Some(ask),
        _ => None,
    }
}

fn composes(step: &Step) -> bool {
    step.proposals.iter().any(|proposal| matches!(proposal, Proposal::Composed(_)))
}

/// What a step put together.
fn made<'a>(history: &'a History, step: &Step) -> impl Iterator<Item = &'a Candidate> {
    candidates(history, step).filter(|_| composes(step))
}

/// The candidates of a step, the prompts in use left out.
fn candidates<'a>(history: &'a History, step: &Step) -> impl Iterator<Item = &'a Candidate> {
    let all = history.candidates();
    let first = all.partition_point(|one| one.origin.step < step.index);
    let (step, own) = (step.index, all[first..].iter());
    own.take_while(move |one| one.origin.step == step).filter(|one| !is_given(history, one))
}
