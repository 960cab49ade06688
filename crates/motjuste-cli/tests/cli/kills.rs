//! Processes that are killed at random moments: the same study, and no answer paid twice.

use std::collections::BTreeSet;
use std::process::{Child, Stdio};
use std::time::Duration;

use motjuste::method::{GeneratorRole, Registry};
use serde_json::Value;

use crate::postgres_server::server as postgres;
use crate::scratch::{Scratch, without_time};
use crate::server::{Server, chat, first_letter};

/// A server that writes instructions and answers.
fn models() -> Server {
    Server::start(|_, body| {
        std::thread::sleep(Duration::from_millis(4));
        match body["model"].as_str() {
            Some("writer") => (200, chat(&written(body))),
            _ => (200, first_letter(body)),
        }
    })
}

/// One of a thousand instructions, in the forms that methods read.
fn written(body: &Value) -> String {
    let asked = body
        .to_string()
        .bytes()
        .fold(7u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    let what =
        ["first letter", "last letter", "beginning", "initial letter"][(asked >> 20) as usize % 4];
    let text = format!("Write the {what}, try {}.", (asked >> 24) % 1000);
    format!("<INS>{text}</INS> <instruction>{text}</instruction>")
}

/// The arguments of a small study by this method.
fn study<'a>(method: &'a str, url: &'a str, store: &'a str) -> Vec<&'a str> {
    let common = [
        "run",
        "task.toml",
        "--method",
        method,
        "--target",
        "openai_compatible/answerer",
        "--target-url",
        url,
        "--store",
        store,
        "--out",
        "out",
        "--yes",
        "--concurrency",
        "8",
        "--budget-trials",
        "10",
        "--budget-generator-calls",
        "120",
    ];
    let made = Registry::built_in().method(method, &[]).unwrap();
    let writer: &[&str] = match made.needs().generator == GeneratorRole::Words {
        true => &["--generator", "openai_compatible/writer", "--generator-url", url],
        false => &["--generator", "embedded"],
    };
    let small: &[&str] = match made.id().settings.pointer("/pool/size") {
        Some(_) => &["--set", "pool.size=48"],
        None => &[],
    };
    [&common[..], writer, small].concat()
}

/// What a study left: its trajectory, its result without what was paid, and its bill.
struct Left {
    trials: String,
    result: Value,
    calls: u64,
    lost: u64,
}

impl Left {
    fn of(scratch: &Scratch) -> Self {
        let mut result = without_time(scratch.json("out/result.json"));
        let ledger = result.as_object_mut().unwrap().remove("ledger").unwrap();
        let sum = |what: &str| {
            let roles = ["target", "generator", "judge", "assessment"].into_iter();
            roles.filter_map(|role| ledger[role][what].as_u64()).sum()
        };
        let (calls, lost) = (sum("calls"), sum("lost"));
        Self { trials: scratch.read("out/trials.jsonl"), result, calls, lost }
    }
}

/// Numbers between 0 and 1, always the same ones.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Runs until it ends by itself, killed up to `kills` times on the way; the number of kills that came in time.
fn run_killed(
    scratch: &Scratch,
    arguments: &[&str],
    moments: &mut dyn FnMut(&mut Child),
    kills: usize,
) -> usize {
    let mut killed = 0;
    while killed < kills {
        let mut child = scratch.start(arguments);
        moments(&mut child);
        child.kill().unwrap();
        match child.wait().unwrap().code() {
            None => killed += 1,
            Some(0 | 3) => break,
            Some(code) => panic!("{arguments:?} ended with {code}"),
        }
    }
    let mut last = scratch.command(arguments);
    let status = last.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(matches!(status.code(), Some(0 | 3)), "{arguments:?}: {status}");
    killed
}

/// Waits until the process has asked so many times, or has ended; and then for as many milliseconds.
fn wait_for(child: &mut Child, models: &Server, requests: usize, milliseconds: f64) {
    let before = models.requests();
    while models.requests() < before + requests && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    std::thread::sleep(Duration::from_secs_f64(milliseconds / 1e3));
}

/// A method, unbroken in a file, then killed in each store; the number of kills.
fn method_survives(method: &str, stores: &[String], kills: usize, chance: &mut Chance) -> usize {
    let (models, scratch) = (models(), Scratch::new());
    let url = models.url();
    run_killed(&scratch, &study(method, &url, "studies.sqlite"), &mut |_| {}, 0);
    let (needed, whole) = (models.requests(), Left::of(&scratch));
    // A few requests at a time; one process in four dies at any moment, before it asks.
    let mut moments = |child: &mut Child| match chance.next() < 0.25 {
        true => std::thread::sleep(Duration::from_secs_f64(chance.next())),
        false => {
            let requests = needed as f64 * chance.next() * 1.5 / kills as f64;
            wait_for(child, &models, requests as usize, 20.0 * chance.next());
        }
    };
    let mut killed = 0;
    for store in stores {
        let (scratch, before) = (Scratch::new(), models.requests());
        killed += run_killed(&scratch, &study(method, &url, store), &mut moments, kills);
        let (left, asked) = (Left::of(&scratch), models.requests() - before);
        assert_eq!(left.trials, whole.trials, "{method} on {store}: another trajectory");
        assert_eq!(left.result, whole.result, "{method} on {store}: another result");
        assert!(left.calls >= asked as u64, "{method} on {store}: {} of {asked}", left.calls);
        // What was asked again had been lost: the answer was on its way when the process died.
        let again = asked.saturating_sub(needed) as u64;
        assert!(again <= left.lost, "{method} on {store}: {again} again, {} lost", left.lost);
        println!(
            "{method}: {needed} asked unbroken, {asked} killed; bill {} with {} lost",
            left.calls, left.lost
        );
    }
    killed
}

#[test]
fn a_study_that_is_killed_is_the_same() {
    assert!(method_survives("opro", &["studies.sqlite".to_owned()], 2, &mut Chance(1)) > 0);
}

#[test]
#[ignore = "needs PostgreSQL: .ci/run postgres"]
fn a_study_that_is_killed_is_the_same_on_a_server() {
    assert!(method_survives("opro", &[postgres().fresh()], 2, &mut Chance(1)) > 0);
}

#[test]
#[ignore = "takes a quarter of an hour"]
fn two_hundred_kills_over_all_methods_and_stores_change_nothing() {
    let registry = Registry::built_in();
    let methods: BTreeSet<&str> = registry.names().collect();
    let (mut killed, mut chance) = (0, Chance(13));
    for round in 0.. {
        for method in &methods {
            let stores = ["studies.sqlite".to_owned(), postgres().fresh()];
            killed += method_survives(method, &stores, 7 + round, &mut chance);
            println!("{method}: {killed} kills so far");
        }
        if killed >= 200 {
            return;
        }
    }
}
