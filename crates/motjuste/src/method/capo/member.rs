//! What a member of the population is made of: words, and the train rows that it shows as examples.

use crate::history::{Candidate, History, Part, Proposal, RowPart, Shown};

/// How an example stands in an instruction.
pub(super) const EXAMPLE: &str = "\n\nInput: {{ input }}\nOutput: {{ output }}";

/// An instruction of these words that shows these rows.
pub(super) fn composed(words: &str, examples: &[usize]) -> Proposal {
    let example = |row: &usize| Part::Train(RowPart::whole(*row, EXAMPLE));
    let words = std::iter::once(Part::Text(words.to_owned()));
    Proposal::Composed(words.chain(examples.iter().map(example)).collect())
}

/// The words of a candidate, without its examples.
pub(super) fn words<'a>(history: &'a History, candidate: &'a Candidate) -> &'a str {
    match parts(history, candidate).and_then(<[Part]>::first) {
        Some(Part::Text(words)) => words,
        _ => &candidate.instruction,
    }
}

/// The latest candidate with these words; one that is raced comes after the one that it was made of.
pub(super) fn of_words<'a>(history: &'a History, text: &str) -> Option<&'a Candidate> {
    history.candidates().iter().rfind(|candidate| words(history, candidate) == text)
}

/// The train rows that a candidate shows, in order.
pub(super) fn examples(history: &History, candidate: &Candidate) -> Vec<usize> {
    let row = |part: &Part| match part {
        Part::Train(row) => Some(row.row),
        Part::Text(_) | Part::Task | Part::Dev(_) => None,
    };
    parts(history, candidate).into_iter().flatten().filter_map(row).collect()
}

fn parts<'a>(history: &'a History, candidate: &Candidate) -> Option<&'a [Part]> {
    match history.proposal_of(candidate)? {
        Proposal::Composed(parts) => Some(parts),
        _ => None,
    }
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
        parent.map(|parent| examples(history, parent)).unwrap_or_default()
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
        Proposal::SoftPrompt(_) | Proposal::Instruction(_) => Vec::new(),
    }
}
