//! Whether a prediction counts as the true answer, as published.

use super::choice::{choice_index, choice_text, choices, letter_of};
use crate::metric::python::{strip, without_punctuation};

/// 1 when the published code calls `prediction` correct, else 0.
///
/// `choices_in` is the whole prompt of a multiple-choice question, instruction included, and empty
/// for any other. With `inclusion`, a prediction that contains the true answer is correct. Where the
/// published code stops with an error (a true letter without a text), the prediction is wrong.
///
/// ```
/// use motjuste::metric::answer::compat::accuracy;
/// let prompt = "Where? (A) west (B) east";
/// assert_eq!(accuracy("B", "to the east", prompt, false), 1.0);
/// assert_eq!(accuracy("valid", "invalid", "", true), 1.0); // a published defect
/// ```
pub fn accuracy(truth: &str, prediction: &str, choices_in: &str, inclusion: bool) -> f64 {
    let (truth, prediction) = (truth.to_lowercase(), prediction.to_lowercase());
    let included = inclusion && prediction.contains(&truth);
    let correct = match choices_in.is_empty() {
        true => included || is_same(&truth, &prediction),
        false => choose(&truth, &prediction, choices_in, included).unwrap_or(false),
    };
    if correct { 1.0 } else { 0.0 }
}

fn is_same(truth: &str, prediction: &str) -> bool {
    let (truth, prediction) = (bare(truth), bare(prediction));
    equals(truth, prediction) || agrees_as_boolean(truth, prediction)
}

fn choose(truth: &str, prediction: &str, prompt: &str, included: bool) -> Option<bool> {
    let (truth, prediction) = (bracketed(truth), bracketed(prediction));
    letter_of(&truth)?;
    let text = choice_text(prompt, &truth)?;
    let others = other_texts(prompt, &truth);
    let prediction = bare(&prediction);
    Some(
        included
            || is_same(&truth, prediction)
            || prediction == text
            || strip(&as_file_name(prediction)) == text
            || names_only(&text, &others, prediction),
    )
}

/// A piece of the alphabet, so that also `hi` and the empty text are taken for a letter.
fn bracketed(answer: &str) -> String {
    const ALPHABET: &str = "abcdefghijklmnopqrstuvwxyz";
    if ALPHABET.contains(answer) { format!("({answer})") } else { answer.to_owned() }
}

fn bare(answer: &str) -> &str {
    letter_of(answer).unwrap_or(answer)
}

fn equals(truth: &str, prediction: &str) -> bool {
    let plain = |text| strip(&without_punctuation(text)).to_owned();
    prediction == truth || plain(prediction) == plain(truth)
}

fn other_texts(prompt: &str, truth: &str) -> Vec<String> {
    let mut others = choices(prompt);
    others.retain(|symbol| choice_index(symbol) != choice_index(truth));
    others.iter().filter_map(|symbol| choice_text(prompt, symbol)).collect()
}

/// Whether the prediction holds the true choice's text and no other choice's.
fn names_only(text: &str, others: &[String], prediction: &str) -> bool {
    let is_part = others.iter().any(|other| other.contains(text));
    let searched = if is_part { prediction.to_owned() } else { prediction.replace(text, "") };
    prediction.contains(text) && !others.iter().any(|other| searched.contains(other.as_str()))
}

/// Punctuation goes, but `!`, `?` and `.` turn into words, as in the published file names.
fn as_file_name(text: &str) -> String {
    let kept = text.chars().filter(|c| !c.is_ascii_punctuation() || matches!(c, '!' | '?' | '.'));
    let plain: String = kept.collect();
    plain.replace('!', "<EXCLAMATION>").replace('?', "<QUESTION>").replace('.', "<PERIOD>")
}

/// Whether a boolean word agrees with a prediction of `true` or `false`, or of 1 or 0.
fn agrees_as_boolean(truth: &str, prediction: &str) -> bool {
    let stands_for = match truth {
        "true" | "yes" | "valid" => "true",
        "false" | "no" | "invalid" => "false",
        _ => return false,
    };
    let prediction = match prediction {
        "1" => "true",
        "0" => "false",
        other => strip(other),
    };
    prediction == stands_for
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEST: &str = "Where? (A) west (B) east west (C) north (D) south\n\
                        What's the answer in (A)(B)(C)(D)?";

    #[test]
    fn choices_are_right_by_letter_or_by_text() {
        let right = [("(A)", "a", ""), ("(A)", "(a)", ""), ("B", "(b)", WEST), ("A", "west", WEST)];
        let by_text = [
            ("B", "east west", WEST),
            ("B", "east west it is", WEST),
            ("A", ": west", WEST),
            ("A", "west it is", WEST),
            ("A", ": west it is", WEST),
        ];
        for (truth, prediction, prompt) in right.into_iter().chain(by_text) {
            assert_eq!(accuracy(truth, prediction, prompt, false), 1.0, "{truth} {prediction}");
        }
        let wrong = [
            ("(A)", "b", ""),
            ("(A)", "(b)", ""),
            ("A", ": east", WEST),
            ("A", "east west it is", WEST),
            ("B", "west it is", WEST),
            ("B", "(a)", WEST),
            ("dearth, wind, & fire", "(a)", WEST),
            ("(A)", "red", "Pick (A) or (B). Now (A) red (B) blue"),
            ("(Z)", "(z)", WEST),
        ];
        for (truth, prediction, prompt) in wrong {
            assert_eq!(accuracy(truth, prediction, prompt, false), 0.0, "{truth} {prediction}");
        }
    }

    #[test]
    fn booleans_agree_in_one_direction() {
        for prediction in [":yes", "yes", "true", "1"] {
            assert_eq!(accuracy("Yes", prediction, "", false), 1.0, "{prediction}");
        }
        assert_eq!(accuracy("Invalid", "false", "", false), 1.0);
        for (truth, prediction) in
            [("Yes", "false"), ("Invalid", "true"), ("Invalid", "1"), ("True", "yes")]
        {
            assert_eq!(accuracy(truth, prediction, "", false), 0.0, "{truth} {prediction}");
        }
    }

    #[test]
    fn the_published_defects_are_kept() {
        for (truth, prediction) in [(") ]", "> }"), (") ]", "]"), ("-35", "35"), ("3.5", "35")] {
            assert_eq!(accuracy(truth, prediction, "", false), 1.0, "{truth} {prediction}");
        }
        let included = [
            ("valid", "invalid", ""),
            ("no", "not sure", ""),
            ("yes", "yesterday", ""),
            ("B", "because it is big", WEST),
            ("A", ": east", WEST),
            ("(B)", "(b) or (c)", WEST),
        ];
        for (truth, prediction, prompt) in included {
            assert_eq!(accuracy(truth, prediction, prompt, true), 1.0, "{truth} {prediction}");
        }
        for (truth, prediction) in [("(B)", "The answer is B"), ("a b c", "b a c")] {
            assert_eq!(accuracy(truth, prediction, WEST, true), 0.0, "{truth} {prediction}");
        }
    }
}
