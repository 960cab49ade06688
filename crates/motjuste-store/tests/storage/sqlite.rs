//! What a store in a file does beyond the trait.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use motjuste::storage::{Journal, Responses};
use motjuste_store::SqliteStore;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, query, query_as};
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::sample::{event, key, not_a_number, response};

/// A folder that lives as long as the test, and the path of a store in it.
pub fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.sqlite");
    (folder, path)
}

/// A store with an event and a response, closed.
pub async fn filled(path: &Path) {
    let store = SqliteStore::open(path).await.unwrap();
    store.append("antonyms", 0, &event(0, "write the opposite")).await.unwrap();
    store.remember(&key(0), &response("antonyms", "cold")).await.unwrap();
    store.close().await.unwrap();
}

/// The file as any SQLite program sees it.
pub async fn sql(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(path).connect().await.unwrap()
}

async fn assert_filled(path: &Path) {
    let store = SqliteStore::open(path).await.unwrap();
    assert_eq!(store.studies().await.unwrap(), ["antonyms"]);
    assert_eq!(store.events("antonyms").await.unwrap(), [event(0, "write the opposite")]);
    assert_eq!(store.recall(&key(0)).await.unwrap(), Some(response("antonyms", "cold")));
}

#[tokio::test]
async fn a_closed_store_is_one_file_that_holds_everything() {
    let (folder, path) = place();
    filled(&path).await;
    assert_eq!(folder.path().read_dir().unwrap().count(), 1);
    assert_filled(&path).await;
}

#[tokio::test]
async fn a_dropped_store_holds_everything() {
    let (_folder, path) = place();
    let store = SqliteStore::open(&path).await.unwrap();
    store.append("antonyms", 0, &event(0, "write the opposite")).await.unwrap();
    store.remember(&key(0), &response("antonyms", "cold")).await.unwrap();
    drop(store);
    assert_filled(&path).await;
}

#[test]
fn a_store_survives_the_runtime_that_opened_it() {
    let (_folder, path) = place();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store = runtime().block_on(async {
        let store = SqliteStore::open(&path).await.unwrap();
        store.append("antonyms", 0, &event(0, "write the opposite")).await.unwrap();
        store.remember(&key(0), &response("antonyms", "cold")).await.unwrap();
        store
    });
    runtime().block_on(async {
        let error = store.remember(&key(1), &response("antonyms", "hot")).await.unwrap_err();
        assert!(error.is_storage());
        assert!(error.help().is_some());
        assert_filled(&path).await;
    });
}

