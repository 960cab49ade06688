//! The right to run a study, and who has it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The lease of a study: the right to run it, which one process has at a time. It is given back when it is
/// dropped.
pub trait Lease: Send + Sync {
    /// Looks whether the lease is still held. A study asks before it pays for anything, so this takes no time.
    ///
    /// # Errors
    /// [`Error::is_storage`], as [`lost`] words it, when another process may be running the study by now.
    fn check(&self) -> Result<()>;
}

/// Who runs a study.
///
/// ```
/// use motjuste::storage::Holder;
/// let holder = Holder { host: "lab3".into(), process: 17, since: Some("2026-01-31T10:00:00Z".into()) };
/// assert_eq!(holder.to_string(), "process 17 on lab3, since 2026-01-31T10:00:00Z");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The name of its machine.
    pub host: String,
    /// The number of its process there.
    pub process: u32,
    /// When it began, in UTC, as the store's clock has it.
    pub since: Option<String>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {} on {}", self.process, self.host)?;
        self.since.iter().try_for_each(|since| write!(f, ", since {since}"))
    }
}

/// The error of whoever wants to run a study that another process is running.
///
/// ```
/// use motjuste::storage::{Holder, being_run};
/// let holder = Holder { host: "lab3".into(), process: 17, since: None };
/// let error = being_run("antonyms", Some(&holder));
/// assert_eq!(error.to_string(), "the study antonyms is being run by process 17 on lab3");
/// ```
pub fn being_run(study: &str, holder: Option<&Holder>) -> Error {
    let who = holder.map_or_else(|| "another process".to_owned(), ToString::to_string);
    Error::storage(format!("the study {study} is being run by {who}")).with_help(
        "nothing was asked or paid; wait for that process to end, or stop it; the study may be read meanwhile",
    )
}

/// The error of a process that does not know any more whether it alone runs a study.
pub fn lost(study: &str, why: &str) -> Error {
    Error::storage(format!("the lease of the study {study} was lost: {why}")).with_help(
        "another process may be running it now, so nothing more was asked; what was paid for is kept: run again \
         to go on",
    )
}
