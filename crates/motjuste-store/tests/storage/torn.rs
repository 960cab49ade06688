//! Writes that were cut in the middle, texts that were changed, and stores of an earlier format.

use std::fs;
use std::path::Path;

use motjuste::storage::{Journal, Responses};
use motjuste_store::SqliteStore;
use sqlx::{Connection, query, query_scalar, raw_sql};

use crate::sample::{event, key, response};
use crate::sqlite::{filled, place, sql};

fn beside(path: &Path, suffix: &str) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[tokio::test]
async fn a_log_that_was_cut_leaves_a_store_as_it_was_at_some_moment() {
    let (folder, path) = place();
    filled(&path).await;
    let store = SqliteStore::open(&path).await.unwrap();
    for index in 1..12 {
        store.append("antonyms", index, &event(index, &"text ".repeat(300))).await.unwrap();
    }
    let log = fs::read(beside(&path, "-wal")).unwrap();
    assert!(log.len() > 40_000, "nothing is in the log");
    for part in 0..=24 {
        let torn = folder.path().join(format!("torn-{part}.sqlite"));
        fs::copy(&path, &torn).unwrap();
        fs::write(beside(&torn, "-wal"), &log[..log.len() * part / 24]).unwrap();
        let store = SqliteStore::open(&torn).await.unwrap();
        let events = store.events("antonyms").await.unwrap();
        for (index, found) in events.iter().enumerate().skip(1) {
            assert_eq!(*found, event(index, &"text ".repeat(300)));
        }
        assert!(
            !events.is_empty() && (part < 24 || events.len() == 12),
            "{part}: {}",
            events.len()
        );
        store.append("antonyms", events.len(), &event(events.len(), "on")).await.unwrap();
        store.close().await.unwrap();
    }
}

/// The file with one byte of `text` changed, wherever it stands.
fn flip(path: &Path, text: &[u8]) {
    let mut bytes = fs::read(path).unwrap();
    let places: Vec<usize> =
        (0..bytes.len() - text.len()).filter(|place| bytes[*place..].starts_with(text)).collect();
    assert!(!places.is_empty(), "the text is not in the file");
    for place in places {
        bytes[place + 1] ^= 1;
    }
    fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn one_changed_byte_in_a_kept_text_is_noticed() {
    for text in ["opposite", "cold"] {
        let (_folder, path) = place();
        filled(&path).await;
        flip(&path, text.as_bytes());
        let store = SqliteStore::open(&path).await.unwrap();
        let error = match text {
            "cold" => store.recall(&key(0)).await.unwrap_err(),
            _ => store.events("antonyms").await.unwrap_err(),
        };
        assert!(error.is_storage() && error.to_string().contains("was changed since"), "{error}");
        assert!(error.help().unwrap().contains("restore a copy"));
    }
}

#[tokio::test]
async fn large_responses_take_little_room_and_come_back() {
    let (_folder, path) = place();
    let store = SqliteStore::open(&path).await.unwrap();
    let large = response("antonyms", &"many words that say little ".repeat(40_000));
    store.remember(&key(0), &large).await.unwrap();
    assert_eq!(store.recall(&key(0)).await.unwrap(), Some(large));
    store.close().await.unwrap();
    assert!(fs::metadata(&path).unwrap().len() < 100_000);
}

/// A store as the version before wrote it.
async fn of_format_3(path: &Path) {
    fs::write(path, "").unwrap();
    let mut connection = sql(path).await;
    for step in [
        include_str!("../../src/sqlite/schema/1.sql"),
        include_str!("../../src/sqlite/schema/2.sql"),
        include_str!("../../src/sqlite/schema/3.sql"),
    ] {
        raw_sql(step).execute(&mut connection).await.unwrap();
    }
    let event = serde_json::to_string(&event(0, "write the opposite")).unwrap();
    query("INSERT INTO studies (name) VALUES ('antonyms')").execute(&mut connection).await.unwrap();
    query("INSERT INTO events (study, sequence, body) VALUES ('antonyms', 0, ?)")
        .bind(event)
        .execute(&mut connection)
        .await
        .unwrap();
    let response = response("antonyms", "cold");
    query("INSERT INTO responses (key, paid_by, body) VALUES (?, ?, ?)")
        .bind(key(0).0.to_vec())
        .bind(response.paid_by)
        .bind(response.body)
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_store_of_the_format_before_goes_on() {
    for is_read_first in [false, true] {
        let (_folder, path) = place();
        of_format_3(&path).await;
        if is_read_first {
            let store = SqliteStore::open_to_read(&path).await.unwrap();
            assert_eq!(store.studies().await.unwrap(), ["antonyms"]);
        }
        let store = SqliteStore::open(&path).await.unwrap();
        assert_eq!(store.events("antonyms").await.unwrap(), [event(0, "write the opposite")]);
        assert_eq!(store.recall(&key(0)).await.unwrap(), Some(response("antonyms", "cold")));
        store.append("antonyms", 1, &event(1, "on")).await.unwrap();
        store.remember(&key(1), &response("antonyms", &"hot ".repeat(900))).await.unwrap();
        assert_eq!(store.events("antonyms").await.unwrap().len(), 2);
        store.close().await.unwrap();
        let format: i64 =
            query_scalar("PRAGMA user_version").fetch_one(&mut sql(&path).await).await.unwrap();
        assert_eq!(format, 4);
    }
}
