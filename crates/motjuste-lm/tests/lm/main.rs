//! Open models through their public face.
#![allow(clippy::unwrap_used, reason = "a test helper fails by panicking")]

mod computing;
#[cfg(feature = "embedded")]
mod export;
mod families;
mod folders;
mod gguf;
mod invariance;
mod open_model;
mod parity;
#[cfg(feature = "embedded")]
mod proposing;
mod support;
