//! Both stores keep the promises of the traits that they implement.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use motjuste::{Result, conformance};
use motjuste_store::{PostgresStore, SqliteStore};

use crate::server::server;

/// Stores in files of their own.
struct Files(tempfile::TempDir, AtomicUsize);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap(), AtomicUsize::new(0))
    }

    async fn make(&self) -> Result<SqliteStore> {
        let name = format!("store-{}", self.1.fetch_add(1, Ordering::Relaxed));
        SqliteStore::open(self.0.path().join(name)).await
    }
}

async fn postgres() -> Result<PostgresStore> {
    PostgresStore::open(&server().fresh()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_keeps_the_promises_of_a_journal_and_of_responses() {
    let files = Files::new();
    conformance::journal(async || files.make().await).await.unwrap();
    conformance::responses(async || files.make().await).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: .ci/run postgres"]
async fn promises_of_a_journal_and_of_responses_are_kept_on_a_server() {
    conformance::journal(postgres).await.unwrap();
    conformance::responses(postgres).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn studies_take_the_same_path_on_sqlite_killed_or_not() {
    let files = Files::new();
    conformance::studies(async || Ok(Arc::new(files.make().await?))).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: .ci/run postgres"]
async fn studies_take_the_same_path_on_a_server_killed_or_not() {
    conformance::studies(async || Ok(Arc::new(postgres().await?))).await.unwrap();
}
