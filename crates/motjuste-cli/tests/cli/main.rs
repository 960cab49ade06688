//! The binary, as a person meets it.

#![allow(clippy::unwrap_used, reason = "a test")]

mod bad_input;
mod grid;
mod inspect;
mod remote;
mod scratch;
mod server;
mod solve;
mod study;
