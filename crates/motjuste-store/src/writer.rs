//! The one task that writes, many requests to a transaction.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::write::{Outcome, Write};

/// The most requests in a transaction: another process waits no longer than that for its turn.
const BATCH: usize = 1024;

/// The error is shared because all requests of a transaction fail together.
pub(crate) type Answer = Result<Outcome, Arc<sqlx::Error>>;

/// Where a writer writes.
pub(crate) trait Database: Send + 'static {
    /// Writes all or nothing, durably, and says what became of each.
    fn commit(
        &mut self,
        writes: &[Write],
    ) -> impl Future<Output = sqlx::Result<Vec<Outcome>>> + Send;

    /// Lets go of the database.
    fn end(self) -> impl Future<Output = sqlx::Result<()>> + Send;
}

struct Request {
    write: Write,
    answer: oneshot::Sender<Answer>,
}

/// A handle on the writing task, which ends when the handle is closed or dropped.
#[derive(Debug)]
pub(crate) struct Writer {
    requests: Mutex<Option<mpsc::UnboundedSender<Request>>>,
    task: Mutex<Option<JoinHandle<sqlx::Result<()>>>>,
}

impl Writer {
    pub(crate) fn spawn(database: impl Database) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        let task = tokio::spawn(run(database, receiver));
        Self { requests: Mutex::new(Some(sender)), task: Mutex::new(Some(task)) }
    }

    /// Writes, and returns when that is durable.
    pub(crate) async fn write(&self, write: Write) -> Answer {
        let (answer, outcome) = oneshot::channel();
        let request = Request { write, answer };
        let sent = lock(&self.requests).as_ref().map(|requests| requests.send(request).is_ok());
        match sent {
            None => Err(Arc::new(sqlx::Error::PoolClosed)),
            Some(false) => Err(Arc::new(sqlx::Error::WorkerCrashed)),
            Some(true) => outcome.await.unwrap_or_else(|_| {
                // The runtime that the store was opened on has shut down.
                Err(Arc::new(sqlx::Error::WorkerCrashed))
            }),
        }
    }

    /// Waits for what was asked before, and ends the task.
    pub(crate) async fn close(&self) -> sqlx::Result<()> {
        lock(&self.requests).take();
        let task = lock(&self.task).take();
        match task {
            None => Ok(()),
            Some(task) => task.await.unwrap_or(Err(sqlx::Error::WorkerCrashed)),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn run(
    mut database: impl Database,
    mut requests: mpsc::UnboundedReceiver<Request>,
) -> sqlx::Result<()> {
    let mut batch = Vec::new();
    while requests.recv_many(&mut batch, BATCH).await > 0 {
        let (writes, answers): (Vec<_>, Vec<_>) =
            batch.drain(..).map(|request| (request.write, request.answer)).unzip();
        answer(answers, database.commit(&writes).await);
    }
    database.end().await
}

fn answer(answers: Vec<oneshot::Sender<Answer>>, outcomes: sqlx::Result<Vec<Outcome>>) {
    let outcomes = outcomes.map_err(Arc::new);
    for (index, answer) in answers.into_iter().enumerate() {
        let outcome = outcomes.as_ref().map(|outcomes| outcomes[index]).map_err(Arc::clone);
        // A caller that stopped waiting does not need to know.
        let _ = answer.send(outcome);
    }
}
