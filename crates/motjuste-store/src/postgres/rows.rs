//! The statements that write. Each may be run twice and leaves what it left the first time.

use sqlx::postgres::PgConnection;
use sqlx::{query, query_as, query_scalar};

use crate::body::Body;
use crate::write::{Begun, Outcome, Response};

/// Keeps responses, the first under each key. In the order of their keys: two processes that keep the same
/// ones never wait for each other.
pub(super) async fn remember<'a>(
    connection: &mut PgConnection,
    responses: impl Iterator<Item = &'a Response>,
) -> sqlx::Result<()> {
    let responses: Vec<_> = responses.collect();
    if responses.is_empty() {
        return Ok(());
    }
    let column =
        |of: fn(&Response) -> &str| responses.iter().map(|row| of(row)).collect::<Vec<_>>();
    query(
        "INSERT INTO responses (key, paid_by, body, packed, sum)
         SELECT * FROM unnest($1::bytea[], $2::text[], $3::text[], $4::bytea[], $5::bigint[]) ORDER BY 1
         ON CONFLICT (key) DO NOTHING",
    )
    .bind(responses.iter().map(|row| row.key.to_vec()).collect::<Vec<_>>())
    .bind(column(|row| &row.paid_by))
    .bind(column(|row| &row.body.text))
    .bind(responses.iter().map(|row| row.body.packed.as_deref()).collect::<Vec<_>>())
    .bind(responses.iter().map(|row| row.body.sum).collect::<Vec<_>>())
    .execute(connection)
    .await
    .map(|_| ())
}

/// Writes attempts down.
pub(super) async fn begin<'a>(
    connection: &mut PgConnection,
    attempts: impl Iterator<Item = &'a Begun>,
) -> sqlx::Result<()> {
    let attempts: Vec<_> = attempts.collect();
    if attempts.is_empty() {
        return Ok(());
    }
    query(
        "INSERT INTO attempts (id, paid_by, body, sum)
         SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[])
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(attempts.iter().map(|row| row.id).collect::<Vec<_>>())
    .bind(attempts.iter().map(|row| row.paid_by.as_str()).collect::<Vec<_>>())
    .bind(attempts.iter().map(|row| row.body.text.as_str()).collect::<Vec<_>>())
    .bind(attempts.iter().map(|row| row.body.sum).collect::<Vec<_>>())
    .execute(connection)
    .await
    .map(|_| ())
}

/// Forgets attempts.
pub(super) async fn forget(
    connection: &mut PgConnection,
    attempts: impl Iterator<Item = i64>,
) -> sqlx::Result<()> {
    let attempts: Vec<_> = attempts.collect();
    if attempts.is_empty() {
        return Ok(());
    }
    query("DELETE FROM attempts WHERE id = ANY($1)")
        .bind(attempts)
        .execute(connection)
        .await
        .map(|_| ())
}

/// Appends an event, if it is the next of its study. `is_repeated` tells that it may be there already, from
/// a transaction whose end was not heard of.
pub(super) async fn append(
    connection: &mut PgConnection,
    study: &str,
    sequence: i64,
    body: &Body,
    is_repeated: bool,
) -> sqlx::Result<Outcome> {
    let next = next(connection, study).await?;
    if next == sequence {
        if insert(connection, study, sequence, body).await? {
            return Ok(Outcome::Kept);
        }
        // Another process was quicker.
        return Ok(Outcome::Expected(sequence + 1));
    }
    let is_ours = is_repeated && kept(connection, study, sequence).await?.as_ref() == Some(body);
    Ok(if is_ours { Outcome::Kept } else { Outcome::Expected(next) })
}

async fn next(connection: &mut PgConnection, study: &str) -> sqlx::Result<i64> {
    query_scalar("SELECT coalesce(max(sequence) + 1, 0) FROM events WHERE study = $1")
        .bind(study)
        .fetch_one(connection)
        .await
}

async fn insert(
    connection: &mut PgConnection,
    study: &str,
    sequence: i64,
    body: &Body,
) -> sqlx::Result<bool> {
    if sequence == 0 {
        query("INSERT INTO studies (name) VALUES ($1) ON CONFLICT (name) DO NOTHING")
            .bind(study)
            .execute(&mut *connection)
            .await?;
    }
    let inserted = query(
        "INSERT INTO events (study, sequence, body, sum) VALUES ($1, $2, $3, $4)
         ON CONFLICT (study, sequence) DO NOTHING",
    )
    .bind(study)
    .bind(sequence)
    .bind(&body.text)
    .bind(body.sum)
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

async fn kept(
    connection: &mut PgConnection,
    study: &str,
    sequence: i64,
) -> sqlx::Result<Option<Body>> {
    let row: Option<(String, i64)> =
        query_as("SELECT body, sum FROM events WHERE study = $1 AND sequence = $2")
            .bind(study)
            .bind(sequence)
            .fetch_optional(connection)
            .await?;
    Ok(row.map(|(text, sum)| Body { text, packed: None, sum: Some(sum) }))
}
