//! The compat functions against the outputs of the published ones.

#![allow(clippy::unwrap_used, reason = "a test")]

mod golden;

/// How many cases a file of recorded outputs holds; every one is checked.
fn checked(name: &str, text: &str) -> usize {
    for (number, line) in text.lines().enumerate() {
        let outcome = golden::check(line);
        assert!(outcome.is_ok(), "{name}, line {}: {outcome:?}", number + 1);
    }
    text.lines().count()
}

macro_rules! checked {
    ($name:literal) => {
        checked($name, include_str!(concat!("golden/", $name)))
    };
}

#[test]
fn the_metrics_of_instruction_induction_score_as_published() {
    assert_eq!(checked!("instruction_induction_metrics.jsonl"), 498);
}

#[test]
fn the_answers_of_opro_are_extracted_as_published() {
    assert_eq!(checked!("opro_normalize.jsonl"), 69);
}

#[test]
fn the_answers_of_opro_are_judged_as_published() {
    assert_eq!(checked!("opro_accuracy.jsonl"), 57);
}

#[test]
fn the_pieces_of_opro_are_as_published() {
    assert_eq!(checked!("opro_misc.jsonl"), 29);
}

#[test]
fn a_wrong_case_is_noticed() {
    let case = r#"{"fn": "md5_key", "input": "", "output": "0"}"#;
    assert!(golden::check(case).unwrap_err().contains("expected \"0\""));
    assert!(golden::check("{}").is_err() && golden::check(r#"{"fn": "other"}"#).is_err());
}
