//! A store that dies after a number of writes, as a killed process would.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;

use crate::journal::Event;
use crate::storage::{
    Attempt, AttemptId, Journal, Lease, ResponseKey, Responses, Storage, StoredResponse,
};
use crate::{Error, Result};

/// A store that takes so many writes and fails from then on, as it looks to a process that is
/// killed: what was written before is there for the next one.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use std::sync::Arc;
/// use motjuste::conformance::Dying;
/// use motjuste::method::Uniform;
/// use motjuste::model::Scripted;
/// use motjuste::storage::InMemory;
/// use motjuste::study::Study;
/// use motjuste::task::{Example, Task};
/// let row = |input: &str| vec![Example::new(input, ["x"])];
/// let task = Task::new("t", row("a"), row("b"), row("c")).unwrap();
/// let study = Study::of(task, Scripted::new("m", |_| "x".into())).method(Uniform::default()).trials(3);
/// let kept = Arc::new(InMemory::default());
/// let killed = study.clone().storage(Dying::after(2, kept.clone())).open().await;
/// assert!(killed.unwrap().run(&()).await.unwrap_err().is_storage());
/// let resumed = study.storage(kept).open().await.unwrap().run(&()).await.unwrap();
/// assert_eq!(resumed.history.evaluated_trials(), 3);
/// # });
/// ```
pub struct Dying {
    inner: Arc<dyn Storage>,
    limit: usize,
    written: AtomicUsize,
}

impl Dying {
    /// The first `limit` writes reach `inner`.
    pub fn after(limit: usize, inner: Arc<dyn Storage>) -> Arc<Self> {
        Arc::new(Self { inner, limit, written: AtomicUsize::new(0) })
    }

    /// How often it was written to.
    pub fn written(&self) -> usize {
        self.written.load(Ordering::Relaxed)
    }

    fn write(&self) -> Result<()> {
        match self.written.fetch_add(1, Ordering::Relaxed) < self.limit {
            true => Ok(()),
            false => Err(Error::storage("the process was killed")),
        }
    }
}

#[async_trait]
impl Journal for Dying {
    async fn append(&self, study: &str, sequence: usize, event: &Event) -> Result<()> {
        self.write()?;
        self.inner.append(study, sequence, event).await
    }

    async fn events(&self, study: &str) -> Result<Vec<Event>> {
        self.inner.events(study).await
    }

    async fn studies(&self) -> Result<Vec<String>> {
        self.inner.studies().await
    }

    async fn lease(&self, study: &str) -> Result<Arc<dyn Lease>> {
        self.inner.lease(study).await
    }
}

#[async_trait]
impl Responses for Dying {
    async fn recall(&self, key: &ResponseKey) -> Result<Option<StoredResponse>> {
        self.inner.recall(key).await
    }

    async fn remember(&self, key: &ResponseKey, response: &StoredResponse) -> Result<()> {
        self.write()?;
        self.inner.remember(key, response).await
    }

    async fn begin(&self, paid_by: &str, attempt: &Attempt) -> Result<AttemptId> {
        self.write()?;
        self.inner.begin(paid_by, attempt).await
    }

    async fn close(
        &self,
        attempt: AttemptId,
        responses: &[(ResponseKey, StoredResponse)],
    ) -> Result<()> {
        self.write()?;
        self.inner.close(attempt, responses).await
    }

    async fn unanswered(&self, paid_by: &str) -> Result<Vec<Attempt>> {
        self.inner.unanswered(paid_by).await
    }
}
