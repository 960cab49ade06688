//! `motjuste`: finds the wording that makes a language model do a task.
//!
//! What was typed ([`args`]) becomes what it means ([`wiring`]), a command does it ([`commands`]),
//! and an exit code says how it went ([`exit`]).

mod args;
mod commands;
mod config;
mod exit;
mod files;
mod log;
mod output;
mod progress;
mod signals;
mod summary;
mod wiring;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args = args::typed();
    let json = args.json;
    match commands::run(args) {
        Ok(code) => code,
        Err(error) => exit::report(&error, json),
    }
}
