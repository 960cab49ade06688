//! The binary at work: a whole study, its files, its determinism, kills and interruptions.

use std::io::{BufRead, BufReader};
use std::process::Child;

use crate::contracts::{conforms, lines_conform};
use crate::scratch::{SMALL, Scratch, without_time};
use serde_json::Value;

fn with<'a>(base: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    base.iter().chain(more).copied().collect()
}

#[test]
fn a_study_leaves_its_files_and_they_agree() {
    let scratch = Scratch::new();
    let said = scratch.expect(0, &with(SMALL, &["--json"]));
    let last: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    let result = scratch.json("out/result.json");
    assert_eq!(last, result);
    assert_eq!(scratch.read("out/prompt.txt"), result["instruction"].as_str().unwrap());
    let trials = scratch.read("out/trials.jsonl");
    assert_eq!(trials.lines().count(), 16);
    let trials_that = |got: &str| result["trials"][got].as_u64().unwrap();
    let states = ["complete", "partial", "pruned"];
    assert_eq!(states.map(trials_that).iter().sum::<u64>(), 16);
    let shown = scratch.expect(0, &["show"]);
    assert!(shown.lines().any(|line| line.split_whitespace().nth(3) == Some("16")), "{shown}");
    let rows = |line: &str| -> usize {
        let line: Value = serde_json::from_str(line).unwrap();
        line["examples"].as_array().unwrap().len()
    };
    let paid: usize = trials.lines().map(rows).sum();
    assert_eq!(result["ledger"]["target"]["calls"], paid);
    assert_eq!(result["test"]["n"], 8);
    assert!(scratch.read("out/config.resolved.toml").contains("size = 48"));
    assert!(scratch.read("out/report.html").contains("<svg"));
    conforms("result", &result);
    lines_conform("trial", &trials);
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_one_and_two_threads() {
    let run = |threads: &str| {
        let scratch = Scratch::new();
        scratch.expect(0, &with(SMALL, &["--seed", "7", "--threads", threads]));
        (scratch.read("out/trials.jsonl"), without_time(scratch.json("out/result.json")))
    };
    let one = run("1");
    assert_eq!(one, run("1"));
    assert_eq!(one, run("2"));
}

#[test]
fn another_seed_gives_another_study() {
    let run = |seed: &str| {
        let scratch = Scratch::new();
        scratch.expect(0, &with(SMALL, &["--seed", seed]));
        scratch.read("out/trials.jsonl")
    };
    assert_ne!(run("1"), run("2"));
}

/// Waits until the study has said something about this many trials, or more.
fn wait_for_trials(child: &mut Child, trials: usize) {
    let said = BufReader::new(child.stderr.take().unwrap());
    let told = |line: &str| line.split_once('/').and_then(|(done, _)| done.parse::<usize>().ok());
    let is_reached = |line: String| told(&line).is_some_and(|done| done >= trials);
    let reached = said.lines().map_while(Result::ok).any(is_reached);
    assert!(reached, "the study ended before {trials} trials");
}

const LONGER: &[&str] =
    &["run", "task.toml", "--budget-trials", "45", "--set", "pool.size=150", "--out", "out"];

#[test]
fn killed_and_run_again_is_as_if_never_killed() {
    let whole = Scratch::new();
    whole.expect(0, LONGER);
    let killed = Scratch::new();
    for trials in [10, 25] {
        let mut child = killed.start(LONGER);
        wait_for_trials(&mut child, trials);
        child.kill().unwrap();
        child.wait().unwrap();
    }
    killed.expect(0, LONGER);
    assert_eq!(killed.read("out/trials.jsonl"), whole.read("out/trials.jsonl"));
    let results = [&killed, &whole].map(|scratch| without_time(scratch.json("out/result.json")));
    assert_eq!(results[0], results[1]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_safely_and_the_study_goes_on() {
    let scratch = Scratch::new();
    let mut child = scratch.start(LONGER);
    wait_for_trials(&mut child, 10);
    let id = child.id().to_string();
    std::process::Command::new("kill").args(["-INT", &id]).status().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    scratch.expect(0, LONGER);
    let whole = Scratch::new();
    whole.expect(0, LONGER);
    assert_eq!(scratch.read("out/trials.jsonl"), whole.read("out/trials.jsonl"));
}

#[test]
fn a_finished_study_is_answered_from_the_store() {
    let scratch = Scratch::new();
    scratch.expect(0, SMALL);
    let first = scratch.read("out/result.json");
    scratch.expect(0, SMALL);
    assert_eq!(scratch.read("out/result.json"), first);
}

#[test]
fn a_cap_ends_the_search_early_with_its_own_exit_code_and_a_result() {
    let scratch = Scratch::new();
    scratch.expect(3, &with(SMALL, &["--budget-target-calls", "40"]));
    let result = scratch.json("out/result.json");
    assert_eq!(result["stop_reason"], "target_calls");
    assert_eq!(result["ledger"]["target"]["calls"], 40);
}

#[test]
fn the_store_can_be_asked_and_an_instruction_scored() {
    let scratch = Scratch::new();
    scratch.expect(0, SMALL);
    let result = scratch.json("out/result.json");
    let best = scratch.expect(0, &["best", "first_letter-motjuste"]);
    assert_eq!(best.trim_end_matches('\n'), result["instruction"].as_str().unwrap());
    assert_eq!(scratch.expect(0, &["trials", "--json"]), scratch.read("out/trials.jsonl"));
    assert!(scratch.expect(0, &["show"]).contains("first_letter-motjuste-seed0"));
    let eval = ["eval", "task.toml", "--instruction-file", "out/prompt.txt", "--json"];
    let scored: Value = serde_json::from_str(&scratch.expect(0, &eval)).unwrap();
    assert_eq!(scored["score"], result["test"]);
    let models: Value = serde_json::from_str(&scratch.expect(0, &["models", "--json"])).unwrap();
    assert_eq!(
        (&models[0]["name"], &models[1]["name"]),
        (&"embedded".into(), &"embedded-pairs".into())
    );
    scratch.expect(0, &["models", "export", "pairs", "--model", "embedded-pairs"]);
    assert_eq!(scratch.json("pairs/config.json")["hidden_size"], models[1]["hidden"]);
    let report = ["report", "first_letter-motjuste", "--task", "task.toml", "--out", "again"];
    scratch.expect(0, &report);
    assert_eq!(scratch.read("again/report.html"), scratch.read("out/report.html"));
}

#[test]
fn an_exported_gguf_file_runs_the_same_study() {
    let scratch = Scratch::new();
    let told = scratch.expect(0, &["models", "export", "model.gguf"]);
    assert!(told.contains("as a GGUF file"), "{told}");
    let found = scratch.expect(0, &["models", "model.gguf"]);
    assert!(found.contains("llama, a chat template") && found.contains(" M F32"), "{found}");
    scratch.refused(5, &["models", "absent.gguf"], &["absent.gguf cannot be read"]);
    // The file has a chat template, which passes text through, and behind one hidden states are
    // those of the text without the space in front; so the search looks at words alone.
    let run = ["run", "task.toml", "--budget-trials", "16", "--set", "features=words"];
    scratch.expect(0, &with(&run, &["--out", "here"]));
    let file = ["--generator", "model.gguf", "--target", "model.gguf", "--out", "gguf"];
    scratch.expect(0, &with(&run, &file));
    assert_eq!(scratch.read("gguf/trials.jsonl"), scratch.read("here/trials.jsonl"));
}

#[test]
fn every_method_runs() {
    for method in ["instructzero", "instructzero-compat", "uniform", "random-pick"] {
        let scratch = Scratch::new();
        let arguments = ["run", "task.toml", "--budget-trials", "30", "--method", method];
        scratch.expect(0, &with(&arguments, &["--out", "out"]));
        assert_eq!(scratch.json("out/result.json")["method"], method);
    }
}

#[test]
fn a_task_with_ten_examples_works() {
    let scratch = Scratch::new();
    let rows = "red blue green black white brown pink grey gold teal".split_whitespace();
    let rows: String = rows
        .map(|word| format!("{{\"input\": \"{word}\", \"output\": \"{}\"}}\n", &word[..1]))
        .collect();
    scratch.write("ten.jsonl", rows);
    scratch.write(
        "ten.toml",
        "name = \"first_letter\"\nmetric = \"exact_match\"\n[data]\nexamples = \"ten.jsonl\"\n",
    );
    let small = ["run", "ten.toml", "--budget-trials", "12", "--set", "pool.size=32"];
    scratch.expect(0, &with(&small, &["--out", "out"]));
    let result = scratch.json("out/result.json");
    assert!(
        result["dev"]["n"].as_u64().unwrap() >= 1 && result["test"]["n"].as_u64().unwrap() >= 1
    );
}
