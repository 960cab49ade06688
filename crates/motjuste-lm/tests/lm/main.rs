//! Open models through their public face.
#![allow(clippy::unwrap_used, reason = "a test helper fails by panicking")]

mod export;
mod families;
mod folders;
mod gguf;
mod invariance;
mod open_model;
mod parity;
mod proposing;
mod support;
