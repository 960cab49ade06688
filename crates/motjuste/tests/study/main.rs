//! The study loop on scripted models.

#![allow(clippy::unwrap_used, reason = "a test")]

mod calls;
mod scoring;
mod search;
mod world;
