//! Checks files of golden cases, one JSON object a line, against the published-behaviour functions:
//!
//! `cargo run --release -p motjuste --example golden_cases -- FILE.jsonl…`
//!
//! prints each mismatch and a last line `N passed, M failed`. The exit code is 1 on a mismatch and 2
//! when a file cannot be read.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example is a program")]

#[path = "../tests/golden/mod.rs"]
mod golden;

use std::process::ExitCode;

fn main() -> ExitCode {
    let (mut passed, mut failed) = (0, 0);
    for path in std::env::args().skip(1) {
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => {
                eprintln!("golden_cases: cannot read {path}: {error}");
                return ExitCode::from(2);
            }
        };
        let cases = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        for (number, line) in cases {
            match golden::check(line) {
                Ok(()) => passed += 1,
                Err(what) => {
                    failed += 1;
                    println!("{path}, line {}: {what}\n    {line}", number + 1);
                }
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