#[tokio::test]
async fn a_closed_store_takes_nothing_more() {
    let (_folder, path) = place();
    let store = SqliteStore::open(&path).await.unwrap();
    store.close().await.unwrap();
    store.close().await.unwrap();
    let error = store.remember(&key(0), &response("antonyms", "cold")).await.unwrap_err();
    assert!(error.to_string().ends_with("is closed"), "{error}");
    let error = store.recall(&key(0)).await.unwrap_err();
    assert!(error.to_string().ends_with("is closed"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_keeps_what_was_asked_before() {
    let (_folder, path) = place();
    let store = Arc::new(SqliteStore::open(&path).await.unwrap());
    let mut tasks = JoinSet::new();
    for number in 0..200 {
        let store = store.clone();
        tasks.spawn(async move {
            let kept = store.remember(&key(number), &response("antonyms", "cold")).await.is_ok();
            (number, kept)
        });
    }
    store.close().await.unwrap();
    let again = SqliteStore::open(&path).await.unwrap();
    for (number, kept) in tasks.join_all().await {
        assert_eq!(again.recall(&key(number)).await.unwrap().is_some(), kept);
    }
}

#[tokio::test]
async fn folders_are_made() {
    let (folder, _) = place();
    let path = folder.path().join("new/and/deep/store.sqlite");
    filled(&path).await;
    assert_filled(&path).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_may_make_a_store_at_once() {
    let (_folder, path) = place();
    let mut tasks = JoinSet::new();
    for number in 0..8 {
        let path = path.clone();
        tasks.spawn(async move {
            let store = SqliteStore::open(&path).await.unwrap();
            store.append(&format!("study {number}"), 0, &event(0, "one")).await.unwrap();
        });
    }
    tasks.join_all().await;
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(store.studies().await.unwrap().len(), 8);
}

#[tokio::test]
async fn two_stores_on_one_file_see_each_other() {
    let (_folder, path) = place();
    let ours = SqliteStore::open(&path).await.unwrap();
    let theirs = SqliteStore::open(&path).await.unwrap();
    ours.append("antonyms", 0, &event(0, "ours")).await.unwrap();
    theirs.remember(&key(0), &response("sums", "4")).await.unwrap();
    let error = theirs.append("antonyms", 0, &event(0, "theirs")).await.unwrap_err();
    assert!(error.help().unwrap().contains("another process is running this study"));
    assert_eq!(ours.recall(&key(0)).await.unwrap(), Some(response("sums", "4")));
    ours.append("antonyms", 1, &event(1, "ours")).await.unwrap();
    assert_eq!(theirs.events("antonyms").await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_refused_event_does_not_create_its_study() {
    let (_folder, path) = place();
    let store = SqliteStore::open(&path).await.unwrap();
    let error = store.append("antonyms", 3, &event(3, "too early")).await.unwrap_err();
    assert!(error.to_string().contains("has no event 0 yet"), "{error}");
    assert!(store.studies().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_event_that_could_not_be_read_again_is_refused() {
    let (_folder, path) = place();
    let store = SqliteStore::open(&path).await.unwrap();
    let error = store.append("antonyms", 0, &not_a_number()).await.unwrap_err();
    assert!(error.to_string().contains("event 0 of study antonyms"), "{error}");
    assert!(store.studies().await.unwrap().is_empty());
}

#[tokio::test]
async fn tables_are_plain_sql() {
    let (_folder, path) = place();
    filled(&path).await;
    let mut connection = sql(&path).await;
    let event: (String, i64, String, String) =
        query_as("SELECT study, sequence, kind, at FROM events")
            .fetch_one(&mut connection)
            .await
            .unwrap();
    assert_eq!((event.0.as_str(), event.1, event.2.as_str()), ("antonyms", 0, "step"));
    assert!(event.3.ends_with('Z') && event.3.contains('T'), "{}", event.3);
    let response: (String, String, i64) =
        query_as("SELECT paid_by, body ->> '$', length(key) FROM responses WHERE at IS NOT NULL")
            .fetch_one(&mut connection)
            .await
            .unwrap();
    assert_eq!(response, ("antonyms".to_owned(), "cold".to_owned(), 32));
}

#[tokio::test]
async fn an_unknown_event_is_named() {
    let (_folder, path) = place();
    filled(&path).await;
    let mut connection = sql(&path).await;
    query(
        "INSERT INTO events (study, sequence, body) VALUES ('antonyms', 1, '{\"event\":\"sung\"}')",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    let store = SqliteStore::open(&path).await.unwrap();
    let error = store.events("antonyms").await.unwrap_err();
    assert!(error.is_storage());
    assert!(error.to_string().contains("event 1 of study antonyms"), "{error}");
    assert!(error.help().unwrap().contains("update"));
}

#[tokio::test]
async fn a_missing_event_is_named() {
    let (_folder, path) = place();
    filled(&path).await;
    let mut connection = sql(&path).await;
    query("UPDATE events SET sequence = 2").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let store = SqliteStore::open(&path).await.unwrap();
    let error = store.events("antonyms").await.unwrap_err();
    assert!(error.to_string().contains("event 0 of study antonyms is missing"), "{error}");
}

#[tokio::test]
async fn a_store_of_an_earlier_format_is_refused_and_left_as_it_is() {
    let (_folder, path) = place();
    filled(&path).await;
    let mut connection = sql(&path).await;
    query("PRAGMA user_version = 2").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let before = std::fs::read(&path).unwrap();
    let error = SqliteStore::open(&path).await.unwrap_err();
    assert!(error.to_string().contains("older motjuste (format 2"), "{error}");
    assert_eq!(error.setting(), Some(&motjuste::error::Setting::Store));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}
