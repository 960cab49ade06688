//! What all models of one payer share: the cache, the ledger, the wire and the wish to stop.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::Semaphore;

use super::policy::{CacheMode, CallPolicy};
use super::sharing::InFlight;
use crate::budget::{Ledger, Role, StopReason};
use crate::cost::{Cost, Price};
use crate::error::Setting;
use crate::model::Completion;
use crate::storage::{Lease, ResponseKey, Responses, StoredResponse};
use crate::usage::Usage;
use crate::{Error, Result};

pub(super) struct Meter {
    pub(super) responses: Arc<dyn Responses>,
    pub(super) ledger: Arc<Ledger>,
    pub(super) policy: CallPolicy,
    payer: String,
    sequence: AtomicUsize,
    /// The first event whose responses count as calls: by default the present one.
    since: AtomicUsize,
    stop: Arc<AtomicBool>,
    /// Calls on the wire.
    pub(super) on_the_wire: Semaphore,
    /// Calls on the wire or written down: as many wait for the wire as are on it, so that no call
    /// waits for the disk.
    pub(super) begun: Semaphore,
    /// The right to pay, where it may be lost.
    lease: OnceLock<Arc<dyn Lease>>,
    /// The first failure that no further attempt can mend: nothing new begins after it.
    broken: OnceLock<Error>,
    pub(super) in_flight: InFlight,
    /// What this process asked for on the way to the present event.
    asked: Mutex<HashSet<ResponseKey>>,
}

/// Whether a completion is of use to anybody but the step that asked for it.
pub(super) type Usable = Arc<dyn Fn(&Completion) -> bool + Send + Sync>;

/// Who pays for a call, and how much; and what is worth keeping.
#[derive(Clone)]
pub(super) struct Tariff {
    pub role: Role,
    pub price: Price,
    pub is_remote: bool,
    /// All are of use where there is none.
    pub usable: Option<Usable>,
}

impl Tariff {
    pub(super) fn is_usable(&self, completion: &Completion) -> bool {
        self.usable.as_ref().is_none_or(|usable| usable(completion))
    }
}

impl Meter {
    pub(super) fn new(
        responses: Arc<dyn Responses>,
        ledger: Arc<Ledger>,
        payer: String,
        policy: CallPolicy,
        stop: Arc<AtomicBool>,
    ) -> Self {
        let concurrency = policy.concurrency.clamp(1, Semaphore::MAX_PERMITS / 2);
        Self {
            responses,
            ledger,
            policy,
            payer,
            sequence: AtomicUsize::new(0),
            since: AtomicUsize::new(0),
            stop,
            on_the_wire: Semaphore::new(concurrency),
            begun: Semaphore::new(2 * concurrency),
            lease: OnceLock::new(),
            broken: OnceLock::new(),
            in_flight: InFlight::default(),
            asked: Mutex::default(),
        }
    }

    /// What a model answers before the time is up, and a little longer: a call that hangs keeps nobody from ending.
    /// One in this process does not hang, and is waited for.
    pub(super) async fn in_time<T>(
        &self,
        tariff: &Tariff,
        answer: impl Future<Output = T>,
    ) -> Result<T> {
        match self.ledger.end_of_time(tariff.role).filter(|_| tariff.is_remote) {
            None => Ok(answer.await),
            Some(end) => tokio::time::timeout_at(end, answer)
                .await
                .map_err(|_| Error::cap(StopReason::Seconds).perhaps_billed()),
        }
    }

    /// Whether a call may begin: nobody wants to stop, no model failed for good, and there is time.
    pub(super) fn refuse_to_begin(&self, role: Role) -> Result<()> {
        self.refuse_when_stopped()?;
        match self.ledger.is_time_up(role) {
            true => Err(Error::cap(StopReason::Seconds)),
            false => Ok(()),
        }
    }

    pub(super) fn work_towards(&self, sequence: usize) {
        self.work_again(sequence, sequence);
        self.asked().clear();
    }

