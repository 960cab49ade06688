//! OPRO on published datasets: generator and target behind a real HTTP server.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::scratch::{Scratch, repository, without_time};
use crate::server::{Server, chat};

/// What the generator replies to draw k: the k-th, over two steps of four.
const REPLIES: [&str; 8] = [
    "<INS>Carefully think.</INS>",
    "Sure! <INS>Think step by step.</INS>",
    "<INS>Carefully think step by step.</INS>",
    "<INS>Solve all 3 parts.</INS>",
    "<INS>carefully think.</INS>",
    "<INS>Carefully check every step.</INS>",
    "<INS></INS>",
    "<INS>Prüfe Schritt für Schritt – 检查.</INS>",
];

/// A server that holds back its answers from a request on, and remembers what it was asked.
struct World {
    server: Server,
    asked: Arc<Mutex<Vec<Value>>>,
    hold_from: Arc<AtomicUsize>,
}

impl World {
    /// A target that knows the more of `truths` the better the instruction, and a generator that replies
    /// by its draw.
    fn of(truths: HashMap<String, String>) -> Self {
        let (asked, hold_from) =
            (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(usize::MAX)));
        let (log, hold) = (asked.clone(), hold_from.clone());
        let server = Server::start(move |before, body| {
            while before >= hold.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(1));
            }
            log.lock().unwrap().push(body.clone());
            match body["model"].as_str() {
                Some("writer") => (200, chat(reply(body))),
                _ => match answer(&truths, prompt(body)) {
                    Some(text) => (200, chat(&text)),
                    None => (400, json!({ "error": { "message": "not in the paper's layout" } })),
                },
            }
        });
        Self { server, asked, hold_from }
    }

    /// The meta-prompts, draw by draw.
    fn meta_prompts(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        let drawn = asked.iter().filter(|body| body["model"] == "writer" && body["seed"].is_u64());
        let mut drawn: Vec<_> =
            drawn.map(|body| (body["seed"].as_u64(), prompt(body).to_owned())).collect();
        drawn.sort();
        drawn.into_iter().map(|(_, prompt)| prompt).collect()
    }
}

fn prompt(body: &Value) -> &str {
    body["messages"][0]["content"].as_str().unwrap()
}

fn reply(body: &Value) -> &'static str {
    match body["seed"].as_u64() {
        Some(draw) => REPLIES[draw as usize],
        None => "answer the question",
    }
}

/// The right answer to the share of questions that the instruction helps with; none to a prompt that
/// is not an instruction, where there is one, on a line of its own before the question.
fn answer(truths: &HashMap<String, String>, prompt: &str) -> Option<String> {
    let (instruction, question) = match truths.contains_key(prompt) {
        true => ("", prompt),
        false => prompt.split_once('\n')?,
    };
    let truth = truths.get(question)?;
    let helpful = ["Carefully", "step", "check"];
    let hits = helpful.iter().filter(|word| instruction.contains(*word)).count() as u64;
    let difficulty = question.bytes().map(u64::from).sum::<u64>() % 5;
    Some(if difficulty <= hits { format!("The answer is {truth}.") } else { "Hm.".to_owned() })
}

/// A dataset, its method, and what has to come out.
struct Case {
    dataset: &'static str,
    method: &'static str,
    truths: HashMap<String, String>,
    /// Items that are scored on, and held-out ones.
    sizes: (u64, u64),
    /// Different instructions that are scored.
    instructions: u64,
    /// Whether the empty instruction is one of them.
    starts_empty: bool,
}

fn arguments<'a>(case: &Case, data: &'a str, url: &'a str) -> Vec<&'a str> {
    let head = ["run", case.dataset, "--method", case.method, "--data", data, "--out", "out"];
    let models = ["--generator", "openai_compatible/writer", "--generator-url", url];
    let target = ["--target", "openai_compatible/answerer", "--target-url", url];
    let size = ["--set", "steps=2", "--set", "batch=4", "--dev-examples", "all"];
    [&head[..], &models, &target, &size, &["--budget-trials", "none", "--concurrency", "4"]]
        .concat()
}

