//! The right to run a study, as an advisory lock of a session.
//!
//! The server frees the lock when the session's connection closes, which it does when its process is killed; and when
//! it has not heard from the session for half a minute by its own clock, which is how a machine that vanished ends.
//! The holder hears of a closed connection at once, and counts as lost what it could not renew for a third of a minute
//! by its own steady clock: before the server gives it to another.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use motjuste::Result;
use motjuste::storage::{Holder, Lease, being_run, lost};
use sqlx::postgres::{PgListener, PgPool, PgPoolOptions};
use sqlx::{query, query_as, query_scalar};
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use super::explain::explain;
use super::place::Place;
use crate::body;
use crate::holder;

/// How often the server hears of a holder.
const BEAT: Duration = Duration::from_secs(5);

/// How long a lease is believed in without an answer of the server.
const TRUST: Duration = Duration::from_secs(20);

/// How long the server keeps a session that it hears nothing of.
const SILENCE: &str = "30s";

/// A holder that was just killed has its session ended in a moment.
const GLANCES: u32 = 20;
const GLANCE: Duration = Duration::from_millis(50);

/// A lease, renewed by a task of its own.
struct Held {
    study: String,
    state: Arc<State>,
    /// Dropped with the lease: then the task gives it back.
    _given_back: oneshot::Sender<()>,
}

/// What the task tells the lease.
struct State {
    heard: Mutex<Instant>,
    lost: OnceLock<&'static str>,
}

impl Lease for Held {
    fn check(&self) -> Result<()> {
        let heard = *self.state.heard.lock().unwrap_or_else(PoisonError::into_inner);
        match self.state.lost.get() {
            Some(why) => Err(lost(&self.study, why)),
            None if heard.elapsed() > TRUST => Err(lost(&self.study, "the store did not answer")),
            None => Ok(()),
        }
    }
}

/// Takes the lease of `study`; `token` is a number that nobody else uses.
pub(super) async fn take(place: &Place, study: &str, token: i64) -> Result<impl Lease + use<>> {
    let explained = |error: sqlx::Error| explain(place, error);
    let pool = pool(place);
    let mut session = PgListener::connect_with(&pool).await.map_err(explained)?;
    session.eager_reconnect(false);
    let lock = lock_of(place, study);
    let heard = Instant::now();
    if !try_lock(&mut session, lock).await.map_err(explained)? {
        let holder = holder_of(&mut session, study).await.map_err(explained)?;
        return Err(being_run(study, holder.as_ref()));
    }
    write_down(&mut session, study, token).await.map_err(explained)?;
    let state = Arc::new(State { heard: Mutex::new(heard), lost: OnceLock::new() });
    let (given_back, dropped) = oneshot::channel();
    let keeper = Keeper { session, pool, lock, token, state: state.clone() };
    tokio::spawn(keeper.keep(dropped));
    Ok(Held { study: study.to_owned(), state, _given_back: given_back })
}

fn pool(place: &Place) -> PgPool {
    let options = place.options().options([("idle_session_timeout", SILENCE)]);
    PgPoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(Duration::from_secs(15))
        .connect_lazy_with(options)
}

/// Advisory locks are numbers, and shared by all that use the database.
fn lock_of(place: &Place, study: &str) -> i64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"motjuste lease\0").update(place.schema().as_bytes());
    hasher.update(b"\0").update(study.as_bytes());
    body::number(&hasher.finalize())
}

/// Those of `studies` whose lease some session has.
pub(super) async fn taken(
    pool: &PgPool,
    place: &Place,
    studies: &[String],
) -> sqlx::Result<BTreeSet<String>> {
    let locks: Vec<i64> = studies.iter().map(|study| lock_of(place, study)).collect();
    let held: HashSet<i64> = query_scalar(
        "SELECT lock FROM (
             SELECT (classid::bigint << 32) | objid::bigint AS lock FROM pg_locks
             WHERE locktype = 'advisory' AND objsubid = 1 AND granted
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS held
         WHERE lock = ANY($1)",
    )
    .bind(&locks)
    .fetch_all(pool)
    .await?
    .into_iter()
    .collect();
    let studies = studies.iter().zip(locks).filter(|(_, lock)| held.contains(lock));
    Ok(studies.map(|(study, _)| study.clone()).collect())
}

async fn try_lock(session: &mut PgListener, lock: i64) -> sqlx::Result<bool> {
    for glance in 0..GLANCES {
        if glance > 0 {
            sleep(GLANCE).await;
        }
        let query = query_scalar("SELECT pg_try_advisory_lock($1)").bind(lock);
        if query.fetch_one(&mut *session).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn holder_of(session: &mut PgListener, study: &str) -> sqlx::Result<Option<Holder>> {
    let row: Option<(String, i64, String)> = query_as(
        "SELECT host, process, to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')
         FROM leases WHERE study = $1",
    )
    .bind(study)
    .fetch_optional(session)
    .await?;
    Ok(row.map(|(host, process, since)| Holder {
        host,
        process: u32::try_from(process).unwrap_or_default(),
        since: Some(since),
    }))
}

async fn write_down(session: &mut PgListener, study: &str, token: i64) -> sqlx::Result<()> {
    let Holder { host, process, .. } = holder::here(None);
    query(
        "INSERT INTO leases (study, token, host, process) VALUES ($1, $2, $3, $4)
         ON CONFLICT (study) DO UPDATE SET token = $2, host = $3, process = $4, since = now(), heard = now()",
    )
    .bind(study)
    .bind(token)
    .bind(host)
    .bind(i64::from(process))
    .execute(session)
    .await
    .map(|_| ())
}

/// The task that renews a lease.
struct Keeper {
    session: PgListener,
    pool: PgPool,
    lock: i64,
    token: i64,
    state: Arc<State>,
}

impl Keeper {
    async fn keep(mut self, dropped: oneshot::Receiver<()>) {
        let end = tokio::select! {
            _ = dropped => None,
            why = self.renew() => Some(why),
        };
        match end {
            Some(why) => {
                let _ = self.state.lost.set(why);
            }
            // What cannot be given back is given back by the end of the session.
            None => {
                let _ = timeout(BEAT, self.give_back()).await;
            }
        }
        drop(self.session);
        self.pool.close().await;
    }

    /// Renews until that fails, and says why. Between two renewals it waits for the connection to break.
    async fn renew(&mut self) -> &'static str {
        loop {
            match timeout(BEAT, self.session.try_recv()).await {
                Ok(Ok(Some(_))) => {}
                Ok(_) => return "the connection to the store broke",
                Err(_) => match timeout(BEAT, self.beat()).await {
                    Ok(Ok(true)) => {}
                    Ok(Ok(false)) => return "another process has it",
                    Ok(Err(_)) => return "the connection to the store broke",
                    Err(_) => return "the store did not answer",
                },
            }
        }
    }

    async fn beat(&mut self) -> sqlx::Result<bool> {
        let now = Instant::now();
        let renewed = query("UPDATE leases SET heard = now() WHERE token = $1")
            .bind(self.token)
            .execute(&mut self.session)
            .await?;
        *self.state.heard.lock().unwrap_or_else(PoisonError::into_inner) = now;
        Ok(renewed.rows_affected() == 1)
    }

    async fn give_back(&mut self) -> sqlx::Result<()> {
        query("DELETE FROM leases WHERE token = $1")
            .bind(self.token)
            .execute(&mut self.session)
            .await?;
        let unlock = query("SELECT pg_advisory_unlock($1)").bind(self.lock);
        unlock.execute(&mut self.session).await.map(|_| ())
    }
}
