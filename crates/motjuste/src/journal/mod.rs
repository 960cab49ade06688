//! What a study writes down, and what it adds up to.

mod assessment;
mod config;
mod course;
mod event;
mod outcome;

pub use assessment::{Assessed, Assessment, Proven};
pub use config::{FORMAT, GeneratorConfig, StudyConfig, TargetConfig, TaskConfig};
pub use course::Held;
pub(crate) use course::MOMENTS;
pub use event::Event;
pub use outcome::{Outcome, replay};
