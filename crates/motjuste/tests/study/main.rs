//! The study loop on scripted models.

#![allow(clippy::unwrap_used, reason = "a test")]

mod asking;
mod calls;
mod opro;
mod scoring;
mod search;
mod world;
