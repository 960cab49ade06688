//! The statements that write.

use sqlx::sqlite::{Sqlite, SqliteConnection};
use sqlx::{QueryBuilder, query, query_scalar};

use crate::body::Body;
use crate::write::{Begun, Outcome, Response};

/// Rows in a statement at the most; SQLite binds 32,766 values.
const ROWS: usize = 4096;

/// Keeps responses, the first under each key.
pub(super) async fn remember<'a>(
    connection: &mut SqliteConnection,
    responses: impl Iterator<Item = &'a Response>,
) -> sqlx::Result<()> {
    let responses: Vec<_> = responses.collect();
    for part in responses.chunks(ROWS) {
        let mut insert =
            QueryBuilder::<Sqlite>::new("INSERT INTO responses (key, paid_by, body, packed, sum) ");
        insert.push_values(part, |mut row, Response { key, paid_by, body }| {
            let Body { text, packed, sum } = body;
            row.push_bind(key.to_vec()).push_bind(paid_by.clone()).push_bind(text.clone());
            row.push_bind(packed.clone()).push_bind(*sum);
        });
        insert.push(" ON CONFLICT (key) DO NOTHING");
        insert.build().persistent(false).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Writes attempts down.
pub(super) async fn begin<'a>(
    connection: &mut SqliteConnection,
    attempts: impl Iterator<Item = &'a Begun>,
) -> sqlx::Result<()> {
    let attempts: Vec<_> = attempts.collect();
    if attempts.is_empty() {
        return Ok(());
    }
    let mut insert = QueryBuilder::<Sqlite>::new("INSERT INTO attempts (id, paid_by, body, sum) ");
    insert.push_values(attempts, |mut row, Begun { id, paid_by, body }| {
        row.push_bind(*id).push_bind(paid_by.clone());
        row.push_bind(body.text.clone()).push_bind(body.sum);
    });
    insert.build().persistent(false).execute(connection).await.map(|_| ())
}

/// Forgets attempts.
pub(super) async fn forget(
    connection: &mut SqliteConnection,
    attempts: impl Iterator<Item = i64>,
) -> sqlx::Result<()> {
    let attempts: Vec<_> = attempts.collect();
    if attempts.is_empty() {
        return Ok(());
    }
    let mut delete = QueryBuilder::<Sqlite>::new("DELETE FROM attempts WHERE id IN (");
    let mut ids = delete.separated(", ");
    for id in attempts {
        ids.push_bind(id);
    }
    delete.push(")");
    delete.build().persistent(false).execute(connection).await.map(|_| ())
}

/// Appends an event, if it is the next of its study.
pub(super) async fn append(
    connection: &mut SqliteConnection,
    study: &str,
    sequence: i64,
    body: &Body,
) -> sqlx::Result<Outcome> {
    // Asked inside the transaction, hence still true at the insertion: no other process writes.
    let next = query_scalar("SELECT coalesce(max(sequence) + 1, 0) FROM events WHERE study = ?")
        .bind(study)
        .fetch_one(&mut *connection)
        .await?;
    if next != sequence {
        return Ok(Outcome::Expected(next));
    }
    if sequence == 0 {
        query("INSERT INTO studies (name) VALUES (?)")
            .bind(study)
            .execute(&mut *connection)
            .await?;
    }
    query("INSERT INTO events (study, sequence, body, sum) VALUES (?, ?, ?, ?)")
        .bind(study)
        .bind(sequence)
        .bind(&body.text)
        .bind(body.sum)
        .execute(connection)
        .await?;
    Ok(Outcome::Kept)
}
