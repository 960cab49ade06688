//! Processes that are killed while they write, and processes that write together.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use motjuste_store::{Address, Store, open};
use tokio::task::JoinSet;

use crate::sample::{event, key, response};
use crate::server::server;
use crate::sqlite::place;

const STORE: &str = "MOTJUSTE_TEST_STORE";
const STUDY: &str = "MOTJUSTE_TEST_STUDY";
const ROUNDS: &str = "MOTJUSTE_TEST_ROUNDS";

/// How many responses belong to a round.
const CALLS: usize = 20;

/// Not a test: the process that the tests start, which tells on its output what it was told is
/// written.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a process that other tests start"]
async fn child() {
    let Ok(address) = std::env::var(STORE) else { return };
    let study = std::env::var(STUDY).unwrap();
    let rounds = std::env::var(ROUNDS).unwrap().parse().unwrap();
    let store = at(&address).await;
    for index in 0..rounds {
        write_round(&store, &study, index).await;
    }
}

async fn at(address: &str) -> Arc<dyn Store> {
    open(&Address::parse(address.as_ref()).unwrap()).await.unwrap()
}

async fn write_round(store: &Arc<dyn Store>, study: &str, index: usize) {
    let mut calls = JoinSet::new();
    for number in index * CALLS..(index + 1) * CALLS {
        let (store, response) = (store.clone(), response(study, &number.to_string()));
        calls.spawn(async move {
            store.remember(&key(number), &response).await.unwrap();
            println!("response {number};");
        });
    }
    calls.join_all().await;
    store.append(study, index, &event(index, &"text ".repeat(500))).await.unwrap();
    println!("event {index};");
}

fn spawn(address: &str, study: &str, rounds: usize) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::child", "--ignored", "--nocapture"])
        .env(STORE, address)
        .env(STUDY, study)
        .env(ROUNDS, rounds.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What a child said is written.
#[derive(Default)]
struct Acknowledged {
    responses: Vec<usize>,
    events: usize,
}

impl Acknowledged {
    fn hear(&mut self, line: &str) {
        // The kill may cut the last line; a whole one ends with a semicolon.
        let Some((what, number)) = line.strip_suffix(';').and_then(|line| line.split_once(' '))
        else {
            return;
        };
        match what {
            "response" => self.responses.push(number.parse().unwrap()),
            "event" => self.events += 1,
            _ => {}
        }
    }
}

/// Kills the child, with SIGKILL, after that many lines.
fn kill_after(mut child: Child, lines: usize) -> Acknowledged {
    let mut acknowledged = Acknowledged::default();
    let output = BufReader::new(child.stdout.take().unwrap());
    for (number, line) in output.lines().enumerate() {
        acknowledged.hear(&line.unwrap());
        if number == lines {
            child.kill().unwrap();
        }
    }
    assert!(!child.wait().unwrap().success(), "it ended before it was killed");
    acknowledged
}

async fn assert_kept(address: &str, study: &str, acknowledged: &Acknowledged) {
    let store = at(address).await;
    for number in &acknowledged.responses {
        let kept = store.recall(&key(*number)).await.unwrap().unwrap();
        assert_eq!(kept.body, response(study, &number.to_string()).body);
    }
    let events = store.events(study).await.unwrap();
    // The kill may come between a write and the word that it is done.
    assert!((acknowledged.events..=acknowledged.events + 1).contains(&events.len()));
    store.append(study, events.len(), &event(events.len(), "resumed")).await.unwrap();
}

async fn killed_processes_lose_nothing(address: &str) {
    for (run, lines) in [1, 30, 77, 200].into_iter().enumerate() {
        let study = format!("study {run}");
        let acknowledged = kill_after(spawn(address, &study, usize::MAX), lines + 5);
        assert!(!acknowledged.responses.is_empty());
        assert_kept(address, &study, &acknowledged).await;
    }
}

async fn two_processes_write(address: &str) {
    let children = ["ours", "theirs"].map(|study| spawn(address, study, 10));
    for child in children {
        assert!(child.wait_with_output().unwrap().status.success());
    }
    let store = at(address).await;
    for study in ["ours", "theirs"] {
        let expected: Vec<_> = (0..10).map(|index| event(index, &"text ".repeat(500))).collect();
        assert_eq!(store.events(study).await.unwrap(), expected);
    }
    for number in 0..10 * CALLS {
        assert!(store.recall(&key(number)).await.unwrap().is_some());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_loses_nothing_that_was_acknowledged() {
    let (_folder, path) = place();
    killed_processes_lose_nothing(path.to_str().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: .ci/run postgres"]
async fn a_killed_process_loses_nothing_that_was_acknowledged_on_a_server() {
    killed_processes_lose_nothing(&server().fresh()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_share_a_store() {
    let (_folder, path) = place();
    two_processes_write(path.to_str().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: .ci/run postgres"]
async fn two_processes_share_a_store_on_a_server() {
    two_processes_write(&server().fresh()).await;
}
