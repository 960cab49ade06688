//! The binary, as a person meets it.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

mod apis;
mod bad_input;
#[cfg(unix)]
mod book;
mod compare;
mod contracts;
mod convert;
mod damaged;
mod doubtful;
mod ends;
mod inspect;
mod keeping;
mod kills;
mod opro;
mod own_prompt;
#[path = "../../../motjuste-store/tests/storage/server.rs"]
mod postgres_server;
mod printing;
mod programs;
mod published;
mod remote;
mod ruler;
mod score;
mod scratch;
#[cfg(unix)]
mod serve;
mod server;
mod smaller;
mod solve;
mod spending;
mod stores;
mod study;
mod workers;
