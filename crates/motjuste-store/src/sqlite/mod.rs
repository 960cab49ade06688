//! One file that several processes may use at a time.

mod explain;
mod file;
mod listing;
mod numbers;
mod open;
mod reader;
mod rows;
mod write;
mod writer;

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use motjuste::error::Setting;
use motjuste::journal::Event;
use motjuste::storage::{
    Attempt, AttemptId, Journal, Listing, ResponseKey, Responses, StoredResponse,
};
use motjuste::{Error, Result};
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions};
use sqlx::{query_as, query_scalar};

use explain::explain;
use numbers::Numbers;
use reader::Reader;
use write::{Outcome, Response, Write};
use writer::Writer;

/// Reads that run at the same time; each holds a connection with a thread of its own.
const READERS: u32 = 4;

/// Studies and responses in one SQLite file, on a local disk.
///
/// Several processes may share the file: they share the responses, and each runs its own studies.
/// A write returns when it is on the disk. Writes that wait together are written together, so a
/// thousand concurrent ones cost little more than one.
///
/// The tables `studies`, `events`, `responses` and `attempts` are plain SQL for anybody to read:
///
/// ```text
/// sqlite3 store.sqlite "SELECT study, sequence, kind, at FROM events"
/// ```
///
/// Everything runs on the tokio runtime that opened the store, whose timer must be enabled.
///
/// ```
/// use motjuste::storage::{ResponseKey, Responses, StoredResponse};
/// use motjuste_store::SqliteStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> motjuste::Result<()> {
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("store.sqlite");
/// let key = ResponseKey::of("some/model", &"What is the opposite of hot?");
/// let response = StoredResponse { paid_by: "antonyms".into(), body: r#""cold""#.into() };
///
/// let store = SqliteStore::open(&path).await?;
/// store.remember(&key, &response).await?;
/// store.close().await?;
///
/// let again = SqliteStore::open(&path).await?;
/// assert_eq!(again.recall(&key).await?, Some(response));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct SqliteStore {
    path: PathBuf,
    writer: Writer,
    reader: Reader,
    readers: SqlitePool,
    attempts: Numbers,
}

impl SqliteStore {
    /// Opens the store in the file `path`; makes the file and its folder when there is none.
    ///
    /// A process that was killed leaves a store that opens like any other: what it was told to be
    /// written is there.
    ///
    /// # Errors
    /// [`Error::is_storage`] when the file is no store, is damaged, was written by a newer version
    /// or cannot be written to. The file is then left as it is.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("notes.txt");
    /// std::fs::write(&path, "no store at all").unwrap();
    /// let error = motjuste_store::SqliteStore::open(&path).await.unwrap_err();
    /// assert!(error.to_string().contains("is not a motjuste store"));
    /// # }
    /// ```
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = absolute(path.as_ref())?;
        let writer = Writer::spawn(open::open(&path).await?);
        let readers = readers(&path);
        let reader = Reader::spawn(readers.clone());
        Ok(Self { path, writer, reader, readers, attempts: Numbers::fresh() })
    }

    /// Waits for the writes under way, moves the log into the file and lets go of it.
    ///
    /// Unless another process has it open, the store is one file then, ready to be copied. A store
    /// that is dropped instead loses nothing; it may leave its log beside it for the next to open.
    ///
    /// # Errors
    /// [`Error::is_storage`] when the log cannot be moved; it stays where it is, complete.
    ///
    /// ```
    /// use motjuste::storage::Journal;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> motjuste::Result<()> {
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("store.sqlite");
    /// let store = motjuste_store::SqliteStore::open(&path).await?;
    /// store.close().await?;
    /// assert!(store.studies().await.unwrap_err().to_string().ends_with("is closed"));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn close(&self) -> Result<()> {
        // Readers first: the last connection to close is the one that moves the log.
        self.readers.close().await;
        self.writer.close().await.map_err(|error| explain(&self.path, error))
    }

    async fn write(&self, write: Write) -> Result<Outcome> {
        self.writer.write(write).await.map_err(|error| explain(&self.path, error))
    }

    /// For `map_err`.
    fn explain(&self) -> impl Fn(sqlx::Error) -> Error {
        |error| explain(&self.path, error)
    }
}

/// SQLite would take a relative path that begins with `file:` for a URI.
fn absolute(path: &Path) -> Result<PathBuf> {
    match std::path::absolute(path) {
        Ok(absolute) if absolute.to_str().is_some() => Ok(absolute),
        _ => Err(Error::storage(format!("{path:?} cannot be the path of a store"))
            .with_help("name a file, in Unicode")
            .with_setting(Setting::Store)),
    }
}

fn readers(path: &Path) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(READERS)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_lazy_with(open::options(path).pragma("query_only", "ON"))
}

