//! The text files that a task file names.

use std::path::Path;

use crate::{Error, Result};

/// What a template or a rubric says.
pub(super) fn read_template(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| {
        Error::data(format!("cannot read the template {}: {error}", path.display()))
            .with_help("paths in a task file are relative to the task file")
    })
}
