//! The way out to the models: cache, then ledger, then the model.
//!
//! A response is looked up before it is paid for, reserved before it is asked for, and durable
//! before it is used. A study that was killed finds what it had paid for and counts it as its own.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures::future::join_all;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::OnceCell;

use super::{Completion, Generation, GenerationRequest, Generator, LanguageModel, Request};
use crate::budget::{Ledger, Role};
use crate::storage::{ResponseKey, Storage, StoredResponse};
use crate::usage::{Cost, Usage};
use crate::{Error, Result};

/// Texts asked of the generator at a time: the most that a kill can lose of its work.
const GENERATIONS_AT_A_TIME: usize = 250;

/// What both roads share: the store, the ledger, the name to pay under, and the wish to stop.
pub(crate) struct Meter {
    storage: Arc<dyn Storage>,
    ledger: Arc<Ledger>,
    study: String,
    sequence: AtomicUsize,
    stop: Arc<AtomicBool>,
    answered: Mutex<HashMap<ResponseKey, Arc<OnceCell<Completion>>>>,
}

impl Meter {
    pub(crate) fn new(
        storage: Arc<dyn Storage>,
        ledger: Arc<Ledger>,
        study: String,
        stop: Arc<AtomicBool>,
    ) -> Self {
        let sequence = AtomicUsize::new(0);
        Self { storage, ledger, study, sequence, stop, answered: Mutex::default() }
    }

    pub(crate) fn ledger(&self) -> &Arc<Ledger> {
        &self.ledger
    }

    /// Calls from now on work towards event number `sequence` of the study.
    pub(crate) fn work_towards(&self, sequence: usize) {
        self.sequence.store(sequence, Ordering::Relaxed);
    }

    /// Refuses to begin anything new once the person asked to stop.
    pub(crate) fn refuse_when_stopped(&self) -> Result<()> {
        match self.stop.load(Ordering::Relaxed) {
            true => Err(Error::interrupted()),
            false => Ok(()),
        }
    }

    fn payer(&self) -> String {
        format!("{}#{}", self.study, self.sequence.load(Ordering::Relaxed))
    }

    /// A response that is in the store already. One that this study paid for on its way to the same
    /// event is the trace of an interrupted run: it counts as the call it was.
    async fn recall<T: DeserializeOwned>(
        &self,
        role: Role,
        key: &ResponseKey,
        usage: impl Fn(&T) -> Usage,
    ) -> Result<Option<T>> {
        let Some(stored) = self.storage.recall(key).await? else { return Ok(None) };
        let response: T = serde_json::from_str(&stored.body).map_err(|error| {
            Error::storage(format!("a stored response cannot be read: {error}"))
                .with_help("use another store with --store; this one is left as it is")
        })?;
        match stored.paid_by == self.payer() {
            true => self.ledger.replay(role, usage(&response)),
            false => self.ledger.hit(role),
        }
        Ok(Some(response))
    }

    async fn remember(&self, key: &ResponseKey, response: &impl Serialize) -> Result<()> {
        let body = serde_json::to_string(response)
            .map_err(|error| Error::storage(format!("a response cannot be stored: {error}")))?;
        self.storage.remember(key, &StoredResponse { paid_by: self.payer(), body }).await
    }

    fn cell(&self, key: ResponseKey) -> Arc<OnceCell<Completion>> {
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        answered.entry(key).or_default().clone()
    }
}

/// A target whose every call is looked up, reserved, asked, kept and settled, in this order.
pub(crate) struct MeteredModel {
    pub(crate) model: Arc<dyn LanguageModel>,
    pub(crate) meter: Arc<Meter>,
    pub(crate) role: Role,
}

#[async_trait]
impl LanguageModel for MeteredModel {
    fn id(&self) -> &str {
        self.model.id()
    }

    async fn complete(&self, request: &Request) -> Result<Completion> {
        let key = ResponseKey::of(self.model.id(), request);
        let cell = self.meter.cell(key);
        let mut first = false;
        let answer = cell
            .get_or_try_init(|| {
                first = true;
                self.fetch(&key, request)
            })
            .await?
            .clone();
        if !first {
            self.meter.ledger.hit(self.role);
        }
        Ok(answer)
    }
}

impl MeteredModel {
    async fn fetch(&self, key: &ResponseKey, request: &Request) -> Result<Completion> {
        let usage = |completion: &Completion| completion.usage;
        if let Some(completion) = self.meter.recall(self.role, key, usage).await? {
            return Ok(completion);
        }
        self.meter.refuse_when_stopped()?;
        let reserved = self.meter.ledger.reserve(self.role, request.worst_case())?;
        let completion = self.model.complete(request).await?;
        self.meter.remember(key, &completion).await?;
        reserved.settle(completion.usage);
        Ok(completion)
    }
}

/// A generator whose every text is looked up, reserved, asked, kept and settled, in this order.
pub(crate) struct MeteredGenerator {
    pub(crate) model: Arc<dyn Generator>,
    pub(crate) meter: Arc<Meter>,
    pub(crate) role: Role,
}

impl MeteredGenerator {
    pub(crate) async fn generate(&self, batch: &[GenerationRequest]) -> Result<Vec<Generation>> {
        let keys: Vec<_> =
            batch.iter().map(|request| ResponseKey::of(self.model.id(), request)).collect();
        let mut found = Vec::with_capacity(batch.len());
        for key in &keys {
            let usage = |generation: &Generation| generation.usage;
            found.push(self.meter.recall(self.role, key, usage).await?);
        }
        let missing: Vec<usize> = (0..batch.len()).filter(|&i| found[i].is_none()).collect();
        for part in missing.chunks(GENERATIONS_AT_A_TIME) {
            for (index, generation) in self.pay_for(part, batch, &keys).await? {
                found[index] = Some(generation);
            }
        }
        Ok(found.into_iter().flatten().collect())
    }

    async fn pay_for(
        &self,
        part: &[usize],
        batch: &[GenerationRequest],
        keys: &[ResponseKey],
    ) -> Result<Vec<(usize, Generation)>> {
        self.meter.refuse_when_stopped()?;
        let requests: Vec<_> = part.iter().map(|&index| batch[index].clone()).collect();
        let cost = requests.iter().map(GenerationRequest::worst_case).sum::<Cost>();
        let reserved = self.meter.ledger.reserve(self.role, cost)?;
        let generations = self.model.generate(&requests).await?;
        if generations.len() != part.len() {
            return Err(Error::model(format!(
                "{} wrote {} texts for {} requests",
                self.model.id(),
                generations.len(),
                part.len()
            )));
        }
        let kept = part.iter().zip(&generations);
        let kept = kept.map(|(&index, generation)| self.meter.remember(&keys[index], generation));
        join_all(kept).await.into_iter().collect::<Result<()>>()?;
        reserved.settle(generations.iter().map(|generation| generation.usage).sum());
        Ok(part.iter().copied().zip(generations).collect())
    }
}
