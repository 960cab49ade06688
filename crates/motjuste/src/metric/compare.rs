//! The four comparisons, each of one answer with one accepted output.

use std::collections::{BTreeMap, BTreeSet};

use super::Mode;
use super::normalise::{normalise, normalise_lines};

/// A strict answer may hold this many words when it need only contain the output.
const CONTAINS_WORDS: usize = 5;

pub(super) fn exact_match(answer: &str, accepted: &str, mode: Mode) -> f64 {
    let answer = normalise(answer, mode);
    verdict(!is_empty(&answer, mode) && answer == normalise(accepted, mode))
}

pub(super) fn exact_set(answer: &str, accepted: &str, mode: Mode) -> f64 {
    let (answer, accepted) = (normalise_lines(answer, mode), normalise_lines(accepted, mode));
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<BTreeSet<_>>();
    verdict(!is_empty(&answer, mode) && words(&answer) == words(&accepted))
}

pub(super) fn contains(answer: &str, accepted: &str, mode: Mode) -> f64 {
    let (answer, accepted) = (normalise(answer, mode), normalise(accepted, mode));
    match mode {
        Mode::Compat => verdict(contains_words(&answer, &accepted)),
        Mode::Strict => {
            let start: Vec<&str> = answer.split_whitespace().take(CONTAINS_WORDS).collect();
            verdict(!accepted.is_empty() && contains_words(&start.join(" "), &accepted))
        }
    }
}

/// F1 = 2 p r / (p + r) of the bags of words, where p and r are the shares of the answer's and of
/// the accepted words that both have.
pub(super) fn f1(answer: &str, accepted: &str, mode: Mode) -> f64 {
    let (answer, accepted) = (normalise(answer, mode), normalise(accepted, mode));
    let (left, right) = (bag(&answer), bag(&accepted));
    let both: usize =
        left.iter().map(|(word, count)| *count.min(right.get(word).unwrap_or(&0))).sum();
    if both == 0 {
        return 0.0;
    }
    let precision = both as f64 / left.values().sum::<usize>() as f64;
    let recall = both as f64 / right.values().sum::<usize>() as f64;
    2.0 * precision * recall / (precision + recall)
}

fn verdict(right: bool) -> f64 {
    if right { 1.0 } else { 0.0 }
}

fn is_empty(answer: &str, mode: Mode) -> bool {
    mode == Mode::Strict && answer.is_empty()
}

fn bag(text: &str) -> BTreeMap<&str, usize> {
    let mut bag = BTreeMap::new();
    for word in text.split_whitespace() {
        *bag.entry(word).or_insert(0) += 1;
    }
    bag
}

/// Whether `needle` stands in `text` between two word boundaries (`\b` of regular expressions).
fn contains_words(text: &str, needle: &str) -> bool {
    let starts = text.char_indices().map(|(index, _)| index).chain([text.len()]);
    starts
        .filter(|&start| text[start..].starts_with(needle))
        .any(|start| is_boundary(text, start) && is_boundary(text, start + needle.len()))
}

fn is_boundary(text: &str, index: usize) -> bool {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    let before = text[..index].chars().next_back().is_some_and(is_word);
    let after = text[index..].chars().next().is_some_and(is_word);
    before != after
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::Published;

    /// The table of the metric's definition: (metric, answer, accepted, compat, strict).
    const CASES: &[(Published, &str, &str, f64, f64)] = &[
        (Published::ExactMatch, "5.", "5", 1.0, 1.0),
        (Published::ExactMatch, " 5 ", "5", 1.0, 1.0),
        (Published::ExactMatch, "x\ny", "x", 1.0, 1.0),
        (Published::ExactMatch, "-5", "5", 0.0, 0.0),
        (Published::ExactMatch, "The answer is 5", "5", 0.0, 0.0),
        (Published::ExactMatch, "Ninety-four", "ninety four", 1.0, 1.0),
        (Published::ExactMatch, "3-probably", "3 - probably", 0.0, 1.0),
        (Published::ExactMatch, "a  b", "a b", 0.0, 1.0),
        (Published::ExactMatch, "p, l, a, c, e", "p l a c e", 1.0, 1.0),
        (Published::ExactMatch, "...", "", 1.0, 0.0),
        (Published::ExactMatch, "unhappy (adj)", "unhappy", 0.0, 0.0),
        (Published::ExactMatch, "\"unhappy\"", "unhappy", 1.0, 1.0),
        (Published::F1, "going up", "involve going up.", 0.8, 0.8),
        (Published::F1, "involve involve up", "involve going up.", 2.0 / 3.0, 2.0 / 3.0),
        (Published::F1, "nothing", "else", 0.0, 0.0),
        (Published::ExactSet, "beetle, bear and bird", "bird, bear, beetle", 1.0, 1.0),
        (Published::ExactSet, "bear\nbird", "bear, bird", 0.0, 1.0),
        (Published::Contains, "processes", "process", 0.0, 0.0),
        (Published::Contains, "self-control", "control", 1.0, 1.0),
        (Published::Contains, "method\nprocess", "process", 0.0, 0.0),
        (Published::Contains, "a b c d e f", "f", 1.0, 0.0),
        (Published::Contains, "word", "", 1.0, 0.0),
    ];

    #[test]
    fn the_table_of_cases_holds_in_both_modes() {
        for &(metric, answer, accepted, compat, strict) in CASES {
            let score = |mode| metric.score(answer, &[accepted.to_owned()], mode);
            // Ratios of small integers: one rounding apart at most.
            assert!((score(Mode::Compat) - compat).abs() < 1e-15, "{metric:?} {answer:?} compat");
            assert!((score(Mode::Strict) - strict).abs() < 1e-15, "{metric:?} {answer:?} strict");
        }
    }
}
