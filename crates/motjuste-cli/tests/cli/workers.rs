//! One study, many workers.

use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::postgres_server::server as postgres;
use crate::scratch::{SMALL, Scratch};
use crate::server::{Server, first_letter};

/// Workers, killed where a test fails.
struct Workers(Vec<Child>);

impl Workers {
    fn start(scratch: &Scratch, store: &str, count: usize) -> Self {
        let worker = ["worker", "--store", store, "--concurrency", "2"];
        Self((0..count).map(|_| scratch.start(&worker)).collect())
    }

    fn kill(&mut self, count: usize) {
        self.0.drain(..count).for_each(|mut worker| {
            worker.kill().unwrap();
            worker.wait().unwrap();
        });
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.kill(self.0.len());
    }
}

/// A server that counts the calls that it answers, 30 ms each, and the connections that they come from.
fn slow(answered: &Arc<AtomicUsize>) -> Server {
    let answered = answered.clone();
    Server::start(move |_, body| {
        std::thread::sleep(Duration::from_millis(30));
        answered.fetch_add(1, Ordering::SeqCst);
        (200, first_letter(body))
    })
}

fn arguments<'a>(url: &'a str, store: &'a str) -> Vec<&'a str> {
    let target = ["--target", "openai_compatible/m", "--target-url", url, "--store", store];
    [SMALL, &target, &["--yes"]].concat()
}

fn wait_for(what: impl Fn() -> bool) {
    let start = Instant::now();
    while !what() {
        assert!(start.elapsed() < Duration::from_secs(120), "it does not happen");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
#[ignore = "needs PostgreSQL: .ci/run postgres"]
fn a_study_is_the_same_with_any_number_of_workers_some_of_which_are_killed() {
    let answered = Arc::<AtomicUsize>::default();
    let server = slow(&answered);
    let url = server.url();
    let alone = Scratch::new();
    alone.expect(0, &arguments(&url, "alone.sqlite"));
    let calls = answered.swap(0, Ordering::SeqCst);

    let (scratch, store) = (Scratch::new(), postgres().fresh());
    let mut workers = Workers::start(&scratch, &store, 4);
    // They have joined when the store is there.
    std::thread::sleep(Duration::from_secs(3));
    let mut study = scratch.start(&arguments(&url, &store));
    wait_for(|| answered.load(Ordering::SeqCst) > calls / 4);
    workers.kill(2);
    let status = study.wait().unwrap();
    assert!(status.success());
    assert_eq!(alone.read("out/trials.jsonl"), scratch.read("out/trials.jsonl"));
    let ledger = &scratch.json("out/result.json")["ledger"];
    let used = |role: &str, what: &str| ledger[role][what].as_u64().unwrap();
    let billed = |role: &str| used(role, "calls") + used(role, "lost");
    // The Manual instruction comes from the generator.
    let bill = billed("target") + billed("assessment") - 1;
    let asked = server.requests() as u64 - calls as u64;
    assert!(bill >= asked, "the bill says {bill}, the server {asked}: {ledger}");
    // Two calls of each that was killed; on a busy machine a living one may be taken for dead, too.
    assert!(bill <= asked + 8, "more was lost than all workers had in flight: {ledger}");
}

#[test]
#[ignore = "needs PostgreSQL: .ci/run postgres"]
fn workers_make_the_calls_and_say_what_they_did() {
    let answered = Arc::<AtomicUsize>::default();
    let server = slow(&answered);
    let (scratch, store, url) = (Scratch::new(), postgres().fresh(), server.url());
    let worker = ["worker", "--store", &store, "--idle", "40", "--json"];
    let worker = scratch.command(&worker).stdout(std::process::Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_secs(3));
    scratch.tells(0, &arguments(&url, &store), &["1 worker makes the calls"]);
    let said = worker.wait_with_output().unwrap();
    let served: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(served["answered"], answered.load(Ordering::SeqCst) as u64);
    crate::contracts::conforms("worker", &served);
}

#[test]
fn a_worker_without_a_shared_store_is_told_what_it_needs() {
    Scratch::new().refused(2, &["worker"], &["--store postgresql://"]);
}
