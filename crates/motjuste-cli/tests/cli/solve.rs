//! `motjuste solve`: its refusals, its numbers, its repeatability.

use motjuste::random::Streams;
use motjuste_lm::Embedded;
use motjuste_problems::tsp::{Instance, Tsp, start_tours};
use motjuste_problems::{Next, Search, Settings};
use serde_json::Value;

use crate::scratch::Scratch;
use crate::server::{Server, chat};

/// No token of the model in the binary is this b, so it never solves this one.
const LINREG: &[&str] = &["solve", "linreg", "--w", "15", "--b", "-400", "--repeats", "2"];
const SHORT: &[&str] = &["--steps", "2", "--calls", "2", "--reply-tokens", "8"];

fn with<'a>(parts: &[&[&'a str]]) -> Vec<&'a str> {
    parts.concat()
}

#[test]
fn a_wrong_request_is_refused_and_says_what_to_do() {
    let scratch = Scratch::new();
    scratch.refused(2, &["solve"], &["linreg", "tsp"]);
    scratch.refused(2, &["solve", "linreg", "--w", "15"], &["--b"]);
    scratch.refused(2, &["solve", "linreg", "--w", "1.5", "--b", "2"], &["1.5"]);
    scratch.refused(2, &["solve", "tsp", "--n", "3"], &["4..=200"]);
    scratch.refused(2, &["solve", "tsp", "--count", "0"], &["--count"]);
    for (wrong, word) in [
        (["--steps", "0"], "at least 1"),
        (["--calls", "0"], "at least 1"),
        (["--temperature", "3"], "between 0 and 2"),
        (["--temperature", "0"], "set calls to 1"),
        (["--model", "gpt-9"], "embedded"),
        (["--budget-calls", "7"], "a step is 8 calls"),
        (["--model-url", "http://localhost:1"], "no URL"),
        (["--precision", "q8_0"], "precision"),
    ] {
        scratch.refused(2, &with(&[LINREG, &wrong]), &[word, "help"]);
    }
}

#[test]
fn a_wrong_file_of_instances_is_refused_before_a_model_is_opened() {
    let scratch = Scratch::new();
    for problem in ["linreg", "tsp"] {
        let from = |file| ["solve", problem, "--model", "absent", "--instances", file];
        scratch.refused(4, &from("absent.json"), &["absent.json", "help:"]);
        scratch.write("wrong.json", "{\"repeats\": 3, \"instances\": 3}");
        scratch.refused(4, &from("wrong.json"), &["wrong.json", "help:"]);
        scratch.write("empty.json", "{\"repeats\": [], \"instances\": []}");
        scratch.refused(4, &from("empty.json"), &["no such instance", "help:"]);
    }
}

