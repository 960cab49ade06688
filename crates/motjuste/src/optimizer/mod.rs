//! The methods: each decides what to try next, from the history alone.
//!
//! An optimizer never talks to a model. It is a function of its configuration, the history and a
//! named random stream, so a study that is killed and resumed takes the path it would have taken.

use serde::{Deserialize, Serialize};

/// A method and its settings, as a study writes them down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
#[non_exhaustive]
pub enum OptimizerConfig {
    /// Random.
    Uniform,
}

impl OptimizerConfig {
    /// The method's name on the command line.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
        }
    }
}
