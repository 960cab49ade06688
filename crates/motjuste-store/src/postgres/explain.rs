//! What a server says, as sentences, each with a next step.

use std::sync::Arc;

use motjuste::Error;
use motjuste::error::Setting;

use super::place::Place;

/// The error that people read when the store at `place` failed with `error`.
pub(super) fn explain(place: &Place, error: impl Into<Arc<sqlx::Error>>) -> Error {
    let error = error.into();
    match (code(&error).as_deref(), &*error) {
        (Some(code), _) => told(place, code, &error),
        (None, sqlx::Error::PoolClosed) => storage(place, "is closed", "open it again"),
        (None, sqlx::Error::Tls(why)) => storage(
            place,
            &format!("cannot be reached in secret: {why}"),
            "check the server's certificate; `sslmode` and `sslrootcert` in the address say what is trusted",
        ),
        (None, why) => storage(
            place,
            &format!("does not answer: {why}"),
            "check the address, and that the server runs; what was acknowledged is kept: run again to go on",
        ),
    }
    .with_source(error)
}

/// The server's five-letter code. <https://www.postgresql.org/docs/current/errcodes-appendix.html>
pub(super) fn code(error: &sqlx::Error) -> Option<String> {
    Some(error.as_database_error()?.code()?.into_owned())
}

/// What the server said.
fn message(error: &sqlx::Error) -> &str {
    error.as_database_error().map_or("", |error| error.message())
}

/// Whether the connection is gone, so that another one may succeed; or whether the server is just starting.
pub(super) fn is_broken(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
        error => code(error).is_some_and(|code| {
            code.starts_with("08") || matches!(&*code, "57P01" | "57P02" | "57P03" | "57P05")
        }),
    }
}

/// Whether two transactions were in each other's way, and this one was undone.
pub(super) fn is_undone(error: &sqlx::Error) -> bool {
    code(error).is_some_and(|code| matches!(&*code, "40001" | "40P01"))
}

fn told(place: &Place, code: &str, error: &sqlx::Error) -> Error {
    let (user, database) = (place.user(), place.database());
    match code {
        "28P01" | "28000" => other(
            place,
            &format!("refuses the user {user}"),
            "check the user; the password is read from PGPASSWORD, ~/.pgpass or the address",
        ),
        "3D000" => other(
            place,
            &format!("cannot be opened: there is no database {database}"),
            &format!("make it, with `createdb {database}`, or use another store"),
        ),
        "42501" => other(
            place,
            &format!("does not let the user {user} do that"),
            &format!(
                "its owner may: GRANT ALL ON SCHEMA {0}, ALL TABLES IN SCHEMA {0}; or CREATE ON DATABASE \
                 {database} for a new store",
                place.schema()
            ),
        ),
        "25006" => other(
            place,
            "may only be read",
            "use the address of the primary server, or another store",
        ),
        "53100" => {
            storage(place, "has no room to grow", "free space on the server's disk and run again")
        }
        "53300" => storage(
            place,
            "has no connection left",
            "raise the server's max_connections, or run less at once, and run again",
        ),
        "57P01" | "57P02" | "57P03" | "57P05" => storage(
            place,
            "was shut down, or is starting",
            "what was acknowledged is kept: run again when the server answers",
        ),
        _ => storage(
            place,
            &format!("failed: {} (code {code})", message(error)),
            "run again; if it fails again, please report it",
        ),
    }
}

/// A text in the store is not the one that was written.
pub(super) fn changed(place: &Place, what: &str) -> Error {
    other(
        place,
        &format!("is damaged: {what} was changed since it was written"),
        "nothing was done with it; restore a copy of the store, or use another one",
    )
}

/// The schema holds something else.
pub(super) fn foreign(place: &Place) -> Error {
    other(
        place,
        &format!("is not a motjuste store: the schema {} holds other tables", place.schema()),
        "nothing in it was changed; name another schema: ?schema=NAME",
    )
}

/// The database has no store.
pub(super) fn missing(place: &Place) -> Error {
    Error::storage(format!("there is no store at {place}"))
        .with_help("a run makes one; or name another")
        .with_setting(Setting::Store)
}

/// The store is of a version that this program does not know.
pub(super) fn newer(place: &Place, found: i64, known: i64) -> Error {
    let what =
        format!("was written by a newer motjuste (format {found}, this program knows {known})");
    other(place, &what, "update motjuste or use another store")
}

/// The server is too old to end the session of a machine that vanished.
pub(super) fn old_server(place: &Place, version: i32) -> Error {
    let what = format!("is on PostgreSQL {}, and 14 is the oldest that works", version / 10_000);
    other(place, &what, "update the server or use another store")
}

/// The store was opened for reading, and is to be written to.
pub(super) fn only_read(place: &Place) -> Error {
    storage(place, "was opened for reading alone", "open it for writing")
}

/// A store that another one may stand in for.
fn other(place: &Place, what: &str, help: &str) -> Error {
    storage(place, what, help).with_setting(Setting::Store)
}

fn storage(place: &Place, what: &str, help: &str) -> Error {
    Error::storage(format!("store {place} {what}")).with_help(help)
}
