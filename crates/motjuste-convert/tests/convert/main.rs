//! Files of other tools become tasks that load and score, and results go out in their forms.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod asserts;
mod desk;
mod export;
mod openai;
mod others;
mod promptfoo;
