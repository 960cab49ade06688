//! The compat functions against the outputs of the published ones.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

mod golden;

use std::path::{Path, PathBuf};

fn goldens() -> PathBuf {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("MOTJUSTE_SHARED").map_or(default, PathBuf::from);
    shared.join("data/goldens")
}

fn check_file(name: &str) {
    let path = goldens().join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: no golden file at {}", path.display());
        return;
    };
    for (number, line) in text.lines().enumerate() {
        let outcome = golden::check(line);
        assert!(outcome.is_ok(), "{name}, line {}: {outcome:?}", number + 1);
    }
}

#[test]
fn the_metrics_of_instruction_induction_score_as_published() {
    check_file("instruction_induction_metrics.jsonl");
}

#[test]
fn the_answers_of_opro_are_extracted_as_published() {
    check_file("opro_normalize.jsonl");
}

#[test]
fn the_answers_of_opro_are_judged_as_published() {
    check_file("opro_accuracy.jsonl");
}

#[test]
fn the_pieces_of_opro_are_as_published() {
    check_file("opro_misc.jsonl");
}

#[test]
fn a_wrong_case_is_noticed() {
    let case = r#"{"fn": "md5_key", "input": "", "output": "0"}"#;
    assert!(golden::check(case).unwrap_err().contains("expected \"0\""));
    assert!(golden::check("{}").is_err() && golden::check(r#"{"fn": "other"}"#).is_err());
}
