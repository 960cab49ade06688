//! A grid of settings: its cells, its one budget, kills, and what it refuses.

use std::io::{BufRead, BufReader};

use serde_json::Value;

use crate::scratch::Scratch;

const GRID: &[&str] =
    &["grid", "task.toml", "--axes", "axes.toml", "--seeds", "2", "--budget-trials", "8"];

/// A scratch folder with two pools to choose from.
fn scratch() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("axes.toml", "\"pool.size\" = [24, 48]\n");
    scratch
}

fn with<'a>(base: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    base.iter().chain(more).copied().collect()
}

/// The last line of standard output.
fn last(said: &str) -> Value {
    serde_json::from_str(said.lines().last().unwrap()).unwrap()
}

fn states(grid: &Value) -> Vec<&str> {
    let runs = grid["runs"].as_array().unwrap();
    runs.iter().map(|run| run["state"].as_str().unwrap()).collect()
}

#[test]
fn every_cell_is_a_study_and_is_compared_with_the_first() {
    let scratch = scratch();
    let grid = last(&scratch.expect(0, &with(GRID, &["--json"])));
    assert_eq!(states(&grid), ["complete"; 4]);
    let cells = grid["cells"].as_array().unwrap();
    assert_eq!([&cells[0]["cell"], &cells[1]["cell"]], ["pool.size=24", "pool.size=48"]);
    assert!(cells[0]["difference_to_baseline"].is_null());
    let difference = &cells[1]["difference_to_baseline"];
    let number = |name: &str| difference[name].as_f64().unwrap();
    assert_eq!(difference["pairs"], 2);
    assert!(number("low") <= number("value") && number("value") <= number("high"));
    let means = [0, 1].map(|cell: usize| cells[cell]["test"]["score"].as_f64().unwrap());
    // Sums in another order.
    assert!((means[1] - means[0] - number("value")).abs() < 1e-12);
    let run = ["run", "task.toml", "--budget-trials", "8", "--set", "pool.size=24", "--out", "out"];
    scratch.expect(0, &run);
    let result = scratch.json("out/result.json");
    assert_eq!(result["study"], grid["runs"][0]["study"]);
    assert_eq!(result["ledger"]["target"]["calls"], grid["runs"][0]["target_calls"]);
}

#[test]
fn the_table_has_a_line_for_each_cell() {
    let said = scratch().expect(0, GRID);
    for words in ["pool.size=24", "pool.size=48", "(2 pairs)", "test, difference to the first"] {
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn killed_and_run_again_it_pays_for_nothing_twice() {
    let whole = scratch();
    let uninterrupted = last(&whole.expect(0, &with(GRID, &["--json"])));
    let killed = scratch();
    let mut child = killed.start(GRID);
    let said = BufReader::new(child.stderr.take().unwrap());
    assert!(said.lines().map_while(Result::ok).any(|line| line.starts_with("2 of 4: ")));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(last(&killed.expect(0, &with(GRID, &["--json"]))), uninterrupted);
    assert_eq!(last(&killed.expect(0, &with(GRID, &["--json"]))), uninterrupted);
}

#[test]
fn one_budget_holds_for_all_and_what_it_did_not_reach_is_listed() {
    let scratch = scratch();
    let capped = with(GRID, &["--budget-target-calls", "20"]);
    let grid = last(&scratch.expect(3, &with(&capped, &["--json"])));
    assert_eq!(states(&grid), ["cut", "not_reached", "not_reached", "not_reached"]);
    assert_eq!(grid["used"]["target"]["calls"], 20);
    assert!(grid["cells"][1]["test"].is_null());
    let said = scratch.expect(3, &capped);
    assert!(said.contains("ended by the cap on target calls"), "{said}");
    assert!(said.contains("not reached pool.size=48 · first_letter · seed 1"), "{said}");
    let grown = last(&scratch.expect(0, &with(GRID, &["--json"])));
    assert_eq!(states(&grown), ["complete"; 4]);
    scratch.refused(2, &with(GRID, &["--budget-target-calls", "3"]), &["does not cover"]);
}

#[test]
fn the_published_ablations_are_planned_without_spending() {
    let scratch = Scratch::new();
    let plan = ["grid", "task.toml", "--method", "opro", "--plan", "--json"];
    let two = with(&plan, &["--ablation", "order", "--ablation", "exemplars"]);
    let planned = last(&scratch.expect(0, &two));
    let first = "order=ascending, exemplars=3";
    let others = ["order=descending", "order=random", "exemplars=10", "exemplars=0"];
    assert_eq!(planned["cells"].as_array().unwrap()[1..], others);
    assert_eq!(planned["cells"][0], first);
    let product = last(&scratch.expect(0, &with(&two, &["--combine", "all", "--seeds", "3"])));
    assert_eq!(product["studies"], 27);
    for name in ["scores", "batch", "temperature", "position", "start", "one-step"] {
        let planned = last(&scratch.expect(0, &with(&plan, &["--ablation", name])));
        assert!(planned["cells"].as_array().unwrap().len() > 1, "{name}");
    }
    assert!(!scratch.path(".motjuste").exists(), "nothing is kept");
}

#[test]
fn wrong_grids_are_refused_before_anything_is_spent() {
    let scratch = Scratch::new();
    let refused = |axes: &str, more: &[&str], words: &[&str]| {
        scratch.write("axes.toml", axes);
        scratch.refused(2, &with(&["grid", "task.toml"], more), words);
    };
    refused("", &[], &["nothing is varied", "--ablation"]);
    refused("", &["--ablation", "order"], &["order", "--method opro"]);
    refused("", &["--ablation", "colour"], &["possible values"]);
    let file = ["--axes", "axes.toml"];
    refused("size = [1]", &file, &["nothing to compare"]);
    refused("size = 1", &file, &["is no list", "exemplars = [3, 10, 0]"]);
    refused("size = [1", &file, &["axes.toml"]);
    refused("size = [1, 2]", &file, &["no setting `size`", "size = 1000"]);
    refused("\"pool.size\" = [9, 9]", &file, &["are the same"]);
    refused("\"pool.size\" = [9, 8]", &with(&file, &["task.toml"]), &["given twice"]);
    refused("", &["--methods", "uniform,uniform"], &["uniform and uniform are the same"]);
    refused("", &["--methods", "uniform", "--method", "opro"], &["cannot be used with"]);
    let temperature = with(&file, &["--method", "opro"]);
    refused("temperature = [1.0, -1.0]", &temperature, &["between 0 and 2"]);
}
