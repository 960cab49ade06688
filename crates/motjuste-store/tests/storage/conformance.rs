//! What every implementation of `Storage` promises; the next back end adds one test at the end.

use std::sync::Arc;

use motjuste::storage::{InMemory, Storage};
use motjuste_store::SqliteStore;
use tokio::task::JoinSet;

use crate::sample::{attempt, event, key, numbers, response};

/// Checks an empty storage.
async fn conforms(storage: Arc<dyn Storage>) {
    starts_empty(&*storage).await;
    keeps_events_in_order(&*storage).await;
    lists_studies_in_order_of_creation(&*storage).await;
    refuses_an_event_out_of_order(&*storage).await;
    keeps_what_is_awkward(&*storage).await;
    keeps_the_first_response(&*storage).await;
    counts_what_was_begun_and_not_closed(&*storage).await;
    lets_one_of_many_append(storage.clone()).await;
    lets_one_of_many_remember(storage).await;
}

async fn starts_empty(storage: &dyn Storage) {
    assert!(storage.studies().await.unwrap().is_empty());
    assert!(storage.events("nobody").await.unwrap().is_empty());
    assert!(storage.recall(&key(0)).await.unwrap().is_none());
    assert!(storage.studies().await.unwrap().is_empty(), "reading does not create");
}

async fn keeps_events_in_order(storage: &dyn Storage) {
    // More than ten: text order is not number order.
    for index in 0..12 {
        storage.append("second letter", index, &event(index, "one")).await.unwrap();
    }
    let expected: Vec<_> = (0..12).map(|index| event(index, "one")).collect();
    assert_eq!(storage.events("second letter").await.unwrap(), expected);
}

async fn lists_studies_in_order_of_creation(storage: &dyn Storage) {
    storage.append("antonyms", 0, &event(0, "later, though first in the alphabet")).await.unwrap();
    storage.append("second letter", 12, &event(12, "one")).await.unwrap();
    assert_eq!(storage.studies().await.unwrap(), ["second letter", "antonyms"]);
}

async fn refuses_an_event_out_of_order(storage: &dyn Storage) {
    let error = storage.append("antonyms", 0, &event(0, "other")).await.unwrap_err();
    assert!(error.is_storage());
    assert!(error.to_string().contains("antonyms already has event 0"), "{error}");
    assert!(error.help().unwrap().contains("another process is running this study"));

    let error = storage.append("antonyms", 5, &event(5, "too far")).await.unwrap_err();
    assert!(error.is_storage());
    assert_eq!(storage.events("antonyms").await.unwrap().len(), 1);
}

async fn keeps_what_is_awkward(storage: &dyn Storage) {
    let name = "it's \"a\" study\n; DROP TABLE events; -- é 漢 🦀";
    let events = [
        event(0, "\0 \u{7f} \u{2028} 'quoted' \"twice\" \\ 🦀"),
        event(1, &"a large one ".repeat(100_000)),
        event(2, ""),
        numbers(3, &[0.1 + 0.2, f64::MIN_POSITIVE, 5e-324, -0.0, f64::MAX, 1.0 / 3.0]),
    ];
    for (index, event) in events.iter().enumerate() {
        storage.append(name, index, event).await.unwrap();
    }
    assert_eq!(storage.events(name).await.unwrap(), events);
    assert_eq!(storage.studies().await.unwrap().last().unwrap(), name);
}

async fn keeps_the_first_response(storage: &dyn Storage) {
    let first = response("antonyms", "cold");
    storage.remember(&key(0), &first).await.unwrap();
    storage.remember(&key(0), &response("second letter", "hot")).await.unwrap();
    storage.remember(&key(1), &response("antonyms", &"long ".repeat(300_000))).await.unwrap();
    assert_eq!(storage.recall(&key(0)).await.unwrap(), Some(first));
    assert!(storage.recall(&key(1)).await.unwrap().unwrap().body.len() > 1_000_000);
    assert!(storage.recall(&key(2)).await.unwrap().is_none());
}

async fn counts_what_was_begun_and_not_closed(storage: &dyn Storage) {
    let begun = [attempt(1), attempt(2), attempt(3)];
    let mut ids = Vec::new();
    for attempt in &begun {
        ids.push(storage.begin("antonyms#1", attempt).await.unwrap());
    }
    storage.begin("antonyms#2", &attempt(4)).await.unwrap();
    let answer = (key(5), response("antonyms#1", "cold"));
    storage.close(ids[0], std::slice::from_ref(&answer)).await.unwrap();
    storage.close(ids[2], &[]).await.unwrap();
    assert_eq!(storage.unanswered("antonyms#1").await.unwrap(), [attempt(2)]);
    assert_eq!(storage.unanswered("antonyms#2").await.unwrap(), [attempt(4)]);
    assert!(storage.unanswered("antonyms#3").await.unwrap().is_empty());
    assert_eq!(storage.recall(&answer.0).await.unwrap(), Some(answer.1));
}

async fn lets_one_of_many_append(storage: Arc<dyn Storage>) {
    let mut tasks = JoinSet::new();
    for number in 0..20 {
        let storage = storage.clone();
        let text = format!("number {number}");
        tasks.spawn(async move { storage.append("race", 0, &event(0, &text)).await.is_ok() });
    }
    let winners = tasks.join_all().await.into_iter().filter(|won| *won).count();
    assert_eq!(winners, 1);
    assert_eq!(storage.events("race").await.unwrap().len(), 1);
}

async fn lets_one_of_many_remember(storage: Arc<dyn Storage>) {
    let mut tasks = JoinSet::new();
    for number in 0..20 {
        let storage = storage.clone();
        tasks.spawn(async move {
            let response = response("race", &format!("number {number}"));
            storage.remember(&key(9), &response).await.unwrap();
            storage.recall(&key(9)).await.unwrap().unwrap()
        });
    }
    let mut kept = tasks.join_all().await;
    kept.dedup();
    assert_eq!(kept.len(), 1, "the first response stays, whoever looks");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_memory() {
    conforms(Arc::new(InMemory::default())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    conforms(Arc::new(SqliteStore::open(folder.path().join("store")).await.unwrap())).await;
}
