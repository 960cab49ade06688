//! A failed call as data, to be told in another process.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Error;

/// Why a call brought no answer: what an [`Error`] of a model says, in a form that can be written down.
///
/// ```
/// use motjuste::Error;
/// use motjuste::work::Failure;
/// let error = Error::model("the server is busy").with_help("wait").transient(None);
/// let told = Failure::from(&error).into_error();
/// assert!(told.is_model() && told.is_transient() && !told.may_be_billed());
/// assert_eq!((told.to_string(), told.help()), (error.to_string(), Some("wait")));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    message: String,
    help: Option<String>,
    is_configuration: bool,
    is_transient: bool,
    retry_after: Option<Duration>,
    may_be_billed: bool,
    is_of_one_request: bool,
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self {
            message: error.to_string(),
            help: error.help().map(str::to_owned),
            is_configuration: error.is_configuration(),
            is_transient: error.is_transient(),
            retry_after: error.retry_after(),
            may_be_billed: error.may_be_billed(),
            is_of_one_request: error.is_of_one_request(),
        }
    }
}

impl Failure {
    /// The failure of a call whose worker ended before it told the outcome: it may have been charged for, and
    /// another attempt may succeed.
    pub fn of_a_lost_worker() -> Self {
        let error = Error::model("the worker that made a call ended before it told the answer")
            .with_help(
                "look at the worker's output; the call is counted at the most it can have cost",
            )
            .transient(None)
            .perhaps_billed();
        Self::from(&error)
    }

    /// The error it was.
    pub fn into_error(self) -> Error {
        let error = match self.is_configuration {
            true => Error::configuration(self.message),
            false => Error::model(self.message),
        };
        let error = match self.help {
            Some(help) => error.with_help(help),
            None => error,
        };
        let error = if self.is_transient { error.transient(self.retry_after) } else { error };
        let error = if self.may_be_billed { error.perhaps_billed() } else { error };
        if self.is_of_one_request { error.of_one_request() } else { error }
    }
}
