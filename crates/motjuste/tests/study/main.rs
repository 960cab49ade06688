//! The study loop on scripted models.

#![allow(clippy::unwrap_used, reason = "a test")]

mod asking;
mod bandits;
mod calls;
mod combining;
mod conformance;
mod course;
mod demonstrating;
mod evolving;
mod experiments;
mod landscape;
mod long;
mod missing;
mod null;
mod opro;
mod past;
mod programs;
mod race;
mod raced;
mod racing;
mod reflecting;
mod schedules;
mod scoring;
mod search;
mod start;
mod summed;
mod weights;
mod world;
