//! The binary, as a person meets it.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

mod apis;
mod bad_input;
#[cfg(unix)]
mod book;
mod contracts;
mod convert;
mod ends;
mod grid;
mod inspect;
mod opro;
mod own_prompt;
mod programs;
mod published;
mod remote;
mod score;
mod scratch;
mod server;
mod solve;
mod spending;
mod study;
