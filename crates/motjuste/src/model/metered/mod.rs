//! The way out to the models: cache, then ledger, then attempts.
//!
//! A response is looked up before it is paid for, reserved before it is asked for, and durable
//! before it is used. A call that leaves the process is written down before it leaves. So a study
//! that was killed finds what it had paid for and counts it as its own, and counts at their worst
//! the calls whose answers it will never see.

mod generator;
mod pay;
mod road;
mod target;

pub(crate) use generator::MeteredGenerator;
pub(crate) use road::{Phase, Road};

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{OnceCell, Semaphore};

use super::policy::{CacheMode, CallPolicy};
use super::{Completion, Generation};
use crate::budget::Ledger;
use crate::storage::{ResponseKey, Storage, StoredResponse};
use crate::usage::Usage;
use crate::{Error, Result};

/// What both roads share: the store, the ledger, the name to pay under, and the wish to stop.
pub(crate) struct Meter {
    storage: Arc<dyn Storage>,
    ledger: Arc<Ledger>,
    study: String,
    sequence: AtomicUsize,
    stop: Arc<AtomicBool>,
    policy: CallPolicy,
    /// Calls on the wire.
    in_flight: Semaphore,
    /// Calls on the wire or written down: as many wait for the wire as are on it, so that no call
    /// waits for the disk.
    begun: Semaphore,
    /// The first failure that no further attempt can mend: nothing new begins after it.
    broken: OnceLock<Error>,
    answered: Mutex<HashMap<ResponseKey, Arc<OnceCell<Completion>>>>,
}

/// What a model gives back, whichever model it is.
pub(crate) trait Response: Serialize + DeserializeOwned + Send + Sync {
    fn usage(&self) -> Usage;
}

impl Response for Completion {
    fn usage(&self) -> Usage {
        self.usage
    }
}

impl Response for Generation {
    fn usage(&self) -> Usage {
        self.usage
    }
}

impl Meter {
    pub(crate) fn new(
        storage: Arc<dyn Storage>,
        ledger: Arc<Ledger>,
        study: String,
        stop: Arc<AtomicBool>,
        policy: CallPolicy,
    ) -> Self {
        let concurrency = policy.concurrency.clamp(1, Semaphore::MAX_PERMITS / 2);
        Self {
            storage,
            ledger,
            study,
            sequence: AtomicUsize::new(0),
            stop,
            policy,
            in_flight: Semaphore::new(concurrency),
            begun: Semaphore::new(2 * concurrency),
            broken: OnceLock::new(),
            answered: Mutex::default(),
        }
    }

    pub(crate) fn ledger(&self) -> &Arc<Ledger> {
        &self.ledger
    }

    /// How calls leave.
    pub(crate) fn policy(&self) -> &CallPolicy {
        &self.policy
    }

    /// Calls from now on work towards event number `sequence` of the study.
    pub(crate) fn work_towards(&self, sequence: usize) {
        self.sequence.store(sequence, Ordering::Relaxed);
    }

    /// Refuses to begin anything new once the person asked to stop, or a model is beyond help.
    pub(crate) fn refuse_when_stopped(&self) -> Result<()> {
        if let Some(error) = self.broken.get() {
            return Err(error.clone());
        }
        match self.stop.load(Ordering::Relaxed) {
            true => Err(Error::interrupted()),
            false => Ok(()),
        }
    }

    /// Counts, at their worst, the calls that left on the way to the present event in a process
    /// that ended before their answers came.
    pub(crate) async fn count_lost_calls(&self) -> Result<()> {
        for attempt in self.storage.unanswered(&self.payer()).await? {
            self.ledger.lose(attempt.role, attempt.cost);
        }
        Ok(())
    }

    fn payer(&self) -> String {
        format!("{}#{}", self.study, self.sequence.load(Ordering::Relaxed))
    }

    /// The key under which this study keeps a new response.
    fn own_key(&self, key: &ResponseKey) -> ResponseKey {
        match self.policy.cache {
            CacheMode::ReadWrite | CacheMode::Replay => *key,
            CacheMode::ReadOnly | CacheMode::Off => key.of_study(&self.study),
        }
    }

    /// The keys under which a response may be found, this study's own last.
    fn keys(&self, key: &ResponseKey) -> Vec<ResponseKey> {
        let shared = (self.policy.cache != CacheMode::Off).then_some(*key);
        let own = Some(self.own_key(key)).filter(|own| Some(*own) != shared);
        shared.into_iter().chain(own).collect()
    }

    /// A response that is in the store already. One that this study paid for on its way to the same
    /// event is the trace of an interrupted run: it counts as the call it was.
    async fn recall<T: Response>(&self, road: Road, key: &ResponseKey) -> Result<Option<T>> {
        for key in self.keys(key) {
            let Some(stored) = self.storage.recall(&key).await? else { continue };
            let response: T = serde_json::from_str(&stored.body).map_err(|error| {
                Error::storage(format!("a stored response cannot be read: {error}"))
                    .with_help("use another store with --store; this one is left as it is")
            })?;
            match stored.paid_by == self.payer() {
                true => self.ledger.replay(road.role, road.cost(1, response.usage())),
                false => self.ledger.hit(road.role),
            }
            return Ok(Some(response));
        }
        match self.policy.cache {
            CacheMode::Replay => Err(Error::model("a response that is needed was never recorded")
                .with_help("run without `--cache replay` to ask the model for it")),
            _ => Ok(None),
        }
    }

    fn stored(&self, response: &impl Response) -> Result<StoredResponse> {
        let body = serde_json::to_string(response)
            .map_err(|error| Error::storage(format!("a response cannot be stored: {error}")))?;
        Ok(StoredResponse { paid_by: self.payer(), body })
    }

    fn cell(&self, key: ResponseKey) -> Arc<OnceCell<Completion>> {
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        answered.entry(key).or_default().clone()
    }
}
