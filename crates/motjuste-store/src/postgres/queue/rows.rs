//! The statements of the queue.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use motjuste::storage::ResponseKey;
use motjuste::work::{Call, Pace};
use sqlx::postgres::{PgConnection, PgExecutor, PgPool};
use sqlx::{query, query_as, query_scalar};

use super::batches::Row;
use super::member::{Member, WORK};
use super::pools::Pools;

/// A call that is put.
pub(super) struct Put {
    pub id: i64,
    pub key: [u8; 32],
    pub body: String,
}

/// An outcome that is told.
pub(super) struct Finish {
    pub id: i64,
    pub outcome: String,
}

impl Row<i64> for Put {
    async fn write(rows: &[Self], pools: &Pools, member: &Member) -> sqlx::Result<Vec<i64>> {
        put(&pools.hasty, rows, member).await
    }
}

impl Row<()> for Finish {
    async fn write(rows: &[Self], pools: &Pools, member: &Member) -> sqlx::Result<Vec<()>> {
        finish(pools, rows, member).await.map(|()| vec![(); rows.len()])
    }
}

/// How long an answer stays that was told to its asker, which keeps it elsewhere in a moment.
const TOLD: &str = "10 minutes";

/// Calls with one key ask the same of the same model.
pub(super) fn key(call: &Call) -> [u8; 32] {
    ResponseKey::of(&call.id, &call.request).0
}

/// Puts calls; the number of each, which is another one where the call was there already.
async fn put(pool: &PgPool, puts: &[Put], member: &Member) -> sqlx::Result<Vec<i64>> {
    let mut transaction = pool.begin().await?;
    let mut left = take_over(&mut transaction, puts, member).await?;
    let known: Vec<i64> =
        puts.iter().map(|put| left.remove(put.key.as_slice()).unwrap_or(put.id)).collect();
    let new: Vec<&Put> =
        puts.iter().zip(&known).filter(|(put, id)| put.id == **id).map(|(put, _)| put).collect();
    insert(&mut transaction, &new, member).await?;
    tell(&mut *transaction, member, &[WORK.to_owned(), member.number.to_string()]).await?;
    transaction.commit().await?;
    Ok(known)
}

/// Takes over the same calls of processes that ended, where they are being made or were answered: their numbers by
/// their keys. Not where they failed: whoever asks again wants another attempt.
async fn take_over(
    connection: &mut PgConnection,
    puts: &[Put],
    member: &Member,
) -> sqlx::Result<HashMap<Vec<u8>, i64>> {
    let left: Vec<(Vec<u8>, i64)> = query_as(
        "UPDATE calls SET asker = $1, state = CASE state WHEN 3 THEN 2 ELSE state END
         WHERE key = ANY($2) AND (state = 1 OR outcome LIKE '{\"Ok\"%') AND NOT is_here($3, asker)
         RETURNING key, id",
    )
    .bind(member.number)
    .bind(puts.iter().map(|put| put.key.to_vec()).collect::<Vec<_>>())
    .bind(member.asker_class)
    .fetch_all(connection)
    .await?;
    Ok(left.into_iter().collect())
}

async fn insert(connection: &mut PgConnection, puts: &[&Put], member: &Member) -> sqlx::Result<()> {
    query(
        "INSERT INTO calls (id, key, asker, body)
         SELECT id, key, $4, body FROM unnest($1::bigint[], $2::bytea[], $3::text[]) AS put (id, key, body)
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(puts.iter().map(|put| put.id).collect::<Vec<_>>())
    .bind(puts.iter().map(|put| put.key.to_vec()).collect::<Vec<_>>())
    .bind(puts.iter().map(|put| put.body.as_str()).collect::<Vec<_>>())
    .bind(member.number)
    .execute(connection)
    .await
    .map(|_| ())
}

/// Tells the outcomes of calls, and their askers that there are some. An asker that is not told looks by itself.
async fn finish(pools: &Pools, finishes: &[Finish], member: &Member) -> sqlx::Result<()> {
    let askers: Vec<i64> = query_scalar(
        "UPDATE calls SET state = 2, outcome = done.outcome
         FROM unnest($1::bigint[], $2::text[]) AS done (id, outcome)
         WHERE calls.id = done.id AND calls.worker = $3 AND calls.state = 1 RETURNING asker",
    )
    .bind(finishes.iter().map(|done| done.id).collect::<Vec<_>>())
    .bind(finishes.iter().map(|done| done.outcome.as_str()).collect::<Vec<_>>())
    .bind(member.number)
    .fetch_all(&pools.lasting)
    .await?;
    let names: BTreeSet<String> = askers.iter().map(ToString::to_string).collect();
    tell(&pools.hasty, member, &Vec::from_iter(names)).await
}

async fn tell(
    connection: impl PgExecutor<'_>,
    member: &Member,
    names: &[String],
) -> sqlx::Result<()> {
    query("SELECT pg_notify($1, name) FROM unnest($2::text[]) AS name")
        .bind(&member.channel)
        .bind(names)
        .execute(connection)
        .await
        .map(|_| ())
}

/// Takes calls that no worker has, the oldest first.
pub(super) async fn claim(
    pool: &PgPool,
    worker: i64,
    most: usize,
) -> sqlx::Result<Vec<(i64, String)>> {
    query_as(
        "WITH free AS (
             SELECT id FROM calls WHERE state = 0 AND NOT ($1 = ANY(declined_by))
             ORDER BY position LIMIT $2 FOR UPDATE SKIP LOCKED)
         UPDATE calls SET state = 1, worker = $1 FROM free WHERE calls.id = free.id
         RETURNING calls.id, calls.body",
    )
    .bind(worker)
    .bind(i64::try_from(most).unwrap_or(i64::MAX))
    .fetch_all(pool)
    .await
}

