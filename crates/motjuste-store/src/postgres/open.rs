//! From a place to a connection whose tables are there, or to the reason why not.

use std::time::Duration;

use motjuste::Result;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, query, query_as, query_scalar, raw_sql};

use super::explain::{explain, foreign, missing, newer, old_server};
use super::place::Place;

/// The format that this program reads and writes.
const FORMAT: i64 = 2;

/// What makes format n + 1 of format n, from an empty schema on.
const STEPS: [&str; FORMAT as usize] = [include_str!("schema/1.sql"), include_str!("schema/2.sql")];

/// The oldest server that can end idle sessions (`server_version_num`).
const OLDEST: i32 = 140_000;

/// How long a server may take to take a connection.
const PATIENCE: Duration = Duration::from_secs(15);

/// The lock under which tables are made: "mjst".
const MAKING: i64 = 0x6d6a_7374;

/// A connection, or an error when the server takes too long.
pub(super) async fn connect(options: &PgConnectOptions) -> sqlx::Result<PgConnection> {
    let late = |_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
    tokio::time::timeout(PATIENCE, options.connect()).await.map_err(late)?
}

/// Opens the store for writing, and makes it when there is none.
pub(super) async fn open(place: &Place) -> Result<PgConnection> {
    let explained = |error: sqlx::Error| explain(place, error);
    let mut connection = connect(&place.options()).await.map_err(explained)?;
    refuse_old_server(place, &mut connection).await?;
    if Content::of(place, &mut connection).await.map_err(explained)?.admit(place)? < FORMAT {
        prepare(place, &mut connection).await?;
    }
    // A standby lets everything be read, and says so at the first write: be it now.
    query("UPDATE studies SET name = name WHERE false")
        .execute(&mut connection)
        .await
        .map_err(explained)?;
    Ok(connection)
}

/// Looks whether there is a store that can be read.
pub(super) async fn look(place: &Place) -> Result<()> {
    let explained = |error: sqlx::Error| explain(place, error);
    let mut connection = connect(&place.reading()).await.map_err(explained)?;
    let content = Content::of(place, &mut connection).await.map_err(explained)?;
    connection.close().await.map_err(explained)?;
    match content.admit(place)? {
        0 => Err(missing(place)),
        _ => Ok(()),
    }
}

async fn refuse_old_server(place: &Place, connection: &mut PgConnection) -> Result<()> {
    let version: i32 = query_scalar("SELECT current_setting('server_version_num')::int")
        .fetch_one(connection)
        .await
        .map_err(|error| explain(place, error))?;
    if version < OLDEST { Err(old_server(place, version)) } else { Ok(()) }
}

/// What a schema holds.
struct Content {
    /// Tables, indices and the like.
    relations: i64,
    /// The store's format, if it is one.
    format: Option<i64>,
}

impl Content {
    async fn of(place: &Place, connection: &mut PgConnection) -> sqlx::Result<Self> {
        let (relations, is_store): (i64, bool) = query_as(
            "SELECT (SELECT count(*) FROM pg_class JOIN pg_namespace ON relnamespace = pg_namespace.oid
                     WHERE nspname = $1),
                    EXISTS (SELECT FROM information_schema.columns WHERE table_schema = $1
                            AND table_name = 'format' AND column_name = 'application')",
        )
        .bind(place.schema())
        .fetch_one(&mut *connection)
        .await?;
        let format = match is_store {
            false => None,
            true => {
                query_scalar("SELECT number FROM format WHERE application = 'motjuste'")
                    .fetch_optional(connection)
                    .await?
            }
        };
        Ok(Self { relations, format })
    }

    /// The store's format, 0 where there is nothing yet; refuses what is not ours to write to.
    fn admit(&self, place: &Place) -> Result<i64> {
        match self.format {
            None if self.relations > 0 => Err(foreign(place)),
            None => Ok(0),
            Some(found) if found > FORMAT => Err(newer(place, found, FORMAT)),
            Some(found) => Ok(found),
        }
    }
}

/// Makes the tables, or brings them up to date. Of several processes that do so at once, one does.
async fn prepare(place: &Place, connection: &mut PgConnection) -> Result<()> {
    let explained = |error: sqlx::Error| explain(place, error);
    let mut made = connection.begin().await.map_err(explained)?;
    query("SELECT pg_advisory_xact_lock($1)")
        .bind(MAKING)
        .execute(&mut *made)
        .await
        .map_err(explained)?;
    make_schema(place, &mut made).await.map_err(explained)?;
    let format = Content::of(place, &mut made).await.map_err(explained)?.admit(place)?;
    for step in STEPS.into_iter().skip(usize::try_from(format).unwrap_or(STEPS.len())) {
        raw_sql(step).execute(&mut *made).await.map_err(explained)?;
    }
    made.commit().await.map_err(explained)
}

/// Who may not make schemas may use one that was made for them.
async fn make_schema(place: &Place, connection: &mut PgConnection) -> sqlx::Result<()> {
    let is_there: bool =
        query_scalar("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)")
            .bind(place.schema())
            .fetch_one(&mut *connection)
            .await?;
    if !is_there {
        // A name of letters, digits and underscores.
        let make = format!("CREATE SCHEMA \"{}\"", place.schema());
        query(AssertSqlSafe(make)).execute(connection).await?;
    }
    Ok(())
}
