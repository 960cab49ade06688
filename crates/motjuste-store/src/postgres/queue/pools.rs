//! The connections of a process at the queue.

use std::time::Duration;

use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

use crate::postgres::place::Place;

/// Connections that put calls, look for them and tell of them.
const HASTY: u32 = 4;

/// How long a connection waits unused before it is tried first.
const FRESH: Duration = Duration::from_secs(5);

/// How long to wait for a connection.
const PATIENCE: Duration = Duration::from_secs(30);

/// The connections of a process at the queue.
#[derive(Clone)]
pub(super) struct Pools {
    /// What they write is on the server's disk a moment later. Only a crash of the server can lose it, and that
    /// ends all who are at the queue: a call that was put or claimed means nothing without them.
    pub(super) hasty: PgPool,
    /// What it writes is on the disk when the write returns: outcomes, which were paid for. Nobody is told of one in
    /// the same transaction, for the server lets one transaction after the other tell, each with its disk.
    pub(super) lasting: PgPool,
}

impl Pools {
    pub(super) fn of(place: &Place) -> Self {
        Self { hasty: pool(place.hasty(), HASTY), lasting: pool(place.options(), 1) }
    }

    /// Makes the connections that the first call would have to wait for.
    pub(super) async fn connect(&self) -> sqlx::Result<()> {
        let (claims, tells) = (self.hasty.acquire(), self.hasty.acquire());
        tokio::try_join!(claims, tells, self.lasting.acquire()).map(|_| ())
    }
}

fn pool(options: PgConnectOptions, connections: u32) -> PgPool {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
        // A try before each use would double the way to the server.
        .test_before_acquire(false)
        .before_acquire(|connection, known| {
            Box::pin(async move {
                if known.idle_for > FRESH {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_lazy_with(options)
}