/// Runs the case on the files in `data` and compares every count.
fn counts_hold(case: &Case, data: &Path) {
    let scratch = Scratch::new();
    let world = World::of(case.truths.clone());
    let (data, url) = (data.to_str().unwrap(), world.server.url());
    scratch.expect(0, &arguments(case, data, &url));
    let result = scratch.json("out/result.json");
    let (scored, held_out) = case.sizes;
    assert_eq!(
        (result["dev"]["n"].as_u64(), result["test"]["n"].as_u64()),
        (Some(scored), Some(held_out))
    );
    assert_eq!(result["method"], "opro");
    assert_eq!(result["instruction"], "Carefully check every step.");
    assert_eq!(result["trials"]["distinct_instructions"], case.instructions);
    assert_eq!(scratch.read("out/trials.jsonl").lines().count() as u64, case.instructions);
    assert_eq!(scratch.read("out/prompt.txt"), "Carefully check every step.");
    assert!(scratch.read("out/report.html").contains("<svg"));
    assert!(
        result["dev"]["score"].as_f64() > result["baselines"]["empty"]["dev"]["score"].as_f64()
    );
    let calls = |role: &str| result["ledger"][role]["calls"].as_u64().unwrap();
    assert_eq!((calls("generator"), calls("target")), (8, case.instructions * scored));
    // Winner, empty and Manual on the held-out part; Manual, and what was not scored before, on the
    // other; and one call that writes Manual.
    let baselines = if case.starts_empty { scored } else { 2 * scored };
    assert_eq!(calls("assessment"), 3 * held_out + baselines + 1);
    let paid = calls("generator") + calls("target") + calls("assessment");
    assert_eq!(world.server.requests() as u64, paid);
    meta_prompts_hold(&world.meta_prompts(), case);
}

/// Two meta-prompts, four times each: three examples with their answers, and every score so far,
/// ascending.
fn meta_prompts_hold(asked: &[String], case: &Case) {
    assert_eq!(asked.len(), 8);
    assert!(asked[..4].iter().all(|prompt| *prompt == asked[0]));
    assert!(asked[4..].iter().all(|prompt| *prompt == asked[4]));
    for prompt in asked {
        let answers = prompt.matches("\nGround truth answer:\n").count();
        let shown = case.truths.keys().filter(|question| prompt.contains(question.as_str()));
        assert!(answers == 3 && shown.count() >= 3, "{prompt}");
        let scores: Vec<u32> = prompt.split("\nscore:\n").skip(1).map(leading_number).collect();
        assert!(!scores.is_empty() && scores.is_sorted(), "{prompt}");
    }
    assert!(asked[4].contains("\ntext:\nThink step by step.\nscore:\n"), "{}", asked[4]);
}

fn leading_number(text: &str) -> u32 {
    text.lines().next().unwrap().parse().unwrap()
}

fn navigate(truths: HashMap<String, String>, sizes: (u64, u64)) -> Case {
    let (dataset, method) = ("bbh/navigate", "opro-bbh");
    Case { dataset, method, truths, sizes, instructions: 7, starts_empty: true }
}

/// Digits are not for GSM8K's instructions.
fn gsm8k(truths: HashMap<String, String>, sizes: (u64, u64)) -> Case {
    let (dataset, method) = ("gsm8k", "opro-gsm8k");
    Case { dataset, method, truths, sizes, instructions: 6, starts_empty: false }
}

/// Files of our own in the published formats: a hundred walks, and six hundred and twenty sums.
fn own_files(scratch: &Scratch) -> PathBuf {
    let walk = |i: u32| {
        let back = if i.is_multiple_of(3) { "No" } else { "Yes" };
        json!({ "input": format!("Walk {i} steps out and some back.\nAre you home?"), "target": back })
    };
    let walks: Vec<Value> = (0..100).map(walk).collect();
    let sum = |i: u32| format!("Ann has {i} pens and buys 7. How many has she?\t{}\tb''\n", i + 7);
    let data = scratch.path("data");
    for folder in ["bbh", "gsm8k"] {
        std::fs::create_dir_all(data.join(folder)).unwrap();
    }
    scratch.write("data/bbh/navigate.json", json!({ "canary": "", "examples": walks }).to_string());
    scratch.write("data/gsm8k/gsm_train.tsv", (0..600).map(sum).collect::<String>());
    scratch.write("data/gsm8k/gsm_test.tsv", (600..620).map(sum).collect::<String>());
    data
}

