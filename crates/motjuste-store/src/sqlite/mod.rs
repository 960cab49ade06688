//! One file that several processes may use at a time.

mod commit;
mod explain;
mod file;
mod lease;
mod look_up;
mod open;
mod rows;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use motjuste::error::Setting;
use motjuste::journal::Event;
use motjuste::storage::{
    Attempt, AttemptId, Journal, Lease, Listing, ResponseKey, Responses, StoredResponse,
};
use motjuste::{Error, Result};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sqlx::{query_as, query_scalar};

use crate::body::Body;
use crate::events::{decode_all, encode, gap, number, taken};
use crate::holder;
use crate::listing;
use crate::numbers::Numbers;
use crate::reader::Reader;
use crate::write::{Begun, Outcome, Response, Write};
use crate::writer::Writer;
use commit::Commits;
use explain::{changed, explain, only_read};
use look_up::Pool;

/// The events of a study from a number on.
const EVENTS: &str =
    "SELECT sequence, body, sum FROM events WHERE study = ? AND sequence >= ? ORDER BY sequence";

/// Every study: two steps into an index for each, however many events there are.
const LISTING: &str = "SELECT name,
    (SELECT max(sequence) + 1 FROM events WHERE study = name),
    unixepoch(created_at, 'subsec'),
    (SELECT unixepoch(at, 'subsec') FROM events WHERE study = name ORDER BY sequence DESC LIMIT 1)
    FROM studies ORDER BY id";

/// Reads that run at the same time; each holds a connection with a thread of its own.
const READERS: u32 = 4;

/// Studies and responses in one SQLite file, on a local disk.
///
/// Several processes may share the file: they share the responses, and each runs its own studies.
/// A write returns when it is on the disk. Writes that wait together are written together, so a
/// thousand concurrent ones cost little more than one.
///
/// The tables `studies`, `events`, `responses` and `attempts` are plain SQL for anybody to read, but for large
/// responses, which are packed (Zstandard). Every text has a sum, so that a changed one is noticed:
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
    /// None where the store was opened for reading.
    writer: Option<Writer>,
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
        let writer = Writer::spawn(Commits(open::open(&path).await?));
        let options = open::options(&path).pragma("query_only", "ON");
        Ok(Self::with(path, Some(writer), options))
    }

    /// Opens the store in the file `path` for reading alone, while others write to it or where nobody may.
    ///
    /// A store of an earlier format is brought up to date first, if it may be written to.
    ///
    /// # Errors
    /// As [`Self::open`]; and when there is no such file. What would write fails with
    /// [`Error::is_storage`].
    ///
    /// ```
    /// use motjuste::storage::Journal;
    /// use motjuste_store::SqliteStore;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> motjuste::Result<()> {
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("store.sqlite");
    /// assert!(SqliteStore::open_to_read(&path).await.is_err());
    /// SqliteStore::open(&path).await?.close().await?;
    /// let store = SqliteStore::open_to_read(&path).await?;
    /// assert!(store.studies().await?.is_empty());
    /// assert!(store.lease("antonyms").await.is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn open_to_read(path: impl AsRef<Path>) -> Result<Self> {
        let path = absolute(path.as_ref())?;
        let options = open::open_to_read(&path).await?;
        Ok(Self::with(path, None, options))
    }

    fn with(path: PathBuf, writer: Option<Writer>, options: SqliteConnectOptions) -> Self {
        let readers = readers(options);
        let reader = Reader::spawn(Pool(readers.clone()));
        Self { path, writer, reader, readers, attempts: Numbers::fresh() }
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
        match &self.writer {
            None => Ok(()),
            Some(writer) => writer.close().await.map_err(|error| explain(&self.path, error)),
        }
    }

    async fn write(&self, write: Write) -> Result<Outcome> {
        let writer = self.writer.as_ref().ok_or_else(|| only_read(&self.path))?;
        writer.write(write).await.map_err(|error| explain(&self.path, error))
    }

    /// A text was changed since it was written.
    fn changed(&self) -> impl Fn(&str) -> Error {
        |what| changed(&self.path, what)
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

fn readers(options: SqliteConnectOptions) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(READERS)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_lazy_with(options)
}

#[async_trait]
impl Journal for SqliteStore {
    async fn append(&self, study: &str, sequence: usize, event: &Event) -> Result<()> {
        let body = encode(study, sequence, event)?;
        let position = number(sequence);
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
        let rows: Vec<(i64, String, Option<i64>)> = query_as(EVENTS)
            .bind(study)
            .bind(number(sequence))
            .fetch_all(&self.readers)
            .await
            .map_err(self.explain())?;
        let rows = rows
            .into_iter()
            .map(|(sequence, text, sum)| (sequence, Body { text, packed: None, sum }));
        decode_all(study, number(sequence), rows, &self.changed())
    }

    async fn listing(&self) -> Result<Vec<Listing>> {
        let rows = query_as(LISTING).fetch_all(&self.readers).await;
        Ok(rows.map_err(self.explain())?.into_iter().map(listing::read).collect())
    }

    async fn studies(&self) -> Result<Vec<String>> {
        query_scalar("SELECT name FROM studies ORDER BY id")
            .fetch_all(&self.readers)
            .await
            .map_err(self.explain())
    }

    async fn lease(&self, study: &str) -> Result<Arc<dyn Lease>> {
        if self.writer.is_none() {
            return Err(only_read(&self.path));
        }
        let now = query_scalar("SELECT strftime('%Y-%m-%dT%H:%M:%SZ', 'now')")
            .fetch_one(&self.readers)
            .await
            .map_err(self.explain())?;
        Ok(Arc::new(lease::take(&self.path, study, &holder::here(Some(now)))?))
    }

    async fn being_run(&self, studies: &[String]) -> Result<Option<BTreeSet<String>>> {
        let taken = studies.iter().filter(|study| lease::is_taken(&self.path, study));
        Ok(Some(taken.cloned().collect()))
    }
}

#[async_trait]
impl Responses for SqliteStore {
    async fn recall(&self, key: &ResponseKey) -> Result<Option<StoredResponse>> {
        let found = self.reader.find(*key).await.map_err(|error| explain(&self.path, error))?;
        let read = |row: Response| row.read(key).ok_or_else(|| self.changed()("a response"));
        found.map(read).transpose()
    }

    async fn remember(&self, key: &ResponseKey, response: &StoredResponse) -> Result<()> {
        self.write(Write::Response(Response::row(key, response))).await?;
        Ok(())
    }

    async fn begin(&self, paid_by: &str, attempt: &Attempt) -> Result<AttemptId> {
        let id = self.attempts.next();
        self.write(Write::Attempt(Begun::row(id, paid_by, attempt)?)).await?;
        Ok(AttemptId(id))
    }

    async fn close(
        &self,
        attempt: AttemptId,
        responses: &[(ResponseKey, StoredResponse)],
    ) -> Result<()> {
        let responses =
            responses.iter().map(|(key, response)| Response::row(key, response)).collect();
        self.write(Write::Closing { attempt: attempt.0, responses }).await?;
        Ok(())
    }

    async fn unanswered(&self, paid_by: &str) -> Result<Vec<Attempt>> {
        let rows: Vec<(String, Option<i64>)> =
            query_as("SELECT body, sum FROM attempts WHERE paid_by = ? ORDER BY id")
                .bind(paid_by)
                .fetch_all(&self.readers)
                .await
                .map_err(self.explain())?;
        let read =
            |(text, sum)| Begun::read(paid_by, Body { text, packed: None, sum }, &self.changed());
        rows.into_iter().map(read).collect()
    }
}
