//! Calls that wait in the database for a worker.

mod batches;
mod member;
mod pools;
mod rows;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use motjuste::model::Leave;
use motjuste::work::{Call, CallId, Claimed, Failure, Fate, Outcome, Queue};
use motjuste::{Error, Result};
use sqlx::postgres::PgPool;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::explain::explain;
use super::open;
use super::place::Place;
use crate::numbers::Numbers;
use batches::Batches;
use member::Member;
pub use member::Part;
use pools::Pools;
use rows::{Finish, Put};

/// How often whoever waits looks whether there is still leave to ask.
const GLANCE: Duration = Duration::from_millis(100);

/// How often a process looks for what it was not told of.
const LOOK: Duration = Duration::from_secs(1);

/// A queue of model calls in a PostgreSQL database, between studies and workers on any machine.
///
/// Who puts a call and who makes it is each known by an advisory lock of a session of its own, as the lease of a
/// study is: the server frees it when the process ends, or was silent for half a minute. So a call whose worker
/// was killed is told to be lost at once, and an answer whose study was killed waits for the study to go on.
pub struct PostgresQueue {
    place: Place,
    pool: PgPool,
    member: Arc<Member>,
    numbers: Numbers,
    puts: Batches<Put, i64>,
    finishes: Batches<Finish, ()>,
    asked: Arc<Asked>,
    collecting: JoinHandle<()>,
}

/// Who waits for the outcome of a call.
#[derive(Default)]
struct Asked(Mutex<HashMap<i64, oneshot::Sender<Fate>>>);

impl Asked {
    fn lock(&self) -> MutexGuard<'_, HashMap<i64, oneshot::Sender<Fate>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, id: i64, fate: Fate) {
        if let Some(asked) = self.lock().remove(&id) {
            // Whoever stopped waiting does not need to know.
            let _ = asked.send(fate);
        }
    }
}

impl PostgresQueue {
    /// Joins the queue of the store at this URL, to ask or to work.
    ///
    /// # Errors
    /// As [`PostgresStore::open`](crate::PostgresStore::open).
    pub async fn join(url: &str, part: Part) -> Result<Self> {
        let place = Place::parse(url)?;
        // Makes the tables where there are none.
        drop(open::open(&place).await?);
        let pools = Pools::of(&place);
        let pool = pools.hasty.clone();
        pools.connect().await.map_err(|error| explain(&place, error))?;
        let member = Arc::new(Member::join(&place, part).await?);
        rows::tidy(&pool, &member).await.map_err(|error| explain(&place, error))?;
        let asked = Arc::<Asked>::default();
        let collector =
            Collector { pool: pool.clone(), member: member.clone(), asked: asked.clone() };
        Ok(Self {
            puts: Batches::spawn(pools.clone(), member.clone()),
            finishes: Batches::spawn(pools, member.clone()),
            collecting: tokio::spawn(collector.run()),
            numbers: Numbers::fresh(),
            asked,
            member,
            pool,
            place,
        })
    }

    fn explain(&self) -> impl Fn(sqlx::Error) -> Error {
        |error| explain(&self.place, error)
    }

    /// Waits for what becomes of a call. When the leave to send it ends, it is taken back, unless a worker has it.
    async fn wait(
        &self,
        id: i64,
        mut told: oneshot::Receiver<Fate>,
        leave: Leave<'_>,
    ) -> Result<Fate> {
        let mut withdrawal =
            Withdrawal { id: Some(id), pool: self.pool.clone(), asked: self.asked.clone() };
        let mut may_withdraw = true;
        let fate = loop {
            tokio::select! {
                fate = &mut told => break fate.map_err(|_| self.member.gone()),
                error = self.member.lost() => break Err(error),
                () = tokio::time::sleep(GLANCE) => {}
            }
            if let (true, Err(error)) = (may_withdraw, leave.check()) {
                may_withdraw = false;
                if rows::withdraw(&self.pool, id).await.map_err(self.explain())? {
                    self.asked.lock().remove(&id);
                    break Err(error);
                }
            }
        };
        withdrawal.id = None;
        fate
    }

    async fn claim_now(&self, most: usize) -> Result<Vec<Claimed>> {
        let rows =
            rows::claim(&self.pool, self.member.number, most).await.map_err(self.explain())?;
        let read = |(id, body): (i64, String)| {
            let call: Call = serde_json::from_str(&body).map_err(|error| {
                Error::storage(format!("a call in the queue cannot be read: {error}"))
                    .with_help("run the same version of motjuste everywhere")
            })?;
            Ok(Claimed { id: CallId(id), call, wait: Duration::ZERO })
        };
        let mut claimed = rows.into_iter().map(read).collect::<Result<Vec<_>>>()?;
        self.keep_pace(&mut claimed).await?;
        Ok(claimed)
    }