fn walks(data: &Path) -> HashMap<String, String> {
    let text = std::fs::read_to_string(data.join("bbh/navigate.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let examples = file["examples"].as_array().unwrap().iter();
    examples.map(|example| (text(&example["input"]), text(&example["target"]))).collect()
}

fn sums(data: &Path) -> HashMap<String, String> {
    let read = |name| std::fs::read_to_string(data.join("gsm8k").join(name)).unwrap();
    let files = ["gsm_train.tsv", "gsm_test.tsv"].map(read).concat();
    let rows =
        files.lines().map(|row| row.split('\t').take(2).map(str::to_owned).collect::<Vec<_>>());
    rows.map(|row| (row[0].clone(), row[1].clone())).collect()
}

#[test]
fn a_study_on_files_in_the_published_formats_keeps_every_count() {
    let scratch = Scratch::new();
    let data = own_files(&scratch);
    counts_hold(&navigate(walks(&data), (20, 80)), &data);
    counts_hold(&gsm8k(sums(&data), (21, 20)), &data);
}

#[test]
#[ignore = "needs the published data; set MOTJUSTE_SHARED"]
fn a_study_on_the_published_files_has_the_published_sizes() {
    let default = repository().join("../shared");
    let data = std::env::var_os("MOTJUSTE_SHARED").map_or(default, PathBuf::from).join("data");
    counts_hold(&navigate(walks(&data), (50, 200)), &data);
    counts_hold(&gsm8k(sums(&data), (261, 1319)), &data);
}

#[test]
fn killed_anywhere_and_run_again_a_served_study_takes_the_same_path() {
    let files = Scratch::new();
    let data = own_files(&files);
    let case = navigate(walks(&data), (20, 80));
    let run = |kills: &[usize]| {
        let (scratch, world) = (Scratch::new(), World::of(case.truths.clone()));
        let url = world.server.url();
        let arguments = arguments(&case, data.to_str().unwrap(), &url);
        for kill in kills {
            world.hold_from.store(*kill, Ordering::SeqCst);
            let mut child = scratch.start(&arguments);
            while world.server.requests() <= *kill {
                assert!(child.try_wait().unwrap().is_none(), "it ended before {kill} requests");
                std::thread::sleep(Duration::from_millis(1));
            }
            child.kill().unwrap();
            child.wait().unwrap();
        }
        world.hold_from.store(usize::MAX, Ordering::SeqCst);
        scratch.expect(0, &arguments);
        let mut result = without_time(scratch.json("out/result.json"));
        let fields = result.as_object_mut().unwrap();
        // The server's port is part of the models' names, and those of the study's.
        let _ = ["study", "target", "generator"].map(|field| fields.remove(field));
        let ledger = fields.remove("ledger").unwrap();
        (scratch.read("out/trials.jsonl"), result, ledger, world.server.requests() as u64)
    };
    let (whole, killed) = (run(&[]), run(&[5, 60, 130]));
    assert_eq!((&killed.0, &killed.1), (&whole.0, &whole.1));
    let sum = |ledger: &Value, field: &str| {
        let roles = ["generator", "target", "assessment"].iter();
        roles.map(|role| ledger[role][field].as_u64().unwrap()).sum::<u64>()
    };
    // What was on its way when the process died is on the bill, and asked again.
    let lost = sum(&killed.2, "lost");
    assert!(lost >= 3 && sum(&whole.2, "lost") == 0);
    assert_eq!(sum(&killed.2, "calls"), sum(&whole.2, "calls") + lost);
    assert!((3..=lost).contains(&(killed.3 - whole.3)), "{} of {lost}", killed.3 - whole.3);
}

#[test]
fn a_dataset_that_cannot_be_used_is_refused_with_the_way_out() {
    let scratch = Scratch::new();
    own_files(&scratch);
    let refused = |code, arguments: &[&str], words: &[&str]| {
        let opro = ["--method", "opro-bbh"];
        scratch.refused(code, &[&["run"], arguments, &opro].concat(), words);
    };
    refused(2, &["bbq/navigate", "--data", "data"], &["bbq/navigate", "bbh/TASK"]);
    refused(4, &["bbh/snarks", "--data", "data"], &["snarks.json", "published files"]);
    refused(2, &["task.toml", "--mode", "compat"], &["--data"]);
    let boxed = ["bbh/navigate", "--data", "data", "--mode", "boxed"];
    refused(2, &boxed, &["strict", "compat-boxed"]);
}
