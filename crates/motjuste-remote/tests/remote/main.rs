//! Models over HTTP, against a server that does as it is told.

#![allow(clippy::unwrap_used, reason = "a test")]

mod answers;
mod certificates;
mod endpoints;
mod limits;
mod lost;
mod objections;
mod odd;
mod parameters;
mod probes;
mod programs;
mod refusals;
mod server;
mod services;
mod soft_prompts;
mod thinking;