    pub(super) fn work_again(&self, since: usize, sequence: usize) {
        self.since.store(since, Ordering::Relaxed);
        self.sequence.store(sequence, Ordering::Relaxed);
    }

    /// Pays nothing once this lease is lost. The first lease stays.
    pub(super) fn hold(&self, lease: Arc<dyn Lease>) {
        let _ = self.lease.set(lease);
    }

    pub(super) fn refuse_when_stopped(&self) -> Result<()> {
        if let Some(error) = self.broken.get() {
            return Err(error.clone());
        }
        if let Some(lease) = self.lease.get() {
            lease.check()?;
        }
        match self.stop.load(Ordering::Relaxed) {
            true => Err(Error::interrupted()),
            false => Ok(()),
        }
    }

    /// Keeps everybody else from beginning what would fail in the same way.
    pub(super) fn break_off(&self, error: Error) -> Error {
        if error.is_of_one_request() {
            tracing::warn!(%error, "no answer");
        } else if !error.is_interrupted() && !error.is_budget() {
            tracing::warn!(%error, "no further call begins");
            // The first failure is the one to tell.
            let _ = self.broken.set(error.clone());
        }
        error
    }

    pub(super) async fn count_lost_calls(&self) -> Result<()> {
        for attempt in self.responses.unanswered(&self.payer()).await? {
            self.ledger.lose(attempt.role, attempt.cost);
        }
        Ok(())
    }

    /// The name that calls are paid under: the payer and the event that it works towards.
    pub(super) fn payer(&self) -> String {
        payer(&self.payer, self.sequence.load(Ordering::Relaxed))
    }

    /// Whether this payer paid on the way to the present event, or since the one that it goes on from again.
    fn is_own(&self, paid_by: &str) -> bool {
        let since = self.since.load(Ordering::Relaxed);
        let sequence = paid_by.strip_prefix(&*self.payer).and_then(|it| it.strip_prefix('#'));
        let sequence: Option<usize> = sequence.and_then(|sequence| sequence.parse().ok());
        sequence.is_some_and(|sequence| sequence >= since)
    }

    /// The key under which this payer keeps a new response.
    pub(super) fn own_key(&self, key: &ResponseKey) -> ResponseKey {
        match self.policy.cache {
            CacheMode::ReadWrite | CacheMode::Replay => *key,
            CacheMode::ReadOnly | CacheMode::Off | CacheMode::Shared => key.of_study(&self.payer),
        }
    }

    /// The key under which a response of no use is kept: it answers on the way to the present event, so
    /// that a step that is interrupted goes on as it began, and never again.
    pub(super) fn passing_key(&self, key: &ResponseKey) -> ResponseKey {
        key.of_study(&self.payer())
    }

    /// The keys under which a new response is kept.
    pub(super) fn new_keys(&self, key: &ResponseKey) -> Vec<ResponseKey> {
        let for_all = (self.policy.cache == CacheMode::Shared).then_some(*key);
        [self.own_key(key)].into_iter().chain(for_all).collect()
    }

    /// The keys under which a response of use may be found, this payer's own last; but first where it matters who
    /// paid.
    fn keys(&self, key: &ResponseKey) -> Vec<ResponseKey> {
        if self.policy.cache == CacheMode::Shared {
            return self.new_keys(key);
        }
        let shared = (self.policy.cache != CacheMode::Off).then_some(*key);
        let own = Some(self.own_key(key)).filter(|own| Some(*own) != shared);
        shared.into_iter().chain(own).collect()
    }

    /// A response that may answer: one of use, or one that was asked for on the way to the present event.
    async fn found(
        &self,
        tariff: &Tariff,
        key: &ResponseKey,
    ) -> Result<Option<(StoredResponse, Completion)>> {
        for kept in self.keys(key) {
            let Some(stored) = self.responses.recall(&kept).await? else { continue };
            let completion = read(&stored)?;
            if tariff.is_usable(&completion) {
                return Ok(Some((stored, completion)));
            }
        }
        if tariff.usable.is_none() {
            return Ok(None);
        }
        let passing = self.responses.recall(&self.passing_key(key)).await?;
        passing.map(|stored| read(&stored).map(|completion| (stored, completion))).transpose()
    }

