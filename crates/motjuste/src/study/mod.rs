//! The loop.

mod assessment;
mod config;
mod event;

pub use assessment::{Assessed, Assessment};
pub use config::{FORMAT, GeneratorConfig, StudyConfig, TargetConfig, TaskConfig};
pub use event::Event;
