//! Computes the fields of a file of reference cases and prints them as JSON:
//!
//! `cargo run --release -p motjuste-gp --example reference_cases -- CASES.json`
//!
//! prints `{case name: {field: value}}` with every field that the case expects. A file that cannot
//! be read or has another form gives a message and exit code 2.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example is a program")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::process::ExitCode;

use serde_json::{Map, Value};

fn main() -> ExitCode {
    match run() {
        Ok(output) => {
            println!("{output}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("reference_cases: {message}");
            ExitCode::from(2)
        }
    }
}

fn run() -> support::Result<Value> {
    let path = std::env::args().nth(1).ok_or("give the file of cases as the only argument")?;
    let text = std::fs::read_to_string(&path).map_err(|e| format!("cannot read {path}: {e}"))?;
    let cases = support::read_cases(&text).map_err(|e| format!("{path}: {e}"))?;
    let mut out = Map::new();
    for case in &cases {
        let name = support::name(case).map_err(|e| format!("{path}: {e}"))?;
        let fields = support::compute(case).map_err(|e| format!("{path}, case {name:?}: {e}"))?;
        out.insert(name.to_owned(), Value::Object(fields));
    }
    Ok(Value::Object(out))
}