    /// Gives each call of a server with a pace its place in the server's time.
    async fn keep_pace(&self, claimed: &mut [Claimed]) -> Result<()> {
        for Claimed { call, wait, .. } in claimed {
            if let Some(pace) = &call.pace {
                *wait = rows::reserve(&self.pool, pace).await.map_err(self.explain())?;
            }
        }
        Ok(())
    }
}

impl Drop for PostgresQueue {
    fn drop(&mut self) {
        self.collecting.abort();
    }
}

#[async_trait]
impl Queue for PostgresQueue {
    fn workers(&self) -> usize {
        self.member.workers()
    }

    async fn ask(&self, call: Call, leave: Leave<'_>) -> Result<Fate> {
        self.member.check()?;
        let body = serde_json::to_string(&call)
            .map_err(|error| Error::storage(format!("a call cannot be written down: {error}")))?;
        let (tell, told) = oneshot::channel();
        let id = self.numbers.next();
        self.asked.lock().insert(id, tell);
        let put = Put { id, key: rows::key(&call), body };
        let known = self.puts.run(put).await.map_err(|error| explain(&self.place, error))?;
        if known != id {
            self.rename(id, known);
        }
        self.wait(known, told, leave).await
    }

    async fn claim(&self, most: usize) -> Result<Vec<Claimed>> {
        self.member.check()?;
        let woken = self.member.woken();
        let found = self.claim_now(most).await?;
        if !found.is_empty() || most == 0 {
            return Ok(found);
        }
        let _ = timeout(LOOK, woken).await;
        self.claim_now(most).await
    }

    async fn finish(&self, id: CallId, outcome: &Outcome) -> Result<()> {
        let outcome = serde_json::to_string(outcome).map_err(|error| {
            Error::storage(format!("an outcome cannot be written down: {error}"))
        })?;
        let finish = Finish { id: id.0, outcome };
        self.finishes.run(finish).await.map_err(|error| explain(&self.place, error))
    }

    async fn decline(&self, id: CallId) -> Result<()> {
        rows::decline(&self.pool, id.0, self.member.number).await.map_err(self.explain())
    }
}

impl PostgresQueue {
    /// The call was there already, put by a process that ended.
    fn rename(&self, id: i64, known: i64) {
        let mut asked = self.asked.lock();
        if let Some(tell) = asked.remove(&id) {
            asked.insert(known, tell);
        }
    }
}

/// Takes a call back whose asker stopped waiting, unless a worker has it.
struct Withdrawal {
    id: Option<i64>,
    pool: PgPool,
    asked: Arc<Asked>,
}

impl Drop for Withdrawal {
    fn drop(&mut self) {
        let Some(id) = self.id else { return };
        self.asked.lock().remove(&id);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let pool = self.pool.clone();
            runtime.spawn(async move {
                // Should it fail, a worker makes the call for nobody; it is on the bill already.
                let _ = rows::withdraw(&pool, id).await;
            });
        }
    }
}

/// The task that hears what became of this process' calls.
struct Collector {
    pool: PgPool,
    member: Arc<Member>,
    asked: Arc<Asked>,
}

impl Collector {
    async fn run(self) {
        let mut looked = Instant::now();
        let mut woken = self.member.woken();
        loop {
            let _ = timeout(LOOK, woken).await;
            // Before looking: what is told meanwhile is looked for next.
            woken = self.member.woken();
            let looks_for_lost = looked.elapsed() >= LOOK;
            if looks_for_lost {
                looked = Instant::now();
            }
            if let Err(error) = self.collect(looks_for_lost).await {
                tracing::warn!(%error, "the queue of calls does not answer; asking again");
                tokio::time::sleep(LOOK).await;
            }
        }
    }

    async fn collect(&self, looks_for_lost: bool) -> sqlx::Result<()> {
        let waiting: Vec<i64> = self.asked.lock().keys().copied().collect();
        if waiting.is_empty() {
            return Ok(());
        }
        for (id, outcome) in rows::answered(&self.pool, &waiting).await? {
            self.asked.tell(id, Fate::Asked(read(&outcome)));
        }
        if looks_for_lost {
            self.look_for_lost(&waiting).await?;
        }
        Ok(())
    }

    async fn look_for_lost(&self, waiting: &[i64]) -> sqlx::Result<()> {
        for id in rows::lost(&self.pool, waiting, self.member.worker_class).await? {
            self.asked.tell(id, Fate::Asked(Err(Failure::of_a_lost_worker())));
        }
        for id in rows::returned(&self.pool, waiting, self.member.workers()).await? {
            self.asked.tell(id, Fate::Returned);
        }
        rows::forget(&self.pool, self.member.number).await
    }
}

fn read(outcome: &str) -> Outcome {
    serde_json::from_str(outcome).unwrap_or_else(|error| {
        let error = Error::model(format!("an outcome cannot be read: {error}")).perhaps_billed();
        Err(Failure::from(&error))
    })
}