#[async_trait]
impl Journal for SqliteStore {
    async fn append(&self, study: &str, sequence: usize, event: &Event) -> Result<()> {
        let body = encode(study, sequence, event)?;
        let position = i64::try_from(sequence).unwrap_or(i64::MAX);
        let write = Write::Event { study: study.to_owned(), sequence: position, body };
        match self.write(write).await? {
            Outcome::Kept => Ok(()),
            Outcome::Expected(next) if next > position => Err(taken(study, sequence)),
            Outcome::Expected(next) => Err(gap(study, sequence, next)),
        }
    }

    async fn events(&self, study: &str) -> Result<Vec<Event>> {
        self.events_from(study, 0).await
    }

    async fn events_from(&self, study: &str, sequence: usize) -> Result<Vec<Event>> {
        let first = i64::try_from(sequence).unwrap_or(i64::MAX);
        let rows: Vec<(i64, String)> = query_as(listing::EVENTS_FROM)
            .bind(study)
            .bind(first)
            .fetch_all(&self.readers)
            .await
            .map_err(self.explain())?;
        (first..).zip(rows).map(|(expected, row)| decode(study, expected, row)).collect()
    }

    async fn listing(&self) -> Result<Vec<Listing>> {
        let rows = query_as(listing::ALL).fetch_all(&self.readers).await;
        Ok(rows.map_err(self.explain())?.into_iter().map(listing::read).collect())
    }

    async fn studies(&self) -> Result<Vec<String>> {
        query_scalar("SELECT name FROM studies ORDER BY id")
            .fetch_all(&self.readers)
            .await
            .map_err(self.explain())
    }
}

#[async_trait]
impl Responses for SqliteStore {
    async fn recall(&self, key: &ResponseKey) -> Result<Option<StoredResponse>> {
        self.reader.find(*key).await.map_err(|error| explain(&self.path, error))
    }

    async fn remember(&self, key: &ResponseKey, response: &StoredResponse) -> Result<()> {
        self.write(Write::Response(row(key, response))).await?;
        Ok(())
    }

    async fn begin(&self, paid_by: &str, attempt: &Attempt) -> Result<AttemptId> {
        let body = serde_json::to_string(attempt)
            .map_err(|error| Error::storage(format!("an attempt cannot be written: {error}")))?;
        let id = self.attempts.next();
        self.write(Write::Attempt { id, paid_by: paid_by.to_owned(), body }).await?;
        Ok(AttemptId(id))
    }

    async fn close(
        &self,
        attempt: AttemptId,
        responses: &[(ResponseKey, StoredResponse)],
    ) -> Result<()> {
        let responses = responses.iter().map(|(key, response)| row(key, response)).collect();
        self.write(Write::Closing { attempt: attempt.0, responses }).await?;
        Ok(())
    }

    async fn unanswered(&self, paid_by: &str) -> Result<Vec<Attempt>> {
        let bodies: Vec<String> =
            query_scalar("SELECT body FROM attempts WHERE paid_by = ? ORDER BY id")
                .bind(paid_by)
                .fetch_all(&self.readers)
                .await
                .map_err(self.explain())?;
        let read = |body: &String| {
            serde_json::from_str(body).map_err(|error| {
                Error::storage(format!("an attempt of {paid_by} cannot be read: {error}"))
                    .with_help("a newer motjuste may have written it: update")
            })
        };
        bodies.iter().map(read).collect()
    }
}

fn row(key: &ResponseKey, response: &StoredResponse) -> Response {
    let StoredResponse { paid_by, body } = response.clone();
    Response { key: key.0, paid_by, body }
}

/// An event as JSON that is sure to be read again: JSON has no infinity and no NaN, and a study
/// that holds one would be lost when it is resumed.
fn encode(study: &str, sequence: usize, event: &Event) -> Result<String> {
    let body = serde_json::to_string(event);
    let readable = |body: String| serde_json::from_str::<Event>(&body).map(|_| body);
    body.and_then(readable).map_err(|error| {
        let what = format!("event {sequence} of study {study} cannot be written as JSON: {error}");
        Error::storage(what)
            .with_help("a number in it is not finite; please report this error")
            .with_source(error)
    })
}

fn decode(study: &str, expected: i64, (sequence, body): (i64, String)) -> Result<Event> {
    if sequence != expected {
        return Err(Error::storage(format!("event {expected} of study {study} is missing"))
            .with_help("restore a copy of the store, or start the study anew in another one")
            .with_setting(Setting::Store));
    }
    serde_json::from_str(&body).map_err(|error| {
        Error::storage(format!("event {sequence} of study {study} cannot be read: {error}"))
        .with_help("a newer motjuste may have written it: update, or start the study anew in another store")
        .with_setting(Setting::Store)
        .with_source(error)
    })
}

fn taken(study: &str, sequence: usize) -> Error {
    Error::storage(format!("study {study} already has event {sequence}"))
        .with_help("another process is running this study; wait for it to end")
}

fn gap(study: &str, sequence: usize, next: i64) -> Error {
    Error::storage(format!("study {study} has no event {next} yet, so none of number {sequence}"))
        .with_help("append the events of a study in order, from 0")
}
