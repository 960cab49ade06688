//! A server that many machines share.

mod commit;
mod explain;
mod lease;
mod look_up;
mod open;
mod place;
mod queue;
mod rows;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use motjuste::journal::Event;
use motjuste::storage::{
    Attempt, AttemptId, Journal, Lease, Listing, ResponseKey, Responses, StoredResponse,
};
use motjuste::{Error, Result};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{query_as, query_scalar};

use crate::body::Body;
use crate::events::{decode_all, encode, gap, number, taken};
use crate::listing;
use crate::numbers::Numbers;
use crate::reader::Reader;
use crate::write::{Begun, Outcome, Response, Write};
use crate::writer::Writer;
pub use queue::{Part, PostgresQueue};

use commit::Commits;
use explain::{changed, explain, only_read};
use look_up::Pool;
use place::Place;

/// The events of a study from a number on.
const EVENTS: &str =
    "SELECT sequence, body, sum FROM events WHERE study = $1 AND sequence >= $2 ORDER BY sequence";

/// Every study: two steps into an index for each, however many events there are.
const LISTING: &str = "SELECT name,
    (SELECT max(sequence) + 1 FROM events WHERE study = name),
    extract(epoch FROM created_at)::float8,
    (SELECT extract(epoch FROM at)::float8 FROM events WHERE study = name ORDER BY sequence DESC LIMIT 1)
    FROM studies ORDER BY id";

/// Reads that run at the same time; each holds a connection.
const READERS: u32 = 4;

/// How long a read waits for a connection.
const PATIENCE: Duration = Duration::from_secs(30);

/// Studies and responses in a schema of a PostgreSQL database, 14 or later, for any number of machines.
///
/// The rows are those of [`SqliteStore`](crate::SqliteStore), and so are the studies, byte for byte. A write
/// returns when the server has it on its disk; writes that wait together are one transaction. A process has up to
/// four connections for reading, one for writing, and one for each study that it runs, which holds the study's
/// lease: connect to the server itself, or to a pooler in session mode.
///
/// Where the connection breaks, another one is made for half a minute, and what waits is written again; a study
/// whose lease broke ends, and goes on when it is run again.
///
/// The URL is `postgresql://USER@HOST:PORT/DATABASE?schema=NAME`. The password is read from `PGPASSWORD` or
/// `~/.pgpass`, or stands in the URL; no message shows it. Without a schema it is `motjuste`, which is made where
/// it is missing.
///
/// ```no_run
/// use motjuste::storage::Journal;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> motjuste::Result<()> {
/// let store = motjuste_store::PostgresStore::open("postgresql://me@localhost/studies").await?;
/// println!("{:?}", store.studies().await?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct PostgresStore {
    place: Place,
    /// None where the store was opened for reading.
    writer: Option<Writer>,
    reader: Reader,
    readers: PgPool,
    numbers: Numbers,
}

impl PostgresStore {
    /// Opens the store at this URL; makes its schema and tables when there are none.
    ///
    /// # Errors
    /// [`Error::is_configuration`] for a URL that cannot be used; [`Error::is_storage`] when the server does not
    /// answer, refuses the user, has no such database, or holds something else or a newer store there.
    pub async fn open(url: &str) -> Result<Self> {
        let place = Place::parse(url)?;
        let connection = Some(open::open(&place).await?);
        let writer = Writer::spawn(Commits { place: place.clone(), connection });
        let options = place.reading();
        Ok(Self::with(place, Some(writer), options))
    }

    /// Opens the store at this URL for reading alone: on a standby, or as a user who may not write.
    ///
    /// # Errors
    /// As [`Self::open`]; and when there is no store. What would write fails with [`Error::is_storage`].
    pub async fn open_to_read(url: &str) -> Result<Self> {
        let place = Place::parse(url)?;
        open::look(&place).await?;
        let options = place.reading();
        Ok(Self::with(place, None, options))
    }

    fn with(place: Place, writer: Option<Writer>, options: PgConnectOptions) -> Self {
        let readers = PgPoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(PATIENCE)
            .connect_lazy_with(options);
        let reader = Reader::spawn(Pool(readers.clone()));
        Self { place, writer, reader, readers, numbers: Numbers::fresh() }
    }

    /// Waits for the writes under way and lets go of the server.
    ///
    /// # Errors
    /// [`Error::is_storage`] when the connection cannot be closed; what was acknowledged is kept.
    pub async fn close(&self) -> Result<()> {
        self.readers.close().await;
        match &self.writer {
            None => Ok(()),
            Some(writer) => writer.close().await.map_err(|error| explain(&self.place, error)),
        }
    }

    async fn write(&self, write: Write) -> Result<Outcome> {
        let writer = self.writer.as_ref().ok_or_else(|| only_read(&self.place))?;
        writer.write(write).await.map_err(|error| explain(&self.place, error))
    }

    /// For `map_err`.
    fn explain(&self) -> impl Fn(sqlx::Error) -> Error {
        |error| explain(&self.place, error)
    }

    /// A text was changed since it was written.
    fn changed(&self) -> impl Fn(&str) -> Error {
        |what| changed(&self.place, what)
    }
}

#[async_trait]
impl Journal for PostgresStore {
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
        let rows: Vec<(i64, String, i64)> = query_as(EVENTS)
            .bind(study)
            .bind(number(sequence))
            .fetch_all(&self.readers)
            .await
            .map_err(self.explain())?;
        let rows = rows
            .into_iter()
            .map(|(sequence, text, sum)| (sequence, Body { text, packed: None, sum: Some(sum) }));
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
            return Err(only_read(&self.place));
        }
        Ok(Arc::new(lease::take(&self.place, study, self.numbers.next()).await?))
    }

    async fn being_run(&self, studies: &[String]) -> Result<Option<BTreeSet<String>>> {
        let taken = lease::taken(&self.readers, &self.place, studies).await;
        taken.map(Some).map_err(self.explain())
    }
}

#[async_trait]
impl Responses for PostgresStore {
    async fn recall(&self, key: &ResponseKey) -> Result<Option<StoredResponse>> {
        let found = self.reader.find(*key).await.map_err(|error| explain(&self.place, error))?;
        let read = |row: Response| row.read(key).ok_or_else(|| self.changed()("a response"));
        found.map(read).transpose()
    }

    async fn remember(&self, key: &ResponseKey, response: &StoredResponse) -> Result<()> {
        self.write(Write::Response(Response::row(key, response))).await?;
        Ok(())
    }

    async fn begin(&self, paid_by: &str, attempt: &Attempt) -> Result<AttemptId> {
        let id = self.numbers.next();
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
        let rows: Vec<(String, i64)> =
            query_as("SELECT body, sum FROM attempts WHERE paid_by = $1 ORDER BY id")
                .bind(paid_by)
                .fetch_all(&self.readers)
                .await
                .map_err(self.explain())?;
        let read = |(text, sum)| {
            let body = Body { text, packed: None, sum: Some(sum) };
            Begun::read(paid_by, body, &self.changed())
        };
        rows.into_iter().map(read).collect()
    }
}
