//! The search for the wording that makes a black-box language model do a task.

mod error;
pub mod model;
pub mod proposal;
pub mod random;

pub use error::{Error, Result};
