//! The one task that writes, many requests to a transaction.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, query};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::rows;
use super::write::{Outcome, Write};

/// The most requests in a transaction: another process waits no longer than that for its turn.
const BATCH: usize = 1024;

/// The error is shared because all requests of a transaction fail together.
pub(super) type Answer = Result<Outcome, Arc<sqlx::Error>>;

struct Request {
    write: Write,
    answer: oneshot::Sender<Answer>,
}

/// A handle on the writing task, which ends when the handle is closed or dropped.
#[derive(Debug)]
pub(super) struct Writer {
    requests: Mutex<Option<mpsc::UnboundedSender<Request>>>,
    task: Mutex<Option<JoinHandle<sqlx::Result<()>>>>,
}

impl Writer {
    pub(super) fn spawn(connection: SqliteConnection) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        let task = tokio::spawn(run(connection, receiver));
        Self { requests: Mutex::new(Some(sender)), task: Mutex::new(Some(task)) }
    }

    /// Writes, and returns when that is durable.
    pub(super) async fn write(&self, write: Write) -> Answer {
        let (answer, outcome) = oneshot::channel();
        let request = Request { write, answer };
        let sent = lock(&self.requests).as_ref().map(|requests| requests.send(request));
        match sent {
            None => Err(Arc::new(sqlx::Error::PoolClosed)),
            Some(Err(_)) => Err(Arc::new(sqlx::Error::WorkerCrashed)),
            Some(Ok(())) => outcome.await.unwrap_or_else(|_| {
                // The runtime that the store was opened on has shut down.
                Err(Arc::new(sqlx::Error::WorkerCrashed))
            }),
        }
    }

    /// Waits for what was asked before, and ends the task.
    pub(super) async fn close(&self) -> sqlx::Result<()> {
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
    mut connection: SqliteConnection,
    mut requests: mpsc::UnboundedReceiver<Request>,
) -> sqlx::Result<()> {
    let mut batch = Vec::new();
    while requests.recv_many(&mut batch, BATCH).await > 0 {
        let outcomes = transaction(&mut connection, &batch).await;
        answer(&mut batch, outcomes);
    }
    // Passive: it does not wait for the readers of another process.
    query("PRAGMA wal_checkpoint(PASSIVE)").execute(&mut connection).await?;
    connection.close().await
}

fn answer(batch: &mut Vec<Request>, outcomes: sqlx::Result<Vec<Outcome>>) {
    let outcomes = outcomes.map_err(Arc::new);
    for (index, request) in batch.drain(..).enumerate() {
        let outcome = outcomes.as_ref().map(|outcomes| outcomes[index]).map_err(Arc::clone);
        // A caller that stopped waiting does not need to know.
        let _ = request.answer.send(outcome);
    }
}

/// Writes all or nothing.
///
/// Not with sqlx's transaction: a full disk makes SQLite roll back by itself, sqlx's own rollback
/// then fails, and from there on it takes every transaction for a nested one and refuses it.
async fn transaction(
    connection: &mut SqliteConnection,
    batch: &[Request],
) -> sqlx::Result<Vec<Outcome>> {
    query("BEGIN IMMEDIATE").execute(&mut *connection).await?;
    let written = write_and_commit(connection, batch).await;
    if written.is_err() {
        // It fails where SQLite has rolled back already.
        let _ = query("ROLLBACK").execute(connection).await;
    }
    written
}

/// Rows of one kind go into one statement: a statement is a conversation between threads.
async fn write_and_commit(
    connection: &mut SqliteConnection,
    batch: &[Request],
) -> sqlx::Result<Vec<Outcome>> {
    let writes = || batch.iter().map(|request| &request.write);
    rows::remember(connection, writes().flat_map(Write::responses)).await?;
    rows::begin(connection, writes().filter_map(Write::attempt)).await?;
    rows::forget(connection, writes().filter_map(Write::closed)).await?;
    let mut outcomes = Vec::with_capacity(batch.len());
    for write in writes() {
        outcomes.push(match write {
            Write::Event { study, sequence, body } => {
                rows::append(connection, study, *sequence, body).await?
            }
            _ => Outcome::Kept,
        });
    }
    query("COMMIT").execute(connection).await?;
    Ok(outcomes)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::task::JoinSet;

    use super::super::open::open;
    use super::super::write::Response;
    use super::*;

    fn response(number: usize, body: String) -> Write {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&number.to_le_bytes());
        Write::Response(Response { key, paid_by: "study".to_owned(), body })
    }

    async fn counted(path: &Path, commits: &Arc<AtomicUsize>) -> SqliteConnection {
        let mut connection = open(path).await.unwrap();
        let commits = commits.clone();
        connection.lock_handle().await.unwrap().set_commit_hook(move || {
            commits.fetch_add(1, Ordering::Relaxed);
            true
        });
        connection
    }

    #[tokio::test]
    async fn what_waits_together_is_committed_together() {
        let folder = tempfile::tempdir().unwrap();
        let commits = Arc::default();
        let writer = Writer::spawn(counted(&folder.path().join("store"), &commits).await);
        let writer = Arc::new(writer);
        let mut tasks = JoinSet::new();
        for number in 0..5_000 {
            let writer = writer.clone();
            tasks.spawn(async move { writer.write(response(number, "{}".to_owned())).await });
        }
        let answers = tasks.join_all().await;
        assert!(answers.iter().all(|answer| matches!(answer, Ok(Outcome::Kept))));
        let commits = commits.load(Ordering::Relaxed);
        assert!((1..=20).contains(&commits), "{commits} commits");
    }

    #[tokio::test]
    async fn a_full_disk_fails_the_whole_batch_and_no_later_one() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = open(&folder.path().join("store")).await.unwrap();
        query("PRAGMA max_page_count = 20").execute(&mut connection).await.unwrap();
        let writer = Writer::spawn(connection);
        let large = || "x".repeat(1_000_000);
        let (small, large) = tokio::join!(
            writer.write(response(0, "{}".to_owned())),
            writer.write(response(1, large())),
        );
        assert!(small.is_err());
        let error = super::super::explain::explain(Path::new("store"), large.unwrap_err());
        assert_eq!(error.to_string(), "store store has no room to grow");
        assert!(writer.write(response(0, "{}".to_owned())).await.is_ok());
    }
}
