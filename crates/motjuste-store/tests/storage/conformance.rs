//! The store keeps the promises of the traits that it implements.

use std::sync::atomic::{AtomicUsize, Ordering};

use motjuste::{Result, conformance};
use motjuste_store::SqliteStore;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_keeps_the_promises_of_a_journal_and_of_responses() {
    let folder = tempfile::tempdir().unwrap();
    let number = AtomicUsize::new(0);
    let make = async || -> Result<SqliteStore> {
        let name = format!("store-{}", number.fetch_add(1, Ordering::Relaxed));
        SqliteStore::open(folder.path().join(name)).await
    };
    conformance::journal(make).await.unwrap();
    conformance::responses(make).await.unwrap();
}
