//! The connection that writes.

use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, query};

use super::rows;
use crate::write::{Outcome, Write};
use crate::writer::Database;

/// The one connection of this process that writes.
pub(super) struct Commits(pub(super) SqliteConnection);

impl Database for Commits {
    /// Not with sqlx's transaction: a full disk makes SQLite roll back by itself, sqlx's own rollback
    /// then fails, and from there on it takes every transaction for a nested one and refuses it.
    async fn commit(&mut self, writes: &[Write]) -> sqlx::Result<Vec<Outcome>> {
        query("BEGIN IMMEDIATE").execute(&mut self.0).await?;
        let written = write_and_commit(&mut self.0, writes).await;
        if written.is_err() {
            // It fails where SQLite has rolled back already.
            let _ = query("ROLLBACK").execute(&mut self.0).await;
        }
        written
    }

    async fn end(mut self) -> sqlx::Result<()> {
        // Passive: it does not wait for the readers of another process.
        query("PRAGMA wal_checkpoint(PASSIVE)").execute(&mut self.0).await?;
        self.0.close().await
    }
}

/// Rows of one kind go into one statement: a statement is a conversation between threads.
async fn write_and_commit(
    connection: &mut SqliteConnection,
    writes: &[Write],
) -> sqlx::Result<Vec<Outcome>> {
    rows::remember(connection, writes.iter().flat_map(Write::responses)).await?;
    rows::begin(connection, writes.iter().filter_map(Write::attempt)).await?;
    rows::forget(connection, writes.iter().filter_map(Write::closed)).await?;
    let mut outcomes = Vec::with_capacity(writes.len());
    for write in writes {
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
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use motjuste::storage::{ResponseKey, StoredResponse};
    use tokio::task::JoinSet;

    use super::super::open::open;
    use super::*;
    use crate::write::Response;
    use crate::writer::Writer;

    fn response(number: usize, body: String) -> Write {
        let response = StoredResponse { paid_by: "study".to_owned(), body };
        Write::Response(Response::row(&ResponseKey::of("model", &number), &response))
    }

    async fn counted(path: &Path, commits: &Arc<AtomicUsize>) -> Commits {
        let mut connection = open(path).await.unwrap();
        let commits = commits.clone();
        connection.lock_handle().await.unwrap().set_commit_hook(move || {
            commits.fetch_add(1, Ordering::Relaxed);
            true
        });
        Commits(connection)
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

    /// A text that hardly shrinks.
    fn noise(bytes: usize) -> String {
        let mut noise = vec![0; bytes];
        blake3::Hasher::new().finalize_xof().fill(&mut noise);
        noise.into_iter().map(|byte| char::from(32 + byte % 90)).collect()
    }

    #[tokio::test]
    async fn a_full_disk_fails_the_whole_batch_and_no_later_one() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = open(&folder.path().join("store")).await.unwrap();
        query("PRAGMA max_page_count = 20").execute(&mut connection).await.unwrap();
        let writer = Writer::spawn(Commits(connection));
        let (small, large) = tokio::join!(
            writer.write(response(0, "{}".to_owned())),
            writer.write(response(1, noise(1_000_000))),
        );
        assert!(small.is_err());
        let error = super::super::explain::explain(Path::new("store"), large.unwrap_err());
        assert_eq!(error.to_string(), "store store has no room to grow");
        assert!(writer.write(response(0, "{}".to_owned())).await.is_ok());
    }
}
