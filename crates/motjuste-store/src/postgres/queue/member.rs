//! A process at the queue, known by an advisory lock of its session.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use motjuste::{Error, Result};
use sqlx::postgres::{PgListener, PgPoolOptions};
use sqlx::query_scalar;
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::body;
use crate::postgres::explain::explain;
use crate::postgres::place::Place;

/// How often the server hears of a member, which hears of the workers in return.
const BEAT: Duration = Duration::from_secs(1);

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long the server keeps a session that it hears nothing of.
const SILENCE: &str = "30s";

/// What a process does at the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It puts calls.
    Asker,
    /// It makes calls.
    Worker,
}

impl Part {
    /// The first half of the locks of all such members of a schema.
    fn class(self, place: &Place) -> i32 {
        let name: &[u8] = match self {
            Self::Asker => b"motjuste asker\0",
            Self::Worker => b"motjuste worker\0",
        };
        let mut hasher = blake3::Hasher::new();
        hasher.update(name).update(place.schema().as_bytes());
        half(body::number(&hasher.finalize()))
    }
}

fn half(number: i64) -> i32 {
    let bytes = number.to_le_bytes();
    i32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

/// A process at the queue.
pub(super) struct Member {
    /// The second half of its lock, which is its name.
    pub(super) number: i64,
    pub(super) asker_class: i64,
    pub(super) worker_class: i64,
    pub(super) channel: String,
    state: Arc<State>,
    listening: JoinHandle<()>,
}

struct State {
    woken: Arc<Notify>,
    gone: Notify,
    workers: AtomicUsize,
    lost: OnceLock<Error>,
}

impl Member {
    pub(super) async fn join(place: &Place, part: Part) -> Result<Self> {
        let explained = |error: sqlx::Error| explain(place, error);
        let options = place.options().options([("idle_session_timeout", SILENCE)]);
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(PATIENCE)
            .connect_lazy_with(options);
        let mut session = PgListener::connect_with(&pool).await.map_err(explained)?;
        session.eager_reconnect(false);
        let number = take_number(&mut session, part.class(place)).await.map_err(explained)?;
        let channel = format!("motjuste_calls_{}", place.schema());
        session.listen(&channel).await.map_err(explained)?;
        let worker_class = unsigned(Part::Worker.class(place));
        let workers = workers(&mut session, worker_class).await.map_err(explained)?;
        let state = Arc::new(State {
            woken: Arc::default(),
            gone: Notify::new(),
            workers: AtomicUsize::new(workers),
            lost: OnceLock::new(),
        });
        let name = match part {
            Part::Asker => number.to_string(),
            Part::Worker => WORK.to_owned(),
        };
        let listener =
            Listener { session, name, worker_class, state: state.clone(), place: place.clone() };
        let asker_class = unsigned(Part::Asker.class(place));
        let listening = tokio::spawn(listener.run());
        Ok(Self { number, asker_class, worker_class, channel, state, listening })
    }

    /// The workers that are there, as of a second ago.
    pub(super) fn workers(&self) -> usize {
        self.state.workers.load(Ordering::Relaxed)
    }

    /// Ends when something was put, or told, for this member, from the call on.
    pub(super) fn woken(&self) -> OwnedNotified {
        self.state.woken.clone().notified_owned()
    }

    /// Looks whether others still know of this member.
    pub(super) fn check(&self) -> Result<()> {
        self.state.lost.get().map_or(Ok(()), |error| Err(error.clone()))
    }

    /// Ends, with the reason, when others do not know of this member any more.
    pub(super) async fn lost(&self) -> Error {
        loop {
            let gone = self.state.gone.notified();
            if let Err(error) = self.check() {
                return error;
            }
            gone.await;
        }
    }

    /// Why nobody will tell what becomes of a call.
    pub(super) fn gone(&self) -> Error {
        self.check().err().unwrap_or_else(|| Error::storage("the queue of calls was closed"))
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// What is told to workers: there is work.
pub(super) const WORK: &str = "work";

pub(super) fn unsigned(class: i32) -> i64 {
    i64::from(class.cast_unsigned())
}

/// A number that no other member has.
async fn take_number(session: &mut PgListener, class: i32) -> sqlx::Result<i64> {
    let numbers = crate::numbers::Numbers::fresh();
    loop {
        let number = half(numbers.next());
        let query = query_scalar("SELECT pg_try_advisory_lock($1, $2)").bind(class).bind(number);
        if query.fetch_one(&mut *session).await? {
            return Ok(unsigned(number));
        }
    }
}

async fn workers(session: &mut PgListener, class: i64) -> sqlx::Result<usize> {
    let count: i64 = query_scalar(
        "SELECT count(*) FROM pg_locks
         WHERE locktype = 'advisory' AND objsubid = 2 AND classid::bigint = $1
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    )
    .bind(class)
    .fetch_one(session)
    .await?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// The task that listens.
struct Listener {
    session: PgListener,
    name: String,
    worker_class: i64,
    state: Arc<State>,
    place: Place,
}

impl Listener {
    async fn run(mut self) {
        let error = match self.listen().await {
            Ok(()) => Error::storage("the connection to the queue of calls broke")
                .with_help("what was paid for is kept: run again to go on"),
            Err(error) => explain(&self.place, error),
        };
        let _ = self.state.lost.set(error);
        self.state.gone.notify_waiters();
        self.state.woken.notify_waiters();
    }

    /// Ends when the connection breaks, or the server does not answer in time.
    async fn listen(&mut self) -> sqlx::Result<()> {
        let mut beat = Instant::now();
        loop {
            match timeout(BEAT, self.session.try_recv()).await {
                Ok(Ok(Some(told))) if told.payload() == self.name => {
                    self.state.woken.notify_waiters()
                }
                Ok(Ok(Some(_))) | Err(_) => {}
                Ok(_) => return Ok(()),
            }
            if beat.elapsed() >= BEAT {
                beat = Instant::now();
                self.count_workers().await?;
            }
        }
    }

    async fn count_workers(&mut self) -> sqlx::Result<()> {
        let late = |_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
        let counted = workers(&mut self.session, self.worker_class);
        let count = timeout(PATIENCE, counted).await.map_err(late)??;
        self.state.workers.store(count, Ordering::Relaxed);
        Ok(())
    }
}