#[test]
fn linreg_reports_every_number_and_the_same_ones_twice() {
    let scratch = Scratch::new();
    let arguments = with(&[LINREG, SHORT, &["--json"]]);
    let first = scratch.expect(0, &arguments);
    assert_eq!(scratch.expect(0, &arguments), first, "answered from the store");
    let elsewhere = with(&[&arguments, &["--store", "other/store.sqlite", "--threads", "1"]]);
    assert_eq!(scratch.expect(0, &elsewhere), first, "asked again");
    let said: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(
        (said["mode"].as_str(), said["ledger"]["calls"].as_u64()),
        (Some("strict"), Some(8))
    );
    let runs = said["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 2);
    for run in runs {
        assert_eq!((run["w"].as_f64(), run["b"].as_f64()), (Some(15.0), Some(-400.0)));
        assert_eq!(run["model"]["replies"]["total"], 4);
        let spent = run["model"]["evaluations"].as_u64().unwrap();
        let baselines = run["baselines"].as_array().unwrap();
        assert_eq!(baselines.len(), 2);
        assert!(baselines.iter().all(|found| found["evaluations"].as_u64().unwrap() <= spent));
    }
    let failed = &said["summary"][1];
    assert_eq!(failed["method"], "random search");
    let failures = failed["failed_repeats"].as_array().unwrap().len();
    assert_eq!(failures as u64 + failed["found"].as_u64().unwrap(), 2, "no failure is dropped");
}

#[test]
fn the_page_is_written_where_it_is_said_and_the_same_twice() {
    let scratch = Scratch::new();
    let said = scratch.expect(0, &with(&[LINREG, SHORT]));
    let folder = said.lines().find_map(|line| line.strip_prefix("files       ")).unwrap();
    assert!(folder.starts_with("runs/linreg-w15-b-400-seed0-"), "{folder}");
    let page = scratch.read(&format!("{folder}report.html"));
    for words in ["coordinate descent", "w = 15, b = -400, repeat 1", "Dropped replies", "Ledger"] {
        assert!(page.contains(words), "{words}");
    }
    scratch.expect(0, &with(&[LINREG, SHORT, &["--out", "twice"]]));
    assert_eq!(scratch.read("twice/report.html"), page);
    scratch.write("taken", "");
    scratch.refused(7, &with(&[LINREG, SHORT, &["--out", "taken"]]), &["taken", "--out"]);
}

#[test]
fn linreg_out_of_the_box_finds_the_exact_optimum() {
    let scratch = Scratch::new();
    let said = scratch.expect(0, &["solve", "linreg", "--repeats", "3", "--json"]);
    let said: Value = serde_json::from_str(&said).unwrap();
    assert!(said["model"].as_str().unwrap().starts_with("embedded-pairs@"));
    let lines = said["summary"].as_array().unwrap();
    let of_model: Vec<_> = lines.iter().filter(|line| line["method"] == "model").collect();
    let truth = |line: &Value| (line["w"].as_f64().unwrap(), line["b"].as_f64().unwrap());
    let published =
        [(15., 14.), (17., 17.), (16., 10.), (3., 5.), (25., 23.), (2., 30.), (36., -1.)];
    assert_eq!(of_model.iter().map(|line| truth(line)).collect::<Vec<_>>(), published);
    let found = |line: &&&Value| line["found"] == 3;
    assert!(of_model.iter().filter(found).count() >= 6, "{}", said["summary"]);
    let is_exact =
        |run: &&Value| run["model"]["best"]["value"].as_f64() <= run["loss_at_truth"].as_f64();
    let runs = said["runs"].as_array().unwrap();
    assert!(runs.len() == 21 && runs.iter().filter(is_exact).count() >= 20);
}

#[test]
fn tsp_out_of_the_box_comes_close_to_the_exact_optimum() {
    let scratch = Scratch::new();
    let tsp = ["solve", "tsp", "--count", "3", "--steps", "6"];
    let said: Value =
        serde_json::from_str(&scratch.expect(0, &with(&[&tsp, &["--json"]]))).unwrap();
    assert!(said["model"].as_str().unwrap().starts_with("embedded-tours@"));
    for run in said["runs"].as_array().unwrap() {
        assert_eq!((run["n"].as_u64(), &run["reference"]["is_exact"]), (Some(10), &true.into()));
        let gap = run["gaps"][0]["gap"].as_f64().unwrap();
        assert!(gap <= 0.05, "{gap}");
    }
    let said = scratch.expect(0, &tsp);
    assert!(said.contains("`embedded-tours` was trained on 5 to 10 points"), "{said}");
}

#[test]
fn the_meta_prompt_of_tours_falls_apart_into_the_tokens_it_was_designed_for() {
    let streams = Streams::new(0);
    let instance = Instance::draw(10, streams);
    let problem = Tsp::new(instance, None);
    let search = Search::new(&problem, Settings::default());
    let progress = search.begin(start_tours(10, &[], 5, streams));
    let Next::Ask(prompt) = search.next(&progress).unwrap() else { panic!("nothing to ask") };
    let tokens = Embedded::Tours.open().unwrap().encode(&prompt).unwrap();
    // Three a point, one between points and tours, twelve a tour, eleven for the request.
    assert_eq!(tokens.len(), 3 * 10 + 1 + 5 * 12 + 11);
}

#[test]
fn a_served_model_that_tries_every_tour_finds_the_exact_optimum() {
    let scratch = Scratch::new();
    let server = every_tour_of_six_points();
    let url = server.url();
    let model = ["--model", "openai_compatible/clerk", "--model-url", &url, "--json"];
    let arguments = with(&[&["solve", "tsp", "--n", "6", "--count", "3", "--steps", "15"], &model]);
    let first = scratch.expect(0, &arguments);
    let said: Value = serde_json::from_str(&first).unwrap();
    let page = page_of(&scratch, "runs");
    assert_eq!(page.matches("class=\"map\"").count(), 6, "two maps an instance");
    assert!(page.contains("The shortest tour") && page.contains("solved in step"));
    for run in said["runs"].as_array().unwrap() {
        assert_eq!(run["reference"]["is_exact"], true);
        let gaps: Vec<f64> = run["gaps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|gap| gap["gap"].as_f64().unwrap())
            .collect();
        assert!(gaps.len() == 5 && gaps[0].abs() < 1e-9 && gaps.iter().all(|gap| *gap > -1e-9));
        assert!(run["model"]["stop_reason"]["solved"]["step"].as_u64().unwrap() <= 15);
    }
    assert_eq!(
        (said["summary"][0]["solved"].as_u64(), said["ledger"]["lost"].as_u64()),
        (Some(3), Some(0))
    );
    let asked = server.requests();
    assert_eq!(said["ledger"]["calls"].as_u64(), Some(asked as u64));
    assert_eq!(scratch.expect(0, &arguments), first);
    assert_eq!(server.requests(), asked, "answered from the store");
}

/// The page in the only folder of `runs`.
fn page_of(scratch: &Scratch, runs: &str) -> String {
    let mut folders = std::fs::read_dir(scratch.path(runs)).unwrap();
    let folder = folders.next().unwrap().unwrap().path();
    assert!(folders.next().is_none());
    std::fs::read_to_string(folder.join("report.html")).unwrap()
}

#[test]
fn a_model_that_never_returns_a_tour_ends_cleanly_and_says_so() {
    let scratch = Scratch::new();
    let server = Server::start(|_, _| (200, chat("I would rather not travel.")));
    let url = server.url();
    let model = ["--model", "openai_compatible/homebody", "--model-url", &url];
    let tsp = ["solve", "tsp", "--n", "6", "--count", "1", "--steps", "3", "--calls", "4"];
    let said = scratch.expect(0, &with(&[&tsp, &model]));
    assert!(said.contains("12: 0 new points") && said.contains("12 without one"), "{said}");
    assert!(said.contains("12 times: "), "{said}");
    assert_eq!(server.requests(), 12);
}

/// A server whose answer to draw k is the k-th of the 120 tours of six points.
fn every_tour_of_six_points() -> Server {
    Server::start(|_, request| {
        let draw = request["seed"].as_u64().unwrap() as usize;
        (200, chat(&tour(draw % 120)))
    })
}

fn tour(mut index: usize) -> String {
    let mut left: Vec<usize> = (1..6).collect();
    let mut tour = vec!["0".to_owned()];
    while !left.is_empty() {
        let choices = left.len();
        tour.push(left.remove(index % choices).to_string());
        index /= choices;
    }
    format!("<trace>{}</trace>", tour.join(","))
}

#[test]
fn a_prompt_too_long_for_the_embedded_model_is_refused_with_the_way_out() {
    let scratch = Scratch::new();
    let words = ["context of 512", "trained on 5 to 10 points", "--model"];
    scratch.refused(5, &["solve", "tsp", "--n", "60", "--steps", "1"], &words);
    let placed = ["--soft-prompt-place", "behind-system"];
    scratch.refused(2, &with(&[LINREG, &["--model", "openai/x"], &placed]), &["no soft prompt"]);
}

#[test]
fn an_instance_too_large_for_the_model_is_reported_and_the_others_go_on() {
    let scratch = Scratch::new();
    let instance = |name: &str, n: usize| {
        let tour: Vec<usize> = (0..n).collect();
        let points: Vec<_> = tour.iter().map(|x| [*x, x * x % 7]).collect();
        serde_json::json!({
            "name": name, "points": points, "oracle": "best_known", "oracle_tour": tour,
            "start_tours": [tour],
        })
    };
    let instances = [instance("large", 150), instance("small", 5), instance("middle", 6)];
    scratch.write("tsp.json", serde_json::json!({ "instances": instances }).to_string());
    let tsp = ["solve", "tsp", "--instances", "tsp.json", "--steps", "1", "--calls", "2"];
    let said = scratch.expect(5, &with(&[&tsp, &["--out", "out"]]));
    let words = ["small", "middle", "failed      large, 150 points: ", "context of 512", "--model"];
    assert!(words.iter().all(|word| said.contains(word)), "{said}");
    let page = scratch.read("out/report.html");
    assert!(
        page.contains("The model failed on 1 instance") && page.contains("large, 150 points: ")
    );
    let said: Value =
        serde_json::from_str(&scratch.expect(5, &with(&[&tsp, &["--json"]]))).unwrap();
    let runs = said["runs"].as_array().unwrap().iter().map(|run| run["instance"].as_str().unwrap());
    assert_eq!(runs.collect::<Vec<_>>(), ["small", "middle"]);
    let failed = &said["failed"][0];
    assert_eq!(
        (failed["name"].as_str(), failed["steps"].as_u64()),
        (Some("large, 150 points"), Some(0))
    );
    assert!(failed["reason"].as_str().unwrap().contains("context of 512"));
    assert!(said["budget_reached"].is_null());
}

#[test]
fn a_cap_ends_it_with_its_own_exit_code_and_what_there_is() {
    let scratch = Scratch::new();
    let said = scratch.expect(3, &with(&[LINREG, SHORT, &["--budget-calls", "5"]]));
    for words in ["the cap on generator calls ended instance 2 of 2", "coordinate descent"] {
        assert!(said.contains(words), "{said}");
    }
    assert!(said.contains("4 calls") && said.contains("from -5 to 45"), "{said}");
}
