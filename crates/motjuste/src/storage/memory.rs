//! A storage in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::lease::{Holder, Lease, being_run};
use super::{Attempt, AttemptId, Journal, ResponseKey, Responses, StoredResponse};
use crate::journal::Event;
use crate::{Error, Result};

/// A storage that lives and dies with the process: for tests, and for studies nobody keeps.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use motjuste::storage::{InMemory, Journal};
/// assert!(InMemory::default().studies().await.unwrap().is_empty());
/// # });
/// ```
#[derive(Debug, Default)]
pub struct InMemory {
    state: Mutex<State>,
    leased: Leased,
}

/// The studies that somebody runs.
type Leased = Arc<Mutex<BTreeSet<String>>>;

#[derive(Debug, Default)]
struct State {
    names: Vec<String>,
    events: BTreeMap<String, Vec<Event>>,
    responses: HashMap<ResponseKey, StoredResponse>,
    attempts: BTreeMap<i64, (String, Attempt)>,
    begun: i64,
}

impl InMemory {
    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A study that is run from this storage until this is dropped.
struct Held {
    study: String,
    leased: Leased,
}

impl Lease for Held {
    fn check(&self) -> Result<()> {
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        locked(&self.leased).remove(&self.study);
    }
}

#[async_trait]
impl Journal for InMemory {
    async fn append(&self, study: &str, sequence: usize, event: &Event) -> Result<()> {
        let mut state = self.state();
        let written = state.events.get(study).map_or(0, Vec::len);
        if written > sequence {
            return Err(Error::storage(format!("study {study} already has event {sequence}"))
                .with_help("another process is running this study; wait for it to end"));
        }
        if written < sequence {
            return Err(Error::storage(format!("study {study} has no event {written} yet"))
                .with_help("events are appended in order"));
        }
        if sequence == 0 {
            state.names.push(study.to_owned());
        }
        state.events.entry(study.to_owned()).or_default().push(event.clone());
        Ok(())
    }

    async fn events(&self, study: &str) -> Result<Vec<Event>> {
        Ok(self.state().events.get(study).cloned().unwrap_or_default())
    }

    async fn studies(&self) -> Result<Vec<String>> {
        Ok(self.state().names.clone())
    }

    async fn lease(&self, study: &str) -> Result<Arc<dyn Lease>> {
        if !locked(&self.leased).insert(study.to_owned()) {
            let (host, process) = ("this machine".to_owned(), std::process::id());
            return Err(being_run(study, Some(&Holder { host, process, since: None })));
        }
        Ok(Arc::new(Held { study: study.to_owned(), leased: self.leased.clone() }))
    }

    async fn being_run(&self, studies: &[String]) -> Result<Option<BTreeSet<String>>> {
        let leased = locked(&self.leased);
        Ok(Some(studies.iter().filter(|study| leased.contains(*study)).cloned().collect()))
    }
}

#[async_trait]
impl Responses for InMemory {
    async fn recall(&self, key: &ResponseKey) -> Result<Option<StoredResponse>> {
        Ok(self.state().responses.get(key).cloned())
    }

    async fn remember(&self, key: &ResponseKey, response: &StoredResponse) -> Result<()> {
        self.state().responses.entry(*key).or_insert_with(|| response.clone());
        Ok(())
    }

    async fn begin(&self, paid_by: &str, attempt: &Attempt) -> Result<AttemptId> {
        let mut state = self.state();
        state.begun += 1;
        let id = state.begun;
        state.attempts.insert(id, (paid_by.to_owned(), *attempt));
        Ok(AttemptId(id))
    }

    async fn close(
        &self,
        attempt: AttemptId,
        responses: &[(ResponseKey, StoredResponse)],
    ) -> Result<()> {
        let mut state = self.state();
        state.attempts.remove(&attempt.0);
        for (key, response) in responses {
            state.responses.entry(*key).or_insert_with(|| response.clone());
        }
        Ok(())
    }

    async fn unanswered(&self, paid_by: &str) -> Result<Vec<Attempt>> {
        let state = self.state();
        let theirs = state.attempts.values().filter(|(payer, _)| payer == paid_by);
        Ok(theirs.map(|(_, attempt)| *attempt).collect())
    }
}
