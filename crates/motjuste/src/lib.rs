//! The search for the wording that makes a black-box language model do a task.

pub mod budget;
mod error;
mod evaluator;
mod example;
pub mod history;
pub mod interval;
pub mod journal;
pub mod metric;
pub mod model;
pub mod money;
pub mod optimizer;
pub mod problem;
pub mod prompt;
pub mod proposal;
pub mod random;
pub mod report;
pub mod scoring;
pub mod solve;
pub mod storage;
pub mod study;
pub mod task;
mod template;
pub mod trial;
pub mod usage;

pub use error::{Error, Result};
