//! One example of what is wanted.

use serde::{Deserialize, Serialize};

/// One input with every output that counts as right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// What the target is given.
    pub input: String,
    /// What it may answer; the first is shown in demonstrations.
    pub outputs: Vec<String>,
}
