//! Where studies and paid responses outlive the process.

mod lease;
mod memory;

pub use lease::{Holder, Lease, being_run, lost};
pub use memory::InMemory;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::budget::Role;
use crate::cost::Cost;
use crate::journal::Event;

/// A journal of study events.
///
/// An implementation makes an appended event durable before it returns: a process killed right after does
/// not lose it. [`conformance::journal`](crate::conformance::journal) checks one.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use std::collections::HashSet;
/// use std::sync::{Arc, Mutex};
/// use async_trait::async_trait;
/// use motjuste::journal::Event;
/// use motjuste::storage::{Journal, Lease, being_run};
/// use motjuste::{Error, Result, conformance};
///
/// /// Events in order of writing, each with its study; and the studies that are being run.
/// #[derive(Default)]
/// struct List(Mutex<Vec<(String, Event)>>, Arc<Mutex<HashSet<String>>>);
///
/// /// A study that is being run, and where that is noted.
/// struct Running(String, Arc<Mutex<HashSet<String>>>);
///
/// impl Lease for Running {
///     fn check(&self) -> Result<()> {
///         Ok(())
///     }
/// }
///
/// impl Drop for Running {
///     fn drop(&mut self) {
///         self.1.lock().unwrap().remove(&self.0);
///     }
/// }
///
/// impl List {
///     fn of(&self, study: &str) -> Vec<Event> {
///         let list = self.0.lock().unwrap();
///         list.iter().filter(|(name, _)| name == study).map(|(_, event)| event.clone()).collect()
///     }
/// }
///
/// #[async_trait]
/// impl Journal for List {
///     async fn append(&self, study: &str, sequence: usize, event: &Event) -> Result<()> {
///         match self.of(study).len() {
///             next if next == sequence => {
///                 self.0.lock().unwrap().push((study.to_owned(), event.clone()));
///                 Ok(())
///             }
///             next if next < sequence => Err(Error::storage(format!("{study} has no event {next}"))),
///             _ => Err(Error::storage(format!("study {study} already has event {sequence}"))
///                 .with_help("another process is running this study; wait for it to end")),
///         }
///     }
///
///     async fn events(&self, study: &str) -> Result<Vec<Event>> {
///         Ok(self.of(study))
///     }
///
///     async fn studies(&self) -> Result<Vec<String>> {
///         let mut names = Vec::new();
///         for (name, _) in self.0.lock().unwrap().iter() {
///             if !names.contains(name) {
///                 names.push(name.clone());
///             }
///         }
///         Ok(names)
///     }
///
///     async fn lease(&self, study: &str) -> Result<Arc<dyn Lease>> {
///         match self.1.lock().unwrap().insert(study.to_owned()) {
///             true => Ok(Arc::new(Running(study.to_owned(), self.1.clone()))),
///             false => Err(being_run(study, None)),
///         }
///     }
/// }
///
/// conformance::journal(async || Ok(List::default())).await.unwrap();
/// # });
/// ```
#[async_trait]
pub trait Journal: Send + Sync {
    /// Appends event number `sequence` of `study`.
    ///
    /// # Errors
    /// [`Error::is_storage`](crate::Error::is_storage) when it cannot be written, or when the study has an event of that
    /// number already: then another process is running the same study.
    async fn append(&self, study: &str, sequence: usize, event: &Event) -> Result<()>;

    /// The events of `study` in order; empty when there is no such study.
    ///
    /// # Errors
    /// [`Error::is_storage`](crate::Error::is_storage) when the store cannot be read.
    async fn events(&self, study: &str) -> Result<Vec<Event>>;

    /// The names of all studies, in order of creation.
    ///
    /// # Errors
    /// [`Error::is_storage`](crate::Error::is_storage) when the store cannot be read.
    async fn studies(&self) -> Result<Vec<String>>;

    /// The events of `study` from number `sequence` on, in order: for those who know the ones before.
    ///
    /// # Errors
    /// [`Error::is_storage`](crate::Error::is_storage) when the store cannot be read.
    async fn events_from(&self, study: &str, sequence: usize) -> Result<Vec<Event>> {
        let mut events = self.events(study).await?;
        Ok(events.split_off(sequence.min(events.len())))
    }

    /// What is known of every study without reading its events, in order of creation: for those who
    /// watch studies grow, again and again. A journal that keeps no times leaves them out.
    ///
    /// # Errors
    /// [`Error::is_storage`](crate::Error::is_storage) when the store cannot be read.
    async fn listing(&self) -> Result<Vec<Listing>> {
        let mut all = Vec::new();
        for study in self.studies().await? {
            let events = self.events(&study).await?.len();
            all.push(Listing { study, events, begun: None, latest: None });
        }
        Ok(all)
    }

    /// Takes the lease of a study: the right to run it, which one process has at a time. Reading needs none.
    ///
    /// It is given back when what is returned is dropped, and at once when its process is killed. A change of
    /// the machine's clock never ends it.
    ///
    /// # Errors
    /// [`Error::is_storage`](crate::Error::is_storage), as [`being_run`] words it, while another has it; and
    /// when the store fails.
    async fn lease(&self, study: &str) -> Result<Arc<dyn Lease>>;

    /// Which of `studies` a process has the lease of now; none where the journal cannot tell. Who asks takes no lease,
    /// and keeps nobody from taking one.
    ///
    /// # Errors
    /// [`Error::is_storage`](crate::Error::is_storage) when the store cannot be read.
    async fn being_run(&self, _: &[String]) -> Result<Option<BTreeSet<String>>> {
        Ok(None)
    }
}

/// A study in a journal: how many events it has, and when they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The study's name.
    pub study: String,
    /// The number of its events.
    pub events: usize,
    /// When its first event was written, by the store's clock; none where the store keeps no times.
    pub begun: Option<SystemTime>,
    /// When its last event was written.
    pub latest: Option<SystemTime>,
}

