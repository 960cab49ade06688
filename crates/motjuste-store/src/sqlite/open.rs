//! From a path to a connection that may be written to, or to the reason why not.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use motjuste::error::Setting;
use motjuste::{Error, Result};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, query, query_as, query_scalar, raw_sql};

use super::explain::{
    BUSY, CANTOPEN, code, damaged, explain, foreign, missing, newer, older, unread_log,
};
use super::file::{is_pending, look};

/// The format that this program reads and writes: the schema's `user_version`.
const FORMAT: i64 = 4;

/// The earliest format whose studies and responses are still understood.
const OLDEST: i64 = 3;

/// What makes format n + 1 of format n, from an empty file on.
const STEPS: [&str; FORMAT as usize] = [
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
    include_str!("schema/4.sql"),
];

/// The schema's `application_id`.
const APPLICATION: i64 = 0x6d6a_7374;

/// How long to wait for another process to finish its transaction.
const PATIENCE: Duration = Duration::from_secs(30);

/// A store up to this size is read whole before it is used, in a few tenths of a second: damage
/// is better found before money is spent. A larger one would be slow to open; there, the first
/// statement that meets the damage reports it. A file that was cut short is found at any size.
const CHECKED_BYTES: u64 = 32 << 20;

/// How every connection to the store at `path` is made.
pub(super) fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(PATIENCE)
        .foreign_keys(true)
        .pragma("synchronous", "FULL")
        .disable_statement_logging()
}

/// Opens the store for writing, and makes it when there is none.
pub(super) async fn open(path: &Path) -> Result<SqliteConnection> {
    create_folder(path)?;
    look(path)?;
    let options = options(path).create_if_missing(true);
    let mut connection = options.connect().await.map_err(|error| explain(path, error))?;
    admit(path, &mut connection).await?;
    check(path, &mut connection).await?;
    prepare(&mut connection).await.map_err(|error| explain(path, error))?;
    admit(path, &mut connection).await?;
    Ok(connection)
}

/// How the store is opened where it is only read. Nothing is written, so no log is needed that nobody may make.
pub(super) async fn open_to_read(path: &Path) -> Result<SqliteConnectOptions> {
    if !path.exists() {
        return Err(missing(path));
    }
    look(path)?;
    let options = readable(path).await?;
    let mut connection = options.connect().await.map_err(|error| explain(path, error))?;
    admit(path, &mut connection).await?;
    let content = Content::of(&mut connection).await.map_err(|error| explain(path, error))?;
    connection.close().await.map_err(|error| explain(path, error))?;
    if content.format < FORMAT {
        let updated = open(path).await?;
        updated.close().await.map_err(|error| explain(path, error))?;
    }
    Ok(options)
}

/// Options that read the file as it is. SQLite reads a log only where it may make an index of it, unless the
/// file is said not to change; without a log, it does not.
async fn readable(path: &Path) -> Result<SqliteConnectOptions> {
    let plain = options(path).read_only(true);
    let error = match glance(&plain).await {
        Ok(()) => return Ok(plain),
        Err(error) => error,
    };
    let still = plain.immutable(true);
    match is_pending(path) {
        false if glance(&still).await.is_ok() => Ok(still),
        true if code(&error) == Some(CANTOPEN) => Err(unread_log(path)),
        _ => Err(explain(path, error)),
    }
}

async fn glance(options: &SqliteConnectOptions) -> sqlx::Result<()> {
    let mut connection = options.connect().await?;
    Content::of(&mut connection).await?;
    connection.close().await
}

fn create_folder(path: &Path) -> Result<()> {
    let Some(folder) = path.parent() else { return Ok(()) };
    fs::create_dir_all(folder).map_err(|error| {
        Error::storage(format!("cannot create the folder {}: {error}", folder.display()))
            .with_help("use a store in a folder that you can write to")
            .with_setting(Setting::Store)
            .with_source(error)
    })
}

/// What a file is, by its header and its tables.
struct Content {
    application: i64,
    format: i64,
    tables: i64,
}

impl Content {
    async fn of(connection: &mut SqliteConnection) -> sqlx::Result<Self> {
        // One statement sees one state: another process may be making the tables right now.
        let (application, format, tables) = query_as(
            "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
             FROM pragma_application_id, pragma_user_version",
        )
        .fetch_one(connection)
        .await?;
        Ok(Self { application, format, tables })
    }

    fn is_nothing(&self) -> bool {
        self.application == 0 && self.format == 0 && self.tables == 0
    }
}

/// Refuses what is not ours to write to, before anything is written.
async fn admit(path: &Path, connection: &mut SqliteConnection) -> Result<()> {
    let content = Content::of(connection).await.map_err(|error| explain(path, error))?;
    if content.is_nothing() {
        return Ok(());
    }
    if content.application != APPLICATION {
        return Err(foreign(path));
    }
    match content.format {
        found if found > FORMAT => Err(newer(path, found, FORMAT)),
        found if found < OLDEST => Err(older(path, found, FORMAT)),
        _ => Ok(()),
    }
}

/// Looks for damage where that is cheap.
async fn check(path: &Path, connection: &mut SqliteConnection) -> Result<()> {
    if fs::metadata(path).is_ok_and(|file| file.len() > CHECKED_BYTES) {
        return Ok(());
    }
    let found: String = query_scalar("PRAGMA quick_check(1)")
        .fetch_one(connection)
        .await
        .map_err(|error| explain(path, error))?;
    if found == "ok" { Ok(()) } else { Err(damaged(path).with_source(found)) }
}

async fn prepare(connection: &mut SqliteConnection) -> sqlx::Result<()> {
    log_ahead(connection).await?;
    query("BEGIN IMMEDIATE").execute(&mut *connection).await?;
    let format = Content::of(connection).await?.format;
    for step in STEPS.into_iter().skip(usize::try_from(format).unwrap_or(STEPS.len())) {
        raw_sql(step).execute(&mut *connection).await?;
    }
    query("COMMIT").execute(&mut *connection).await?;
    // SQLite opens a write-protected file for reading, and says so at the first write: be it now.
    query("UPDATE studies SET name = name WHERE false").execute(connection).await?;
    Ok(())
}

/// Switches to the write-ahead log. That needs the file alone, and SQLite does not wait for it: of
/// several processes that make a store at once, all but one would be told that it is locked.
async fn log_ahead(connection: &mut SqliteConnection) -> sqlx::Result<()> {
    let start = Instant::now();
    loop {
        match query("PRAGMA journal_mode = WAL").execute(&mut *connection).await {
            Err(error) if code(&error) == Some(BUSY) && start.elapsed() < PATIENCE => {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            result => return result.map(|_| ()),
        }
    }
}