    /// A response that is kept already, to a request that costs so much at the worst.
    pub(super) async fn recall(
        &self,
        tariff: &Tariff,
        key: &ResponseKey,
        worst: Cost,
    ) -> Result<Option<Completion>> {
        if let Some((stored, completion)) = self.found(tariff, key).await? {
            match self.is_anothers(&stored) {
                true => self.share(tariff, key, stored, worst, completion.usage).await?,
                false => self.book(tariff, key, &stored, &completion),
            }
            return Ok(Some(completion));
        }
        match self.policy.cache {
            CacheMode::Replay => Err(Error::model("a response that is needed was never recorded")
                .with_help("let the model be asked for it")
                .with_setting(Setting::Cache)),
            _ => Ok(None),
        }
    }

    /// Books a kept response. One that this payer paid for on its way to the same event, and that this
    /// process has not asked for yet, is the trace of an interrupted run: it counts as the call it was.
    fn book(
        &self,
        tariff: &Tariff,
        key: &ResponseKey,
        stored: &StoredResponse,
        completion: &Completion,
    ) {
        let is_first = self.asked().insert(*key);
        let (payer, is_shared) = match stored.paid_by.strip_suffix(SHARED) {
            Some(payer) => (payer, true),
            None => (stored.paid_by.as_str(), false),
        };
        let is_own = is_first && self.is_own(payer);
        tracing::trace!(role = ?tariff.role, is_own, "answered from the cache");
        let cost = tariff.price.of(1, completion.usage);
        match (is_own, is_shared) {
            (true, false) => self.ledger.replay(tariff.role, cost),
            (true, true) => self.ledger.replay_shared(tariff.role, cost),
            (false, _) => self.ledger.hit(tariff.role),
        }
    }

    /// Whether a kept response counts as if this payer paid for it now: another paid, and calls are shared.
    fn is_anothers(&self, stored: &StoredResponse) -> bool {
        let paid_by = |rest: &str| rest.starts_with('#');
        self.policy.cache == CacheMode::Shared
            && !stored.paid_by.strip_prefix(&*self.payer).is_some_and(paid_by)
    }

    /// Books what another paid for as if it were paid for now: reserved at its worst, kept as this payer's own before it
    /// is used, settled at what it cost.
    async fn share(
        &self,
        tariff: &Tariff,
        key: &ResponseKey,
        stored: StoredResponse,
        worst: Cost,
        usage: Usage,
    ) -> Result<()> {
        let reserved = self.ledger.reserve(tariff.role, worst)?;
        let own = StoredResponse { paid_by: format!("{}{SHARED}", self.payer()), ..stored };
        self.responses.remember(&self.own_key(key), &own).await?;
        self.note_asked(key);
        tracing::trace!(role = ?tariff.role, "answered from what another study paid for");
        reserved.share(tariff.price.of(1, usage));
        Ok(())
    }

    /// What is kept of a completion that was just paid for.
    pub(super) fn stored(&self, completion: &Completion) -> Result<StoredResponse> {
        let body = serde_json::to_string(completion)
            .map_err(|error| Error::storage(format!("a response cannot be stored: {error}")))?;
        Ok(StoredResponse { paid_by: self.payer(), body })
    }

    pub(super) fn note_asked(&self, key: &ResponseKey) {
        self.asked().insert(*key);
    }

    fn asked(&self) -> MutexGuard<'_, HashSet<ResponseKey>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Behind the payer of a response that another study paid for first.
const SHARED: &str = " shared";

/// The name that a payer's calls on the way to an event are paid under.
pub(super) fn payer(name: &str, sequence: usize) -> String {
    format!("{name}#{sequence}")
}

fn read(stored: &StoredResponse) -> Result<Completion> {
    serde_json::from_str(&stored.body).map_err(|error| {
        Error::storage(format!("a stored response cannot be read: {error}"))
            .with_help("use another store; this one is left as it is")
            .with_setting(Setting::Store)
    })
}
