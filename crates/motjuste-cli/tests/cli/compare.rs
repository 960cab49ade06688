//! Methods compared: equal budgets, kills, what a person gets, and what is refused.

use std::io::{BufRead, BufReader};

use serde_json::Value;

use crate::contracts::conforms;
use crate::scratch::Scratch;
use crate::server::{Server, chat, first_letter};

const COMPARE: &[&str] =
    &["compare", "task.toml", "--axes", "axes.toml", "--seeds", "2", "--budget-trials", "8"];

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

fn states(report: &Value) -> Vec<&str> {
    let studies = report["studies"].as_array().unwrap();
    studies.iter().map(|study| study["state"].as_str().unwrap()).collect()
}

fn calls(study: &Value) -> u64 {
    study["account"]["target"]["calls"].as_u64().unwrap()
}

#[test]
fn every_cell_is_a_study_and_is_compared_with_the_first() {
    let scratch = scratch();
    let report = last(&scratch.expect(0, &with(COMPARE, &["--json", "--out", "out"])));
    assert_eq!(scratch.json("out/compare.json"), report);
    assert_eq!(states(&report), ["complete"; 4]);
    let methods = report["methods"].as_array().unwrap();
    assert_eq!([&methods[0]["method"], &methods[1]["method"]], ["pool.size=24", "pool.size=48"]);
    assert!(methods[0]["against_reference"].is_null());
    let difference = &methods[1]["against_reference"]["these_tasks"];
    let number = |name: &str| difference[name].as_f64().unwrap();
    assert!(number("low") <= number("value") && number("value") <= number("high"));
    let means = [0, 1].map(|method: usize| methods[method]["test"]["score"].as_f64().unwrap());
    // Sums in another order.
    assert!((means[1] - means[0] - number("value")).abs() < 1e-12);
    assert_eq!(report["pairs"][0]["these_tasks"]["value"], -number("value"));
}

/// A comparison that was made is given its curve afterwards, for what that costs and no more.
#[test]
fn a_curve_of_test_scores_is_made_where_it_is_asked_for() {
    let scratch = Scratch::new();
    let stepwise = ["compare", "task.toml", "--methods", "opro,uniform", "--budget-trials", "24"];
    let made = with(&stepwise, &["--json", "--out", "out"]);
    let plain = last(&scratch.expect(0, &made));
    assert!(plain["methods"][0].get("test_curve").is_none());
    let curved = with(&made, &["--test-curve", "--again"]);
    let report = last(&scratch.expect(0, &curved));
    let end = report["methods"][0]["test_curve"].as_array().unwrap().last().unwrap();
    assert_eq!(end["mean"], report["methods"][0]["test"]["score"]);
    assert!(scratch.read("out/report.html").contains("Best so far, on test rows"));
    let of = |report: &Value, role: &str| report["used"][role]["calls"].as_u64().unwrap();
    assert_eq!(of(&report, "target"), of(&plain, "target"));
    assert!(of(&report, "assessment") > of(&plain, "assessment"));
    let again = last(&scratch.expect(0, &curved));
    assert_eq!(again["used"], report["used"]);
}

#[test]
fn the_terminal_has_a_line_for_each_method_and_says_where_the_files_are() {
    let said = scratch().expect(0, &with(COMPARE, &["--out", "out"]));
    for words in ["pool.size=24", "pool.size=48", "corrected p", "out/compare.json"] {
        assert!(said.contains(words), "{said}");
    }
}

/// Whatever another study of the same store paid for, each has the whole budget.
#[test]
fn every_study_has_the_same_budget_whichever_was_first() {
    let both = ["compare", "task.toml", "--budget-target-calls", "90", "--json", "--methods"];
    let of = |scratch: &Scratch, methods: &str| last(&scratch.expect(0, &with(&both, &[methods])));
    let scratch = Scratch::new();
    let alone = of(&Scratch::new(), "random-pick,uniform");
    let other = of(&Scratch::new(), "uniform,random-pick");
    for (study, same) in [(0, 1), (1, 0)] {
        assert_eq!(calls(&alone["studies"][study]), calls(&other["studies"][same]));
        assert_eq!(alone["studies"][study]["test"], other["studies"][same]["test"]);
    }
    // A run of the same method has paid for all of it, up to its cap.
    scratch.expect(
        3,
        &["run", "task.toml", "--method", "uniform", "--budget-target-calls", "90", "--out", "out"],
    );
    let again = last(&scratch.expect(0, &with(&both, &["uniform,random-pick", "--again"])));
    let uniform = &again["studies"][0];
    assert_eq!(calls(uniform), calls(&other["studies"][0]));
    assert_eq!(uniform["account"]["target"]["shared"], uniform["account"]["target"]["calls"]);
    assert_eq!(uniform["test"], other["studies"][0]["test"]);
}

