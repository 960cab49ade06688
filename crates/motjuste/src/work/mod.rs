//! Calls of a study that other processes make.
//!
//! The process that runs a study proposes, pays and writes down, alone; so the study is the same whatever
//! the number of workers. Only the waiting for models is shared: a [`Shared`] model puts its calls into a
//! [`Queue`], and any [`Worker`] on any machine takes them out, asks the model and puts the answers back.

mod failure;
mod memory;
mod shared;
mod worker;

pub use failure::Failure;
pub use memory::InMemoryQueue;
pub use shared::Shared;
pub use worker::{Served, Worker};

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::model::{Completion, Leave, Request};

/// A model's answer, or why there is none.
pub type Outcome = std::result::Result<Completion, Failure>;

/// A model call that any process may make.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// The model, in a form that whoever opens models understands. It holds no key.
    pub model: String,
    /// The model's [`id`](crate::model::Model::id): what is opened must have the same.
    pub id: String,
    /// What it is asked.
    pub request: Request,
    /// The pace that all calls of its kind keep together.
    pub pace: Option<Pace>,
}

/// How fast a server may be asked, by all processes together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pace {
    /// The server.
    pub server: String,
    /// How much of the server's time the call takes: the next one begins no earlier.
    pub takes: Duration,
}

/// The number under which a queue has a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub i64);

/// A call that a worker has taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    /// Its number.
    pub id: CallId,
    /// What is to be asked.
    pub call: Call,
    /// How long to wait before it is asked, so that its server's pace is kept.
    pub wait: Duration,
}

/// What becomes of a call that was put into a queue.
#[derive(Debug, Clone, PartialEq)]
pub enum Fate {
    /// A worker asked.
    Asked(Outcome),
    /// Nobody asked, and nobody will: there is no worker that can. Whoever put it asks the model itself.
    Returned,
}

/// A queue of model calls, between those who need them and the workers that make them.
///
/// A call is made by one worker. Where that worker dies before it told the outcome, whoever put the call hears
/// of a failure that may have been charged for, and may put it again. Where whoever put it dies, the outcome is
/// kept for the next that puts the same call.
#[async_trait]
pub trait Queue: Send + Sync {
    /// How many workers there are that may take a call now.
    fn workers(&self) -> usize;

    /// Puts a call, and waits for what becomes of it. A call is taken back when the leave to send it ends, or the
    /// future is dropped, unless a worker has it already.
    ///
    /// # Errors
    /// [`Error::is_storage`](crate::Error::is_storage) when the queue cannot be reached; and what the leave ended
    /// with, where the call was taken back.
    async fn ask(&self, call: Call, leave: Leave<'_>) -> Result<Fate>;

    /// Takes up to `most` calls that no worker has; waits about a second for a first one.
    ///
    /// # Errors
    /// As [`Self::ask`].
    async fn claim(&self, most: usize) -> Result<Vec<Claimed>>;

    /// Tells the outcome of a call that was claimed.
    ///
    /// # Errors
    /// As [`Self::ask`].
    async fn finish(&self, id: CallId, outcome: &Outcome) -> Result<()>;

    /// Gives back a call that this worker cannot make, unasked; it is not given to this worker again.
    ///
    /// # Errors
    /// As [`Self::ask`].
    async fn decline(&self, id: CallId) -> Result<()>;
}
