//! Reading files, with errors that name them.

use std::fmt::Display;
use std::path::Path;

use serde::de::DeserializeOwned;

use crate::{Error, Result};

pub(super) fn text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| {
        Error::data(format!("cannot read {}: {error}", path.display())).with_help(
            "give the folder that the published files lie in; they do not come with motjuste",
        )
    })
}

pub(super) fn json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    serde_json::from_str(&text(path)?).map_err(|error| malformed(path, error))
}

pub(super) fn malformed(path: &Path, what: impl Display) -> Error {
    Error::data(format!("{}: {what}", path.display()))
        .with_help("the file should be as published, byte for byte")
}
