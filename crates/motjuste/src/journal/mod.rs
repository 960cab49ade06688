//! What a study writes down, and what it adds up to.

mod assessment;
mod config;
mod event;
mod outcome;

pub use assessment::{Assessed, Assessment};
pub use config::{FORMAT, GeneratorConfig, StudyConfig, TargetConfig, TaskConfig};
pub use event::Event;
pub use outcome::{Outcome, replay};
