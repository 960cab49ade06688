//! A smaller budget shows what the study was under it, and stop wishes are heard.

use serde_json::Value;

use crate::scratch::{SMALL, Scratch, without_time};

fn with<'a>(base: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    base.iter().chain(more).copied().collect()
}

#[test]
fn a_smaller_budget_shows_the_study_as_it_was_under_it() {
    let fresh = Scratch::new();
    fresh.expect(0, SMALL);
    let scratch = Scratch::new();
    let larger = |argument: &&'static str| match *argument {
        "16" => "40",
        "out" => "large",
        other => other,
    };
    scratch.expect(0, &SMALL.iter().map(larger).collect::<Vec<_>>());
    let large = scratch.read("large/trials.jsonl");
    scratch.tells(0, SMALL, &["has run for 40 trials", "its beginning"]);
    assert_eq!(scratch.read("out/trials.jsonl"), fresh.read("out/trials.jsonl"));
    let result = |scratch: &Scratch| {
        let mut result = without_time(scratch.json("out/result.json"));
        // Held-out answers that the larger study paid for come from what is kept.
        result["ledger"].as_object_mut().unwrap().remove("assessment");
        result
    };
    assert_eq!(result(&scratch), result(&fresh));
    assert_eq!(scratch.expect(0, &["trials", "--json"]), large, "the larger one stays");
}

#[test]
fn the_studies_of_a_comparison_have_the_trials_that_were_asked_for() {
    let scratch = Scratch::new();
    let compare = ["compare", "task.toml", "--methods", "uniform,random-pick", "--budget-trials"];
    scratch.expect(0, &with(&compare, &["30"]));
    scratch.tells(0, &with(&compare, &["4"]), &["has run for 30 trials"]);
    let told = scratch.expect(0, &with(&compare, &["4", "--json"]));
    let told: Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
    let trials: Vec<_> =
        told["studies"].as_array().unwrap().iter().map(|study| &study["trials"]).collect();
    assert_eq!(trials, [4, 4]);
}

#[test]
fn a_score_that_is_good_enough_ends_the_search() {
    let scratch = Scratch::new();
    let stopping = with(SMALL, &["--stop-at-score", "0.1"]);
    let told = scratch.expect(0, &stopping);
    assert!(told.contains("the score that was asked for"), "{told}");
    assert_eq!(scratch.json("out/result.json")["stop_reason"], "score");
    for score in ["0", "1.5", "NaN", "high"] {
        scratch.refused(2, &with(SMALL, &["--stop-at-score", score]), &["above 0, up to 1"]);
    }
}
