//! Instructions of words, and train rows that they show to the target as examples.

use crate::history::{Candidate, History, Part, Proposal, RowPart};

/// How an example stands in an instruction.
pub(super) const EXAMPLE: &str = "\n\nInput: {{ input }}\nOutput: {{ output }}";

/// An instruction of these words that shows these rows.
pub(super) fn composed(words: &str, rows: &[usize]) -> Proposal {
    let example = |row: &usize| Part::Train(RowPart::whole(*row, EXAMPLE));
    let words = std::iter::once(Part::Text(words.to_owned()));
    Proposal::Composed(words.chain(rows.iter().map(example)).collect())
}

/// The words of a candidate, without its examples.
pub(super) fn words<'a>(history: &'a History, candidate: &'a Candidate) -> &'a str {
    match parts(history, candidate).and_then(<[Part]>::first) {
        Some(Part::Text(words)) => words,
        _ => &candidate.instruction,
    }
}

/// The train rows that a candidate shows, in order.
pub(super) fn rows(history: &History, candidate: &Candidate) -> Vec<usize> {
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
