//! What an import has to tell.

use serde::Serialize;

/// What was carried over, and what could not be: sentences to read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Notes {
    /// What was carried over, and how.
    pub carried: Vec<String>,
    /// What was not carried over, and why.
    pub lost: Vec<String>,
}

impl Notes {
    /// Tells what was carried over, once.
    pub(crate) fn carried(&mut self, what: impl Into<String>) {
        once(&mut self.carried, what.into());
    }

    /// Takes back what was told to be carried over and begins so.
    pub(crate) fn forget(&mut self, beginning: &str) {
        self.carried.retain(|told| !told.starts_with(beginning));
    }

    /// Tells what was not carried over, once.
    pub(crate) fn lost(&mut self, what: impl Into<String>) {
        once(&mut self.lost, what.into());
    }
}

fn once(list: &mut Vec<String>, what: String) {
    if !list.contains(&what) {
        list.push(what);
    }
}
