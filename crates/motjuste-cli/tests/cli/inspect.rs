//! `motjuste inspect`, and what the page tells of a study by OPRO.

use serde_json::Value;

use crate::scratch::{SMALL, Scratch};

/// A study of two steps, with meta-prompts short enough for the embedded model.
const OPRO: &[&str] = &[
    "run",
    "task.toml",
    "--method",
    "opro",
    "--out",
    "out",
    "--set",
    "steps=2",
    "--set",
    "batch=4",
    "--set",
    "shown=2",
    "--set",
    "exemplars=1",
    "--set",
    "max_tokens=32",
];

#[test]
fn every_step_is_told_with_its_meta_prompt_and_what_was_dropped() {
    let scratch = Scratch::new();
    scratch.expect(0, OPRO);
    let said = scratch.expect(0, &["inspect", "--json"]);
    let steps: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(steps.len(), 2);
    for step in &steps {
        let replies = step["replies"].as_array().unwrap();
        let new = replies.iter().filter(|reply| reply["dropped"].is_null()).count();
        assert_eq!((replies.len(), new), (4, step["trials"].as_array().unwrap().len()));
    }
    let told = scratch.expect(0, &["inspect", "first_letter-opro"]);
    assert!(told.contains("step   1") && told.contains("4 replies: "), "{told}");
    let asked = scratch.expect(0, &["inspect", "--meta-prompt", "2", "--task", "task.toml"]);
    for shown in steps[1]["trajectory"].as_array().unwrap() {
        assert!(asked.contains(shown["instruction"].as_str().unwrap()), "{asked}");
    }
    let page = scratch.read("out/report.html");
    assert!(
        page.contains("Dev score against test score") && page.contains("The whole meta-prompt")
    );
    let task = ["report", "first_letter-opro", "--task", "task.toml", "--out", "again"];
    scratch.expect(0, &task);
    assert_eq!(scratch.read("again/report.html"), page);
}

#[test]
fn what_cannot_be_shown_is_refused_with_the_way_out() {
    let scratch = Scratch::new();
    scratch.refused(6, &["inspect"], &["no store", "help:"]);
    scratch.expect(0, SMALL);
    scratch.refused(2, &["inspect"], &["its method is motjuste", "motjuste trials"]);
    scratch.expect(0, OPRO);
    let opro = ["inspect", "first_letter-opro", "--meta-prompt"];
    scratch.refused(2, &[&opro[..], &["1"]].concat(), &["shows examples", "--task"]);
    scratch.refused(
        2,
        &[&opro[..], &["9", "--task", "task.toml"]].concat(),
        &["no step 9", "1 to 2"],
    );
    scratch.refused(
        2,
        &["inspect", "first_letter-opro", "--task", "task.toml"],
        &["--meta-prompt"],
    );
}
