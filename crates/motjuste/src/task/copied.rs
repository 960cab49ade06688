//! Words of a row in an instruction.

use std::collections::HashSet;

use crate::example::Example;

/// So many words in a row are a copy, and no accident; so is the whole of a shorter text of the task, from `LEAST` on.
pub(crate) const RUN: usize = 8;

/// Fewer words than this are a label, or any phrase.
pub(crate) const LEAST: usize = 4;

/// The first run of eight words that an instruction shares with one of these texts, or the first whole text of `least`
/// to eight words; unless it stands in `known` too, such as the person's own prompt.
pub(crate) fn copied<'a>(
    instruction: &str,
    known: &str,
    mut texts: impl Iterator<Item = &'a String>,
    least: usize,
) -> Option<String> {
    let suspects = Suspects::of(instruction, known, least);
    texts.find_map(|text| suspects.first_in(text))
}

/// What an instruction copies of each row that it copies something of: the first such words.
pub(crate) fn copied_of_rows<'a>(
    instruction: &str,
    known: &str,
    rows: impl Iterator<Item = &'a Example>,
) -> Vec<String> {
    let suspects = Suspects::of(instruction, known, LEAST);
    let first = |row| texts(std::iter::once(row)).find_map(|text| suspects.first_in(text));
    rows.filter_map(first).collect()
}

/// Runs of words in an instruction that may be copies.
struct Suspects {
    runs: HashSet<Vec<String>>,
    least: usize,
}

impl Suspects {
    /// Those of `least` to eight words, but for the known.
    fn of(instruction: &str, known: &str, least: usize) -> Self {
        let runs = |text: &str| -> HashSet<Vec<String>> {
            let words = words(text);
            (least..=RUN).flat_map(|n| words.windows(n).map(<[String]>::to_vec)).collect()
        };
        let known = runs(known);
        let mut runs = runs(instruction);
        runs.retain(|run| !known.contains(run));
        Self { runs, least }
    }

    /// The first of them that is eight words of the text, or the whole of it.
    fn first_in(&self, text: &str) -> Option<String> {
        let text = words(text);
        let windows = text.windows(text.len().clamp(1, RUN));
        let mut windows = windows.filter(|run| run.len() >= self.least);
        windows.find(|run| self.runs.contains(*run)).map(|run| run.join(" "))
    }
}

/// The texts of rows.
pub(crate) fn texts<'a>(
    rows: impl Iterator<Item = &'a Example>,
) -> impl Iterator<Item = &'a String> {
    rows.flat_map(|row| std::iter::once(&row.input).chain(&row.outputs))
}

/// The words of a text in lower case; signs between them do not count.
fn words(text: &str) -> Vec<String> {
    let parts = text.split(|character: char| !character.is_alphanumeric());
    parts.filter(|part| !part.is_empty()).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(instruction: &str, known: &str, rows: &[Example]) -> Option<String> {
        super::copied(instruction, known, texts(rows.iter()), LEAST)
    }

    #[test]
    fn eight_words_in_a_row_are_a_copy_unless_the_person_wrote_them() {
        let rows =
            [Example::new("My parcel, number 8, never came to the door on Monday", ["late"])];
        let seven = "Say: my parcel number 8 never came to.";
        let eight = "Say: my parcel number 8 never came to the.";
        assert_eq!(copied(seven, "", &rows), None);
        assert_eq!(
            copied(eight, "", &rows).as_deref(),
            Some("my parcel number 8 never came to the")
        );
        assert_eq!(copied(eight, eight, &rows), None);
    }

    #[test]
    fn every_row_that_is_copied_counts_once() {
        let rows = [
            Example::new("The courier was rude", ["shipping of the parcel"]),
            Example::new("I cannot sign in", ["login"]),
            Example::new("My card is gone", ["login"]),
        ];
        let both = "The courier was rude: shipping of the parcel. I cannot sign in: login.";
        let found = copied_of_rows(both, "", rows.iter());
        assert_eq!(found, ["the courier was rude", "i cannot sign in"]);
        assert!(copied_of_rows("Sort tickets.", "", rows.iter()).is_empty());
    }

    #[test]
    fn a_short_input_is_a_copy_as_a_whole_and_a_label_is_none() {
        let rows = [Example::new("The courier was rude", ["late delivery"])];
        let whole = "If it says 'the courier was rude', answer late delivery.";
        assert_eq!(copied(whole, "", &rows).as_deref(), Some("the courier was rude"));
        assert_eq!(copied("The courier was late: late delivery.", "", &rows), None);
    }
}
