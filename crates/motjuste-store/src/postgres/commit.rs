//! The connection that writes, and another one in its place where it breaks.

use std::time::{Duration, Instant};

use sqlx::Connection;
use sqlx::postgres::PgConnection;

use super::explain::{is_broken, is_undone};
use super::open::connect;
use super::place::Place;
use super::rows;
use crate::write::{Outcome, Write};
use crate::writer::Database;

/// How long a server may be away before its writes are given up. What was paid for waits that long.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long to wait before another try.
const PAUSE: Duration = Duration::from_millis(200);

/// The one connection of this process that writes.
pub(super) struct Commits {
    pub(super) place: Place,
    pub(super) connection: Option<PgConnection>,
}

impl Database for Commits {
    /// A transaction whose end was not heard of is written again: it leaves what it left the first time.
    async fn commit(&mut self, writes: &[Write]) -> sqlx::Result<Vec<Outcome>> {
        let start = Instant::now();
        let mut is_repeated = false;
        loop {
            let error = match self.attempt(writes, is_repeated).await {
                Ok(outcomes) => return Ok(outcomes),
                Err(error) => error,
            };
            if is_broken(&error) {
                tracing::warn!(%error, "the connection to the store broke; making another");
                (self.connection, is_repeated) = (None, true);
            } else if !is_undone(&error) {
                return Err(error);
            }
            if start.elapsed() > PATIENCE {
                return Err(error);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn end(self) -> sqlx::Result<()> {
        match self.connection {
            None => Ok(()),
            Some(connection) => connection.close().await,
        }
    }
}

impl Commits {
    async fn attempt(&mut self, writes: &[Write], is_repeated: bool) -> sqlx::Result<Vec<Outcome>> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => connect(&self.place.options()).await?,
        };
        let connection = self.connection.insert(connection);
        let late = |_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
        let written = transaction(connection, writes, is_repeated);
        tokio::time::timeout(PATIENCE, written).await.map_err(late)?
    }
}

/// Rows of one kind go into one statement: a statement is a round trip.
async fn transaction(
    connection: &mut PgConnection,
    writes: &[Write],
    is_repeated: bool,
) -> sqlx::Result<Vec<Outcome>> {
    let mut transaction = connection.begin().await?;
    rows::remember(&mut transaction, writes.iter().flat_map(Write::responses)).await?;
    rows::begin(&mut transaction, writes.iter().filter_map(Write::attempt)).await?;
    rows::forget(&mut transaction, writes.iter().filter_map(Write::closed)).await?;
    let mut outcomes = Vec::with_capacity(writes.len());
    for write in writes {
        outcomes.push(match write {
            Write::Event { study, sequence, body } => {
                rows::append(&mut transaction, study, *sequence, body, is_repeated).await?
            }
            _ => Outcome::Kept,
        });
    }
    transaction.commit().await?;
    Ok(outcomes)
}
