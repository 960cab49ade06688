//! Whose children a member of the population is.

use crate::history::{Candidate, History, Part, Proposal, Shown};
use crate::method::composed::{rows, words};

/// The latest candidate with these words; one that is raced comes after the one that it was made of.
pub(super) fn of_words<'a>(history: &'a History, text: &str) -> Option<&'a Candidate> {
    history.candidates().iter().rfind(|candidate| words(history, candidate) == text)
}

/// The instructions that a candidate was made of, as its prompt shows them.
pub(super) fn made_of<'a>(history: &'a History, candidate: &Candidate) -> &'a [Shown] {
    match history.proposal_of(candidate) {
        Some(Proposal::Ask(ask)) => &ask.shown,
        _ => &[],
    }
}

/// The train rows that the two show whose cross was mutated into this candidate.
pub(super) fn parents_examples(history: &History, mutated: &Candidate) -> [Vec<usize>; 2] {
    let named = |shown: &Shown| of_words(history, &shown.instruction);
    let cross = made_of(history, mutated).first().and_then(named);
    let parents = cross.map(|cross| made_of(history, cross)).unwrap_or_default();
    [0, 1].map(|place| {
        let parent = parents.get(place).and_then(named);
        parent.map(|parent| rows(history, parent)).unwrap_or_default()
    })
}

/// The candidates that what a proposal brings is made of.
pub(super) fn parents(history: &History, proposal: &Proposal) -> Vec<usize> {
    let id = |words: &str| of_words(history, words).map(|one| one.id);
    match proposal {
        Proposal::Ask(ask) => ask.shown.iter().filter_map(|it| id(&it.instruction)).collect(),
        Proposal::Composed(parts) => match parts.first() {
            Some(Part::Text(words)) => id(words).into_iter().collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}
