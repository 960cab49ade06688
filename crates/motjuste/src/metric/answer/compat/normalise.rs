//! From a reply to an answer, step by step as published.

use super::super::labels::{AHEAD, PRIMARY, QUESTION, SECONDARY, SOLUTION, STEP_BY_STEP};
use super::Form;
use super::choice::only_choice;
use super::number;
use crate::metric::python::{strip, without_punctuation};

/// Brings a reply into the form in which the published code compares answers.
///
/// ```
/// use motjuste::metric::answer::compat::{Form, normalise};
/// let number = Form::Number { decimals: 0 };
/// assert_eq!(normalise("The answer is $1,234.", number), "1234");
/// assert_eq!(normalise("eighteen", number), "8"); // `eight` is replaced before `eighteen`
/// assert_eq!(normalise("(A) apple", Form::Text), "(a)");
/// ```
pub fn normalise(reply: &str, form: Form) -> String {
    let (answer, indicated) = indicated_part(reply);
    match form {
        Form::Text => text(&answer).to_owned(),
        Form::Number { decimals } => number::normalise(&answer, indicated, decimals),
        Form::Boolean { decimals } => boolean(&answer, indicated, decimals),
    }
}

/// The part of the reply that markers point to, and whether there was a marker.
fn indicated_part(reply: &str) -> (String, bool) {
    let lower = reply.to_lowercase();
    let mut rest = strip(&lower);
    for label in QUESTION {
        rest = before(rest, strip(&label.to_lowercase()));
    }
    let mut indicated = false;
    // The case-sensitive reply decides which list applies, a published defect.
    let listed: &[&str] =
        if PRIMARY.iter().any(|marker| reply.contains(marker)) { &PRIMARY } else { &SECONDARY };
    for marker in STEP_BY_STEP.iter().chain(listed) {
        if let Some((_, behind)) = rest.rsplit_once(marker.to_lowercase().as_str()) {
            (rest, indicated) = (behind, true);
        }
    }
    for marker in AHEAD {
        if let Some((ahead, _)) = rest.split_once(marker) {
            (rest, indicated) = (ahead, true);
        }
    }
    let rest = before(strip(rest), SOLUTION).trim_end_matches('.').trim_end_matches('\'');
    (only_choice(rest), indicated)
}

fn before<'a>(text: &'a str, label: &str) -> &'a str {
    text.split(label).next().unwrap_or_default()
}

fn text(answer: &str) -> &str {
    before(answer, ".")
}

const BOOLEANS: [&str; 6] = ["false", "true", "no", "yes", "invalid", "valid"];

fn boolean(answer: &str, indicated: bool, decimals: usize) -> String {
    let (as_text, as_number) = (text(answer), number::normalise(answer, indicated, decimals));
    let truth = match as_text {
        word if BOOLEANS.contains(&word) => word,
        bit @ ("0" | "1") => truth(bit),
        _ if as_number == "0" || as_number == "1" => truth(&as_number),
        _ => answer,
    };
    strip(&without_punctuation(truth)).to_owned()
}

fn truth(bit: &str) -> &'static str {
    if bit == "1" { "true" } else { "false" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_booleans_come_out_as_in_the_definition() {
        let text = [
            ("(A)", "(a)"),
            ("(A) apple", "(a)"),
            ("(a) and (A)", "(a)"),
            ("The answer is (B).", "(b)"),
            ("Options are: (B)", "(b)"),
            ("The answer is: (B) east", "(b)"),
            ("B", "b"),
            ("Answer: B", "answer: b"),
            (
                "The correct option is (C) because (D) is wrong",
                "the correct option is (c) because (d) is wrong",
            ),
            ("(see note) the choice is (b)", "(see note)"),
            ("it's (c) 5.5 units", "(c)"),
            ("foo. bar", "foo"),
            ("yes.", "yes"),
            ("The answer is Yes, it is.", "yes, it is"),
        ];
        for (reply, expected) in text {
            assert_eq!(normalise(reply, Form::Text), expected, "{reply}");
        }
        let boolean = [
            ("True", "true"),
            ("false.", "false"),
            ("Yes. The", "yes"),
            ("0", "false"),
            ("1", "true"),
            ("The answer is 1.", "true"),
            ("No, because", "no because"),
            ("The argument is invalid", "the argument is invalid"),
            ("maybe", "maybe"),
            ("", ""),
        ];
        for (reply, expected) in boolean {
            assert_eq!(normalise(reply, Form::Boolean { decimals: 0 }), expected, "{reply}");
        }
    }

    #[test]
    fn an_undecided_boolean_keeps_what_follows_its_first_sentence() {
        assert_eq!(normalise("maybe. yes", Form::Boolean { decimals: 0 }), "maybe yes");
    }
}
