//! Calls under load: how close to the ideal throughput a study's calls come, whether the budget
//! holds, whether memory grows, and what becomes of calls that go wrong.
//!
//! ```text
//! cargo run --release -p motjuste-cli --example calls_under_load
//! cargo run --release -p motjuste-cli --example calls_under_load -- postgresql://me@localhost/scratch
//! ```
//!
//! Every call takes the whole way out: cache, ledger, the attempt written down in SQLite or in
//! the database that is named, limiter, HTTP to a server on this machine, the answer made durable.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a program that measures"
)]

mod server;

use std::num::NonZeroUsize;
use std::time::Duration;

use motjuste::calls::{CallPolicy, RetryPolicy};
use motjuste::journal::Outcome;
use motjuste::method::Uniform;
use motjuste::model::Scripted;
use motjuste::study::Study;
use motjuste::task::{Example, Task};
use motjuste_remote::{Address, Endpoint, Limits, RemoteModel, Settings, Timeouts};
use server::{Fault, Server};

const LATENCY: Duration = Duration::from_millis(50);
const DEV: usize = 50;
const CONCURRENCY: usize = 64;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    println!(
        "| calls | concurrency | latency | seconds | of the ideal throughput | calls on the bill | growth of memory |"
    );
    println!("|---|---|---|---|---|---|---|");
    // The first run warms the process up, for the figures of memory.
    load(1_000, 64).await;
    load(10_000, 64).await;
    load(10_000, 256).await;
    println!();
    println!(
        "| one request in ten | requests | repeated | on the bill | of them lost | answers missing |"
    );
    println!("|---|---|---|---|---|---|");
    for (name, fault) in [
        ("is answered", Fault::Nothing),
        ("429 with Retry-After", Fault::TooManyAndWhen),
        ("429", Fault::TooMany),
        ("500", Fault::Broken),
        ("503", Fault::Overloaded),
        ("hangs", Fault::Hangs),
        ("is cut in its body", Fault::CutBody),
        ("is no JSON", Fault::NoJson),
        ("has no choices", Fault::NoChoices),
        ("is filtered", Fault::Filtered),
    ] {
        faults(name, fault).await;
    }
}

async fn load(calls: u64, concurrency: usize) {
    let server = Server::start(LATENCY, Fault::Nothing).await.expect("a port on this machine");
    let before = resident();
    let (outcome, _) = study(&server, calls, concurrency).await;
    let grown = resident() - before;
    let latency = server.latency();
    // Calls leave in waves, the last of which need not be full.
    let ideal = calls.div_ceil(concurrency as u64) as f64 * latency;
    let (paid, seconds) = (outcome.account.target.calls, outcome.seconds);
    println!(
        "| {calls} | {concurrency} | {:.1} ms | {seconds:.2} | {:.1} % | {paid} | {:.1} MB |",
        1e3 * latency,
        100.0 * ideal / seconds,
        grown / 1e6
    );
    assert!(paid <= calls, "the cap was crossed");
}

async fn faults(name: &str, fault: Fault) {
    const CALLS: u64 = 2_000;
    let server = Server::start(Duration::from_millis(5), fault).await.expect("a port");
    let (outcome, repeated) = study(&server, CALLS, CONCURRENCY).await;
    let answered: usize = outcome
        .history
        .trials()
        .iter()
        .filter_map(|trial| trial.evaluation.as_ref())
        .map(|evaluation| evaluation.scores().len())
        .sum();
    let spent = outcome.account.target;
    let missing = CALLS as usize - answered;
    let requests = server.requests();
    println!("| {name} | {requests} | {repeated} | {} | {} | {missing} |", spent.calls, spent.lost);
}

/// A study of `calls` calls to the target: every instruction is another one, all in one round. The
/// budget is the calls and, where some of them will be lost, room for those.
async fn study(server: &Server, calls: u64, concurrency: usize) -> (Outcome, u64) {
    let folder = tempfile::tempdir().unwrap();
    let address = std::env::args_os().nth(1);
    let address = address.unwrap_or_else(|| folder.path().join("store.sqlite").into());
    let address = motjuste_store::Address::parse(&address).unwrap();
    let store = motjuste_store::open(&address).await.unwrap();
    let trials = calls as usize / DEV;
    let batch = NonZeroUsize::new(trials).unwrap();
    let study = Study::of(task(), target(server, concurrency))
        .method(Uniform { batch, ..Uniform::default() })
        .generator(Scripted::new("numbers", |request| {
            request.soft_prompt.as_ref().map_or(String::new(), |soft| format!("{:?}", soft.z))
        }))
        .trials(trials as u64)
        .instruction_tokens(64)
        .answer_tokens(16)
        .dev_examples(None)
        .calls(policy(concurrency))
        .storage(store);
    let study = study.open().await.unwrap();
    let ledger = study.ledger().clone();
    let outcome = study.run(&()).await.unwrap();
    (outcome, ledger.repeated())
}

fn policy(concurrency: usize) -> CallPolicy {
    let retry = RetryPolicy {
        attempts: 20,
        first_pause: Duration::from_millis(5),
        longest_pause: Duration::from_secs(1),
    };
    CallPolicy { concurrency, retry, ..CallPolicy::default() }
}

fn target(server: &Server, concurrency: usize) -> RemoteModel {
    let address =
        Address::new("openai_compatible/model").at(format!("http://{}/v1", server.address));
    let settings = Settings {
        // As `--concurrency` has it: the server bears so many.
        limits: Limits { concurrency, at_once: true, ..Limits::default() },
        timeouts: Timeouts { total: Duration::from_millis(500), ..Timeouts::default() },
        ..Settings::default()
    };
    RemoteModel::at(Endpoint::open(&address, &settings).unwrap(), &address).unwrap()
}

fn task() -> Task {
    let examples = |name: &str, count: usize| {
        let example = |i| Example::new(format!("{name} {i}"), ["yes"]);
        (0..count).map(example).collect::<Vec<_>>()
    };
    Task::new("load", examples("train", 5), examples("dev", DEV), examples("test", 1)).unwrap()
}

/// Bytes of memory in use, where the system tells.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) * 1e3
}
