//! The statistics against scipy and statsmodels, and against worlds whose truth is known.

#![allow(clippy::unwrap_used, reason = "tests")]

mod aggregates;
mod coverage;
mod families;
mod golden;
mod power;
mod worlds;
