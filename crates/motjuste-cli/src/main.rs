//! `motjuste`: finds the wording that makes a language model do a task.
//!
//! What was typed ([`args`]) becomes what it means ([`wiring`]), a command does it ([`commands`]),
//! and an exit code says how it went ([`exit`]).

mod args;
mod commands;
mod config;
mod exit;
mod files;
mod letters;
mod log;
mod output;
mod progress;
mod signals;
mod summary;
mod wiring;

use std::process::ExitCode;

fn main() -> ExitCode {
    say_nothing_of_damaged_files();
    let args = match args::read() {
        Ok(args) => args,
        Err(unread) => return exit::of_unread(&unread),
    };
    let json = args.json;
    let done = commands::run(args).and_then(|code| summary::finish().map(|()| code));
    done.unwrap_or_else(|error| exit::report(&error, json))
}

/// A damaged Parquet file ends the thread that reads it: that is an error, which is told as one.
fn say_nothing_of_damaged_files() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| match std::thread::current().name() {
        Some("parquet") => {}
        _ => hook(panic),
    }));
}