/// Paid responses, and attempts that have none yet.
///
/// An implementation makes a response and an attempt durable before it returns.
/// [`conformance::responses`](crate::conformance::responses) checks one.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use std::collections::{BTreeMap, HashMap};
/// use std::sync::Mutex;
/// use async_trait::async_trait;
/// use motjuste::storage::{Attempt, AttemptId, ResponseKey, Responses, StoredResponse};
/// use motjuste::{Result, conformance};
///
/// /// Responses by key; attempts, with who pays for them, by number.
/// #[derive(Default)]
/// struct Maps {
///     responses: Mutex<HashMap<ResponseKey, StoredResponse>>,
///     attempts: Mutex<BTreeMap<i64, (String, Attempt)>>,
/// }
///
/// #[async_trait]
/// impl Responses for Maps {
///     async fn recall(&self, key: &ResponseKey) -> Result<Option<StoredResponse>> {
///         Ok(self.responses.lock().unwrap().get(key).cloned())
///     }
///
///     async fn remember(&self, key: &ResponseKey, response: &StoredResponse) -> Result<()> {
///         self.responses.lock().unwrap().entry(*key).or_insert_with(|| response.clone());
///         Ok(())
///     }
///
///     async fn begin(&self, paid_by: &str, attempt: &Attempt) -> Result<AttemptId> {
///         let mut attempts = self.attempts.lock().unwrap();
///         let id = attempts.keys().next_back().map_or(0, |last| last + 1);
///         attempts.insert(id, (paid_by.to_owned(), *attempt));
///         Ok(AttemptId(id))
///     }
///
///     async fn close(&self, id: AttemptId, kept: &[(ResponseKey, StoredResponse)]) -> Result<()> {
///         for (key, response) in kept {
///             self.remember(key, response).await?;
///         }
///         self.attempts.lock().unwrap().remove(&id.0);
///         Ok(())
///     }
///
///     async fn unanswered(&self, paid_by: &str) -> Result<Vec<Attempt>> {
///         let attempts = self.attempts.lock().unwrap();
///         let theirs = attempts.values().filter(|(payer, _)| payer == paid_by);
///         Ok(theirs.map(|(_, attempt)| *attempt).collect())
///     }
/// }
///
/// conformance::responses(async || Ok(Maps::default())).await.unwrap();
/// # });
/// ```
#[async_trait]
pub trait Responses: Send + Sync {
    /// The response kept under `key`.
    ///
    /// # Errors
    /// [`Error::is_storage`](crate::Error::is_storage) when the store cannot be read.
    async fn recall(&self, key: &ResponseKey) -> Result<Option<StoredResponse>>;

    /// Keeps a response under `key`. The first response kept under a key stays.
    ///
    /// # Errors
    /// [`Error::is_storage`](crate::Error::is_storage) when it cannot be written.
    async fn remember(&self, key: &ResponseKey, response: &StoredResponse) -> Result<()>;

    /// Writes down a call that is about to leave the process: `paid_by` will be charged for it even
    /// if nobody is there to hear the answer.
    ///
    /// # Errors
    /// [`Error::is_storage`](crate::Error::is_storage) when it cannot be written.
    async fn begin(&self, paid_by: &str, attempt: &Attempt) -> Result<AttemptId>;

    /// Keeps the responses that an attempt brought, as [`Self::remember`] does, and forgets the
    /// attempt, both or neither. An attempt that was not charged for is closed without responses.
    ///
    /// # Errors
    /// [`Error::is_storage`](crate::Error::is_storage) when it cannot be written.
    async fn close(
        &self,
        attempt: AttemptId,
        responses: &[(ResponseKey, StoredResponse)],
    ) -> Result<()>;

    /// The attempts of `paid_by` that were begun and never closed.
    ///
    /// # Errors
    /// [`Error::is_storage`](crate::Error::is_storage) when the store cannot be read.
    async fn unanswered(&self, paid_by: &str) -> Result<Vec<Attempt>>;
}

/// Both halves of a storage.
pub trait Storage: Journal + Responses {}

impl<S: Journal + Responses> Storage for S {}

/// A call that leaves the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Who it is for.
    pub role: Role,
    /// The most that it can cost.
    pub cost: Cost,
}

/// The number under which a store has an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AttemptId(pub i64);

/// The name of a response: a hash of everything that determines it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResponseKey(pub [u8; 32]);

impl ResponseKey {
    /// The key of a request to a model, from the canonical JSON of both.
    ///
    /// ```
    /// use motjuste::storage::ResponseKey;
    /// assert_ne!(ResponseKey::of("a", &1), ResponseKey::of("b", &1));
    /// ```
    pub fn of(model: &str, request: &impl serde::Serialize) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(model.as_bytes());
        hasher.update(&[0]);
        // Serialising plain data to memory has no way to fail; an empty body would still be a key.
        hasher.update(&serde_json::to_vec(request).unwrap_or_default());
        Self(*hasher.finalize().as_bytes())
    }

    /// The key of the same response, kept for one study alone.
    pub(crate) fn of_study(&self, study: &str) -> Self {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(study.as_bytes());
        Self(*hasher.finalize().as_bytes())
    }

    /// A number that is another one for every key.
    pub(crate) fn seed(&self) -> u64 {
        self.0.iter().fold(0, |seed, &byte| seed << 8 | u64::from(byte))
    }
}

/// A response, and the study that paid for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredResponse {
    /// The study whose budget it came out of, and the event it was working towards:
    /// `study#sequence`.
    pub paid_by: String,
    /// The response as JSON.
    pub body: String,
}
