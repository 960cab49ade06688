//! The processor time that a method's own arithmetic takes: a study on a drawn matrix, less the same number of calls by a
//! method that computes nothing.
//!
//! `cargo run --release -p motjuste --example search_time`

#![allow(clippy::print_stdout, reason = "an example")]

use std::sync::Arc;

use motjuste::Result;
use motjuste::matrix::{Replay, ReplaySettings, synthetic};
use motjuste::method::{Method, Registry};
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;

/// Method, soft prompts in the pool, and trials of 20 rows each.
const STUDIES: [(&str, u64, u64); 8] = [
    ("motjuste-unraced", 1_000, 150),
    ("motjuste-unraced", 1_000, 600),
    ("motjuste-unraced", 4_000, 2_000),
    ("motjuste-unraced", 10_000, 150),
    ("motjuste", 1_000, 150),
    ("motjuste", 10_000, 600),
    ("instructzero", 0, 150),
    ("instructzero", 0, 600),
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    println!(
        "| method | soft prompts | calls | instructions scored | seconds |\n|---|---|---|---|---|"
    );
    for (name, pool, trials) in STUDIES {
        let replay = drawn(pool.max(1_000))?;
        let (scored, all) = run(&replay, name, pool, trials).await?;
        let (_, idle) = run(&replay, "random-pick-unraced", pool.max(1_000), trials).await?;
        println!("| `{name}` | {pool} | {} | {scored} | {:.2} |", 20 * trials, all - idle);
    }
    Ok(())
}

/// Twice as many instructions as soft prompts, so that most of these bring one of their own.
fn drawn(pool: u64) -> Result<Replay> {
    let (task, matrix) = synthetic(2 * pool as usize, 20, 1)?;
    Replay::new(task, matrix)
}

/// Instructions that were scored, and processor seconds.
async fn run(replay: &Replay, name: &str, pool: u64, trials: u64) -> Result<(usize, f64)> {
    let size = [("pool.size".to_owned(), json!(pool))];
    let settings = if pool == 0 { &[][..] } else { &size };
    let method: Arc<dyn Method> = Registry::built_in().method(name, settings)?;
    let before = seconds();
    let course = replay.run(method, &ReplaySettings::of(20 * trials)).await?;
    Ok((course.moments.last().map_or(0, |last| last.trials), seconds() - before))
}

fn seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
