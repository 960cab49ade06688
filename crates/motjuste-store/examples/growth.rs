//! How a store grows: the time to fill, open, look up and read it, and its size, from a thousand to a million
//! kept responses, and from a thousand to a hundred thousand trials.
//!
//! ```text
//! cargo run --release -p motjuste-store --example growth -- 1000 100000 1000000
//! cargo run --release -p motjuste-store --example growth -- postgresql://me@localhost/scratch 1000 100000
//! ```

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program that measures")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use motjuste::journal::Event;
use motjuste::storage::{ResponseKey, StoredResponse};
use motjuste_store::{Address, Store, open, open_to_read};
use serde_json::json;
use tokio::task::JoinSet;

/// Trials of one step, and rows that score each.
const BATCH: usize = 25;
const ROWS: usize = 20;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.sqlite").to_str().unwrap().to_owned();
    let address = match arguments.first() {
        Some(first) if first.contains("://") => arguments.remove(0),
        _ => file.clone(),
    };
    let address = Address::parse(address.as_ref()).unwrap();
    println!(
        "| responses | filled, a second | open | to read | 1,000 found | size |\n|---|---|---|---|---|---|"
    );
    let mut kept = 0;
    for wanted in arguments.iter().map(|number| number.parse::<usize>().unwrap()) {
        responses(&address, kept, wanted, &file).await;
        kept = wanted;
    }
    println!("\n| trials | appended | read | in bytes |\n|---|---|---|---|");
    for trials in [1_000, 10_000, 100_000] {
        journal(&address, trials).await;
    }
}

fn key(number: usize) -> ResponseKey {
    ResponseKey::of("some/model", &number)
}

/// An answer of usual length; one in ten is long.
fn response(number: usize) -> StoredResponse {
    let text = match number % 10 {
        0 => format!("answer {number}: because it is said so and so. ").repeat(60),
        _ => format!("answer {number}"),
    };
    let body = json!({ "text": text, "usage": { "tokens_in": 120, "tokens_out": 9 } });
    StoredResponse { paid_by: format!("growth#{}", number / 500), body: body.to_string() }
}

async fn responses(address: &Address, kept: usize, wanted: usize, file: &str) {
    let start = Instant::now();
    let store = open(address).await.unwrap();
    fill(&store, kept, wanted).await;
    let filled = start.elapsed();
    store.let_go().await.unwrap();
    let (store, opened) = timed(open(address)).await;
    let (_, read) = timed(open_to_read(address)).await;
    let found = Instant::now();
    find(&store.unwrap(), wanted).await;
    let size = std::fs::metadata(file).map_or(0, |file| file.len());
    println!(
        "| {wanted} | {:.0} | {opened:.1?} | {read:.1?} | {:.1?} | {} MB |",
        (wanted - kept) as f64 / filled.as_secs_f64(),
        found.elapsed(),
        size >> 20
    );
}

async fn timed<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let start = Instant::now();
    (work.await, start.elapsed())
}

/// A few thousand writes at a time, as many studies would ask for.
async fn fill(store: &Arc<dyn Store>, from: usize, to: usize) {
    for begin in (from..to).step_by(4_000) {
        let mut writes = JoinSet::new();
        for number in begin..(begin + 4_000).min(to) {
            let store = store.clone();
            writes.spawn(async move { store.remember(&key(number), &response(number)).await });
        }
        writes.join_all().await.into_iter().for_each(|written| written.unwrap());
    }
}

async fn find(store: &Arc<dyn Store>, of: usize) {
    let mut reads = JoinSet::new();
    for number in 0..1_000 {
        let (store, number) = (store.clone(), number * 7_919 % of);
        reads.spawn(
            async move { store.recall(&key(number)).await.unwrap() == Some(response(number)) },
        );
    }
    assert!(reads.join_all().await.into_iter().all(|is_right| is_right));
}

/// A step of trials, about as long as one with the scores of all rows.
fn event(index: usize) -> Event {
    let scores = "0.5 ".repeat(ROWS);
    let text = |trial| format!("Write the opposite, attempt {index} {trial}. {scores}");
    let proposals: Vec<_> = (0..BATCH).map(|trial| json!({ "instruction": text(trial) })).collect();
    let step = json!({
        "index": index, "proposals": proposals, "replies": [], "readings": [], "assignments": [],
    });
    let account = motjuste::budget::Account::default();
    serde_json::from_value(json!({ "event": "step", "step": step, "account": account })).unwrap()
}

async fn journal(address: &Address, trials: usize) {
    let (store, name) = (open(address).await.unwrap(), format!("study of {trials}"));
    let events: Vec<Event> = (0..trials / BATCH).map(event).collect();
    let start = Instant::now();
    for (index, event) in events.iter().enumerate() {
        store.append(&name, index, event).await.unwrap();
    }
    let appended = start.elapsed();
    let (read, took) = timed(store.events(&name)).await;
    let bytes: usize =
        read.unwrap().iter().map(|event| serde_json::to_string(event).unwrap().len()).sum();
    println!("| {trials} | {appended:.1?} | {took:.1?} | {} MB |", bytes >> 20);
    store.let_go().await.unwrap();
}
