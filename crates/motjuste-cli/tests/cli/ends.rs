//! A run ends when it is told to, when its time is up, and never by waiting for a server that hangs.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::scratch::{SMALL, Scratch};
use crate::server::{Server, chat, first_letter};

fn eval<'a>(url: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let remote = ["eval", "task.toml", "--instruction", "the first letter", "--target-url", url];
    [&remote, &["--target", "hosted_vllm/m"][..], more].concat()
}

/// A server that writes instructions, answers its first requests, so many, and then none.
fn hanging(answered: usize) -> Server {
    Server::start(move |before, body| {
        if before >= answered {
            std::thread::sleep(Duration::from_secs(600));
        }
        let text = format!("Write the letter {before}.");
        match body["model"].as_str() {
            Some("writer") => (200, chat(&format!("<INS>{text}</INS>"))),
            _ => (200, first_letter(body)),
        }
    })
}

/// A study with a writer and a target on this server, within so many seconds.
fn study<'a>(url: &'a str, seconds: &'a str) -> Vec<&'a str> {
    let study =
        ["run", "task.toml", "--out", "out", "--method", "opro", "--budget-seconds", seconds];
    let writer = ["--generator", "hosted_vllm/writer", "--generator-url", url];
    [&study[..], &writer, &["--target", "hosted_vllm/m", "--target-url", url]].concat()
}

/// Waits until so many requests have come.
fn wait_for(server: &Server, requests: usize) {
    while server.requests() < requests {
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn start(scratch: &Scratch, arguments: &[&str]) -> Child {
    let mut command = scratch.command(arguments);
    command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

fn send(signal: &str, child: &Child) {
    let status = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

/// Waits for its end; its exit code and what it said.
fn end(child: Child) -> (Option<i32>, String) {
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Below `nohup`, which has SIGHUP ignored, a run hears none: then this one waits for ever.
#[test]
fn the_system_ends_a_run_after_the_answers_on_their_way() {
    for (signal, code) in [("-TERM", 143), ("-HUP", 129), ("-INT", 130)] {
        let is_heard = Arc::new(AtomicBool::new(false));
        let server = answering_once(Arc::clone(&is_heard));
        let (url, scratch) = (server.url(), Scratch::new());
        let command = eval(&url, &["--concurrency", "3"]);
        let mut child = start(&scratch, &command);
        wait_for(&server, 2);
        send(signal, &child);
        let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        assert!(said.any(|line| line.contains("stopping")), "{signal}");
        is_heard.store(true, Ordering::SeqCst);
        let rest: Vec<String> = said.collect();
        assert_eq!(child.wait().unwrap().code(), Some(code), "{rest:?}");
        let asked = server.requests();
        assert!(asked < 8, "what waited for its turn was sent");
        scratch.expect(0, &command);
        assert_eq!(server.requests(), 8, "an answer was paid for twice");
    }
}

/// A server that answers nothing until it is told to.
fn answering_once(is_told: Arc<AtomicBool>) -> Server {
    Server::start(move |_, body| {
        while !is_told.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(5));
        }
        (200, first_letter(body))
    })
}

#[test]
fn a_server_that_hangs_does_not_keep_the_system_from_ending_a_run() {
    let server = hanging(0);
    let (url, scratch) = (server.url(), Scratch::new());
    let child = start(&scratch, &eval(&url, &["--grace", "0.2"]));
    wait_for(&server, 1);
    send("-TERM", &child);
    let (code, said) = end(child);
    assert!(code == Some(143) && said.contains("counted at their worst"), "{code:?} {said}");
}

#[test]
fn a_person_hears_what_is_waited_for_and_how_to_end_it_at_once() {
    let server = hanging(0);
    let (url, scratch) = (server.url(), Scratch::new());
    let mut child = start(&scratch, &eval(&url, &[]));
    wait_for(&server, 1);
    send("-INT", &child);
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let told = lines.find(|line| line.starts_with("stopping")).unwrap();
    assert!(told.contains("180 s (--timeout)") && told.contains("Ctrl-C again"), "{told}");
    send("-INT", &child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn a_server_that_hangs_does_not_keep_a_budget_from_ending() {
    let server = hanging(0);
    let (url, scratch) = (server.url(), Scratch::new());
    scratch.tells(2, &study(&url, "1"), &["budget", "--budget-seconds"]);
    let asked = server.requests();
    assert!((1..=4).contains(&asked), "{asked} requests for a server that answers none");
}

#[test]
fn a_search_that_its_time_ended_keeps_its_result_without_a_proof() {
    // The dev rows of some trials are answered, and then nothing any more.
    let server = hanging(40);
    let (url, scratch) = (server.url(), Scratch::new());
    let said = scratch.expect(3, &study(&url, "15"));
    assert!(said.contains("nothing is proven so far"), "{said}");
    let result = scratch.json("out/result.json");
    assert_eq!(result["stop_reason"], "seconds");
    assert!(result["instruction"].is_string() && result["test"].is_null(), "{result}");
    let lost = result["ledger"]["target"]["lost"].as_u64();
    assert!(lost > Some(0), "what was given up is on the bill: {result}");
}

#[test]
fn a_pause_that_a_server_asks_for_is_told() {
    let server = Server::start(|before, body| match before {
        0 => (
            429,
            serde_json::json!({ "error": { "message": "slow down",
            "details": [{ "retryDelay": "6s" }] } }),
        ),
        _ => (200, first_letter(body)),
    });
    let (url, scratch) = (server.url(), Scratch::new());
    let target = ["--target", "hosted_vllm/m", "--target-url", &url];
    scratch.tells(0, &[SMALL, &target].concat(), &["failed calls wait", "slow down"]);
}

#[test]
fn an_answer_of_megabytes_is_cut_told_and_not_kept() {
    let server = Server::start(|_, _| (200, chat(&"long ".repeat(400_000))));
    let (url, scratch) = (server.url(), Scratch::new());
    let short = ["--answer-tokens", "64"];
    scratch.tells(0, &eval(&url, &short), &["64 tokens were asked for", "--answer-tokens"]);
    let store = std::fs::metadata(scratch.path(".motjuste/store.sqlite")).unwrap().len();
    assert!(store < 2_000_000, "{store} bytes are kept");
}
