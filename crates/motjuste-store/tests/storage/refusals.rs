//! Files that are refused, and that are afterwards what they were before.

use std::fs;
use std::path::Path;

use motjuste::Error;
use motjuste::storage::{Journal, Responses};
use motjuste_store::SqliteStore;
use sqlx::{Connection, raw_sql};

use crate::sample::{event, key};
use crate::sqlite::{filled, place, sql};

/// Opens what must not open, and looks whether it was left alone.
async fn refused(path: &Path) -> Error {
    let before = fs::read(path).ok();
    let error = SqliteStore::open(path).await.unwrap_err();
    assert_eq!(fs::read(path).ok(), before, "the file was changed");
    assert!(error.is_storage());
    assert!(error.help().is_some());
    error
}

async fn run(path: &Path, statements: &'static str) {
    let mut connection = sql(path).await;
    raw_sql(statements).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_newer_store() {
    let (_folder, path) = place();
    filled(&path).await;
    run(&path, "PRAGMA user_version = 7").await;
    let error = refused(&path).await;
    let expected = format!(
        "store {} was written by a newer motjuste (format 7, this program knows 4)",
        path.display()
    );
    assert_eq!(error.to_string(), expected);
    assert_eq!(error.help(), Some("update motjuste or use another store"));
}

#[tokio::test]
async fn the_database_of_another_program() {
    let (_folder, path) = place();
    fs::write(&path, "").unwrap();
    run(&path, "CREATE TABLE bookmarks (url TEXT); PRAGMA user_version = 1").await;
    let error = refused(&path).await;
    assert!(error.to_string().contains("is not a motjuste store"), "{error}");
}

#[tokio::test]
async fn garbage() {
    for length in [1, 50, 99, 511, 4096, 100_000] {
        let (_folder, path) = place();
        fs::write(&path, "garbage!".repeat(length).split_at(length).0).unwrap();
        let error = refused(&path).await;
        assert!(error.to_string().contains("is not a motjuste store"), "{length}: {error}");
    }
}

#[tokio::test]
async fn a_truncated_store() {
    let (_folder, path) = place();
    filled(&path).await;
    let whole = fs::read(&path).unwrap();
    for length in [10, 16, 100, 600, 4096, 8192, whole.len() - 1] {
        let cut = path.with_extension(length.to_string());
        fs::write(&cut, &whole[..length]).unwrap();
        let error = refused(&cut).await;
        assert!(error.to_string().contains("damaged"), "{length}: {error}");
    }
}

#[tokio::test]
async fn a_store_with_a_page_of_noise() {
    let (_folder, path) = place();
    filled(&path).await;
    let mut bytes = fs::read(&path).unwrap();
    bytes[4096..8192].fill(0xa5);
    fs::write(&path, bytes).unwrap();
    let error = refused(&path).await;
    assert!(error.to_string().ends_with("is damaged"), "{error}");
}

#[tokio::test]
async fn damage_that_comes_later_is_the_same_error() {
    let (_folder, path) = place();
    let store = SqliteStore::open(&path).await.unwrap();
    let text = "some text ".repeat(1000);
    for index in 0..50 {
        store.append("antonyms", index, &event(index, &text)).await.unwrap();
    }
    store.close().await.unwrap();

    let store = SqliteStore::open(&path).await.unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes[4096..].fill(0xa5);
    fs::write(&path, bytes).unwrap();
    for error in
        [store.events("antonyms").await.unwrap_err(), store.recall(&key(0)).await.unwrap_err()]
    {
        assert!(error.is_storage());
        assert!(error.to_string().ends_with("is damaged"), "{error}");
        assert!(error.help().unwrap().contains("nothing in it was changed"));
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be() {
    let (folder, path) = place();
    fs::write(&path, "a file").unwrap();
    let error = refused(&path.join("store.sqlite")).await;
    assert!(error.to_string().contains("cannot create the folder"), "{error}");
    let error = refused(folder.path()).await;
    assert!(error.to_string().ends_with("cannot be opened for writing"), "{error}");
}