/// What a study says it paid is what a server counted that it alone asked; together they ask for less, and say how much less.
#[test]
fn a_counting_server_agrees_with_the_account_of_every_study() {
    let compared = |methods: &str| {
        let server = Server::start(|_, body| (200, written_or_first_letter(body)));
        let url = server.url();
        let target = ["--target", "openai_compatible/m", "--target-url", &url];
        let budget = ["--budget-target-calls", "60", "--json"];
        let compare = ["compare", "task.toml", "--methods", methods];
        let arguments = [&compare[..], &target, &budget].concat();
        let report = last(&Scratch::new().expect(0, &arguments));
        (report["studies"].as_array().unwrap().clone(), server.requests() as u64)
    };
    let methods = ["ape", "opro", "motjuste-chat", "manual", "empty"];
    let (together, asked) = compared(&methods.join(","));
    assert_eq!(together.iter().map(paid).sum::<u64>(), asked);
    for (method, shared) in methods.iter().zip(&together) {
        let (alone, asked) = compared(method);
        assert_eq!(paid(&alone[0]), asked, "{method}");
        assert_eq!(calls(&alone[0]), calls(shared), "{method}");
    }
}

/// An instruction, in the form that is asked for, and the first letter to whoever asks for a letter.
fn written_or_first_letter(body: &Value) -> Value {
    let asked = body["messages"][0]["content"].as_str().unwrap_or_default();
    let said = format!("Say its letter, take {}.", asked.len() % 7);
    match ["</instruction>", "<INS>", "instruction was"].map(|form| asked.contains(form)) {
        [true, ..] => chat(&format!("<instruction>{said}</instruction>")),
        [_, true, _] => chat(&format!("<INS>{said}</INS>")),
        [.., true] => chat(&said),
        _ => first_letter(body),
    }
}

/// Calls of all roles that no other study had paid for.
fn paid(study: &Value) -> u64 {
    let of = |role: &str, what: &str| study["account"][role][what].as_u64().unwrap_or(0);
    let roles = ["generator", "target", "assessment"];
    roles.iter().map(|role| of(role, "calls") - of(role, "shared")).sum()
}

#[test]
fn studies_side_by_side_come_to_the_same() {
    let one = last(&scratch().expect(0, &with(COMPARE, &["--json", "--side-by-side", "1"])));
    let four = last(&scratch().expect(0, &with(COMPARE, &["--json", "--side-by-side", "4"])));
    for part in ["methods", "tasks", "pairs"] {
        assert_eq!(
            without_sharing(one[part].clone()),
            without_sharing(four[part].clone()),
            "{part}"
        );
    }
}

/// Who of two studies at the same time paid for a response is chance; that both count it is not.
fn without_sharing(mut value: Value) -> Value {
    match &mut value {
        Value::Object(object) => {
            object.retain(|key, _| !key.starts_with("shared"));
            object.values_mut().for_each(|one| *one = without_sharing(one.take()));
        }
        Value::Array(all) => all.iter_mut().for_each(|one| *one = without_sharing(one.take())),
        _ => {}
    }
    value
}

#[test]
fn killed_and_run_again_it_pays_for_nothing_twice() {
    let one_by_one = with(COMPARE, &["--side-by-side", "1"]);
    let whole = scratch();
    let uninterrupted = last(&whole.expect(0, &with(&one_by_one, &["--json"])));
    let killed = scratch();
    let mut child = killed.start(&one_by_one);
    let said = BufReader::new(child.stderr.take().unwrap());
    assert!(said.lines().map_while(Result::ok).any(|line| line.starts_with("2 of 4")));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(last(&killed.expect(0, &with(&one_by_one, &["--json"]))), uninterrupted);
    assert_eq!(last(&killed.expect(0, &with(&one_by_one, &["--json"]))), uninterrupted);
}