/// Takes a place in a server's time, and says how long it is until then.
pub(super) async fn reserve(pool: &PgPool, pace: &Pace) -> sqlx::Result<Duration> {
    let seconds: f64 = query_scalar(
        "INSERT INTO paces (server, free_at) VALUES ($1, clock_timestamp() + $2 * interval '1 second')
         ON CONFLICT (server) DO UPDATE
         SET free_at = greatest(paces.free_at, clock_timestamp()) + $2 * interval '1 second'
         RETURNING extract(epoch FROM free_at - clock_timestamp())::float8 - $2",
    )
    .bind(&pace.server)
    .bind(pace.takes.as_secs_f64())
    .fetch_one(pool)
    .await?;
    Ok(Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or_default())
}

/// Gives a call back that this worker cannot make.
pub(super) async fn decline(pool: &PgPool, id: i64, worker: i64) -> sqlx::Result<()> {
    query(
        "UPDATE calls SET state = 0, worker = NULL, declined_by = declined_by || $2
         WHERE id = $1 AND worker = $2 AND state = 1",
    )
    .bind(id)
    .bind(worker)
    .execute(pool)
    .await
    .map(|_| ())
}

/// Takes a call back that no worker has; whether there was one.
pub(super) async fn withdraw(pool: &PgPool, id: i64) -> sqlx::Result<bool> {
    let withdrawn = query("DELETE FROM calls WHERE id = $1 AND state = 0").bind(id).execute(pool);
    Ok(withdrawn.await?.rows_affected() > 0)
}

/// The outcomes of calls that their asker was not told yet.
pub(super) async fn answered(pool: &PgPool, waiting: &[i64]) -> sqlx::Result<Vec<(i64, String)>> {
    query_as(
        "UPDATE calls SET state = 3, told_at = now() WHERE id = ANY($1) AND state = 2 AND outcome IS NOT NULL
         RETURNING id, outcome",
    )
    .bind(waiting)
    .fetch_all(pool)
    .await
}

/// Forgets the calls whose worker has ended without a word.
pub(super) async fn lost(
    pool: &PgPool,
    waiting: &[i64],
    worker_class: i64,
) -> sqlx::Result<Vec<i64>> {
    query_scalar(
        "DELETE FROM calls WHERE id = ANY($1) AND state = 1 AND NOT is_here($2, worker) RETURNING id",
    )
    .bind(waiting)
    .bind(worker_class)
    .fetch_all(pool)
    .await
}

/// Takes the calls back that none of the workers can make.
pub(super) async fn returned(
    pool: &PgPool,
    waiting: &[i64],
    workers: usize,
) -> sqlx::Result<Vec<i64>> {
    query_scalar("DELETE FROM calls WHERE id = ANY($1) AND state = 0 AND cardinality(declined_by) >= $2 RETURNING id")
        .bind(waiting)
        .bind(i32::try_from(workers).unwrap_or(i32::MAX))
        .fetch_all(pool)
        .await
}

/// Forgets the answers that an asker was told a while ago.
pub(super) async fn forget(pool: &PgPool, asker: i64) -> sqlx::Result<()> {
    query(
        "DELETE FROM calls WHERE asker = $1 AND state = 3 AND told_at < now() - $2::text::interval",
    )
    .bind(asker)
    .bind(TOLD)
    .execute(pool)
    .await
    .map(|_| ())
}

/// Forgets what processes that ended left and nobody will take over: calls that no worker has, failures, and answers
/// that were told long ago.
pub(super) async fn tidy(pool: &PgPool, member: &Member) -> sqlx::Result<()> {
    query(
        "DELETE FROM calls WHERE NOT is_here($1, asker)
         AND (state = 0 OR outcome LIKE '{\"Err\"%' OR told_at < now() - interval '7 days')",
    )
    .bind(member.asker_class)
    .execute(pool)
    .await
    .map(|_| ())
}