#[test]
fn a_total_holds_for_all_and_what_it_did_not_reach_is_listed() {
    let scratch = scratch();
    let capped = with(COMPARE, &["--total-target-calls", "20"]);
    let report = last(&scratch.expect(3, &with(&capped, &["--json"])));
    assert_eq!(states(&report), ["cut", "not_reached", "not_reached", "not_reached"]);
    assert_eq!(report["used"]["target"]["calls"], 20);
    assert!(report["methods"][1]["test"].is_null());
    let said = scratch.expect(3, &capped);
    assert!(said.contains("ended by the cap on target calls"), "{said}");
    assert!(said.contains("not reached pool.size=48 · first_letter · seed 1"), "{said}");
    let grown = last(&scratch.expect(0, &with(COMPARE, &["--json"])));
    assert_eq!(states(&grown), ["complete"; 4]);
    scratch.refused(2, &with(COMPARE, &["--total-target-calls", "3"]), &["does not cover"]);
}

#[test]
fn a_look_at_test_rows_that_others_looked_at_is_asked_for() {
    let scratch = Scratch::new();
    scratch.expect(0, &["run", "task.toml", "--budget-trials", "8", "--out", "out"]);
    let compare =
        ["compare", "task.toml", "--methods", "uniform,random-pick", "--budget-trials", "4"];
    scratch.refused(2, &compare, &["first_letter by 1", "--again"]);
    scratch.expect(0, &with(&compare, &["--again"]));
    // Its own studies are no others.
    scratch.refused(2, &compare, &["first_letter by 1"]);
}

#[test]
fn a_file_gives_the_flags() {
    let scratch = Scratch::new();
    let text = "tasks = \"task.toml\"\nmethods = [\"uniform\", \"random-pick\"]\nbudget_trials = 4\nseeds = 2\n";
    scratch.write("c.toml", text);
    let planned = |more: &[&str]| {
        last(&scratch.expect(0, &with(&["compare", "--from", "c.toml", "--plan", "--json"], more)))
    };
    let value = |text: &str| toml::from_str::<Value>(text).unwrap();
    conforms("comparison", &value(text));
    conforms(
        "comparison",
        &value("activations = 8\nstop_at_score = 1\nvariant = [\"opro batch=4\"]"),
    );
    assert_eq!(planned(&[])["studies"], 4);
    assert_eq!(planned(&["--seeds", "5"])["studies"], 10);
    scratch.write("c.toml", "tasks = \"task.toml\"\ncolour = 3\n");
    scratch.refused(2, &["compare", "--from", "c.toml"], &["--colour"]);
    scratch.refused(2, &["compare", "--from", "nowhere.toml"], &["nowhere.toml"]);
}

#[test]
fn suites_are_read_or_say_what_they_need() {
    let scratch = Scratch::new();
    let plan =
        |suite: &'static str| ["compare", "--suite", suite, "--methods", "uniform,opro", "--plan"];
    scratch.refused(2, &plan("embedded"), &["no folder tasks"]);
    scratch.refused(2, &plan("real"), &["--target"]);
    scratch.refused(2, &plan("bbh"), &["--data"]);
    scratch.refused(4, &with(&plan("bbh"), &["--data", "."]), &["no file *.json"]);
}

#[test]
fn the_published_ablations_are_planned_without_spending() {
    let scratch = Scratch::new();
    let plan = ["compare", "task.toml", "--method", "opro", "--plan", "--json"];
    let two = with(&plan, &["--ablation", "order", "--ablation", "exemplars"]);
    let planned = last(&scratch.expect(0, &two));
    let first = "order=ascending, exemplars=3";
    let others = ["order=descending", "order=random", "exemplars=10", "exemplars=0"];
    assert_eq!(planned["methods"].as_array().unwrap()[1..], others);
    assert_eq!(planned["methods"][0], first);
    let product = last(&scratch.expect(0, &with(&two, &["--combine", "all", "--seeds", "3"])));
    assert_eq!(product["studies"], 27);
    for name in ["scores", "batch", "temperature", "position", "start", "one-step"] {
        let planned = last(&scratch.expect(0, &with(&plan, &["--ablation", name])));
        assert!(planned["methods"].as_array().unwrap().len() > 1, "{name}");
    }
    assert!(!scratch.path(".motjuste").exists(), "nothing is kept");
}

#[test]
fn wrong_comparisons_are_refused_before_anything_is_spent() {
    let scratch = Scratch::new();
    let refused = |axes: &str, more: &[&str], words: &[&str]| {
        scratch.write("axes.toml", axes);
        scratch.refused(2, &with(&["compare", "task.toml"], more), words);
    };
    refused("", &[], &["nothing is compared", "--ablation", "--methods"]);
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
