//! The way out to the models: cache, then ledger, then attempts.
//!
//! ```text
//!   look up ─▶ reserve the worst case ─▶ write the attempt down ─▶ ask ─┬─ answered ──▶ keep, settle
//!   (cache)     (ledger; or refuse)      (remote models only)          ├─ refused ───▶ release; again
//!                                                                      └─ perhaps billed ▶ stays booked
//! ```
//!
//! A response is looked up before it is paid for, reserved before it is asked for, and durable
//! before it is used. A call that leaves the process is written down before it leaves. So a study
//! that was killed finds what it had paid for and counts it as its own, and counts at their worst
//! the calls whose answers it will never see.

mod meter;
mod metered;
mod pay;
mod policy;
mod sharing;

pub use metered::Metered;
pub use policy::{CacheMode, CallPolicy, RetryPolicy};

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::Result;
use crate::budget::{Ledger, Role};
use crate::cost::Price;
use crate::model::Model;
use crate::storage::{Attempt, Lease, Responses};
use meter::Meter;

/// The calls of a study that left on the way to event number `sequence`, its next one, and whose answers are
/// not there: in flight, or lost with a process that ended.
///
/// # Errors
/// [`Error::is_storage`](crate::Error::is_storage) when they cannot be read.
pub async fn open_calls(
    responses: &dyn Responses,
    study: &str,
    sequence: usize,
) -> Result<Vec<Attempt>> {
    responses.unanswered(&meter::payer(study, sequence)).await
}

/// The way out to the models of one payer: every call is looked up, reserved, written down and settled.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use std::sync::Arc;
/// use motjuste::budget::{Budget, Ledger};
/// use motjuste::calls::{CallPolicy, Calls};
/// use motjuste::model::{Decoding, Model, Request, Scripted};
/// use motjuste::storage::InMemory;
///
/// let ledger = Arc::new(Ledger::new(Budget { target_calls: Some(1), ..Budget::default() }));
/// let calls = Calls::new(Arc::new(InMemory::default()), ledger, "me", CallPolicy::default());
/// let model = calls.target(Arc::new(Scripted::new("echo", |request| request.text())));
/// let ask = |text: &str| Request::new(text, Decoding::greedy(8));
/// assert_eq!(model.answer(&ask("hi")).await.unwrap().text, "hi");
/// assert_eq!(model.answer(&ask("hi")).await.unwrap().text, "hi"); // from the cache
/// assert!(model.answer(&ask("ho")).await.unwrap_err().is_budget());
/// assert_eq!(calls.ledger().account().target.cache_hits, 1);
/// # });
/// ```
#[derive(Clone)]
pub struct Calls {
    meter: Arc<Meter>,
    is_search: bool,
}

impl Calls {
    /// Calls that are looked up and kept in `responses`, and booked in `ledger`, in the name of `payer`:
    /// a process that pays under a name again takes up what an earlier one paid for.
    pub fn new(
        responses: Arc<dyn Responses>,
        ledger: Arc<Ledger>,
        payer: impl Into<String>,
        policy: CallPolicy,
    ) -> Self {
        Self::stoppable(responses, ledger, payer, policy, Arc::default())
    }

    /// As [`Self::new`]; nothing new begins once `stop` is true.
    pub fn stoppable(
        responses: Arc<dyn Responses>,
        ledger: Arc<Ledger>,
        payer: impl Into<String>,
        policy: CallPolicy,
        stop: Arc<AtomicBool>,
    ) -> Self {
        let meter = Arc::new(Meter::new(responses, ledger, payer.into(), policy, stop));
        Self { meter, is_search: true }
    }

    /// The same way out, which pays for nothing once this lease is lost.
    #[must_use]
    pub fn under(self, lease: Arc<dyn Lease>) -> Self {
        self.meter.hold(lease);
        self
    }

    /// The same way out, on the account of the scoring after the search.
    #[must_use]
    pub fn after_the_search(&self) -> Self {
        Self { meter: self.meter.clone(), is_search: false }
    }

    /// A model in the role of the target.
    pub fn target(&self, model: Arc<dyn Model>) -> Metered {
        self.metered(model, Role::Target, self.policy().target_price)
    }

    /// A model in the role of the generator.
    pub fn generator(&self, model: Arc<dyn Model>) -> Metered {
        self.metered(model, Role::Generator, self.policy().generator_price)
    }

    /// A model in the role of the judge.
    pub fn judge(&self, model: Arc<dyn Model>) -> Metered {
        self.metered(model, Role::Judge, self.policy().judge_price)
    }

    fn metered(&self, model: Arc<dyn Model>, role: Role, price: Price) -> Metered {
        let role = if self.is_search { role } else { Role::Assessment };
        Metered::new(model, self.meter.clone(), role, price)
    }

    /// What has been used.
    pub fn ledger(&self) -> &Arc<Ledger> {
        &self.meter.ledger
    }

    /// How calls leave.
    pub fn policy(&self) -> &CallPolicy {
        &self.meter.policy
    }

    /// Refuses to begin anything new once the person asked to stop, a model failed for good, or the lease is
    /// lost.
    ///
    /// # Errors
    /// [`Error::is_interrupted`](crate::Error::is_interrupted), what the model failed with, or what the lease
    /// says.
    pub fn refuse_when_stopped(&self) -> Result<()> {
        self.meter.refuse_when_stopped()
    }

    /// Calls from now on work towards event number `sequence` of the payer's journal: a response that
    /// was paid for on the way to an event counts once, whichever process asks for it again.
    pub fn work_towards(&self, sequence: usize) {
        self.meter.work_towards(sequence);
    }

    /// Calls from now on work towards event number `sequence` once more, as if nothing had been paid for since
    /// event number `since`: responses from then on count as the calls they were when they are asked for first.
    pub fn work_again(&self, since: usize, sequence: usize) {
        self.meter.work_again(since, sequence);
    }

    /// Counts, at their worst, the calls that left on the way to the present event in a process
    /// that ended before their answers came.
    ///
    /// # Errors
    /// [`Error::is_storage`](crate::Error::is_storage) when the attempts cannot be read.
    pub async fn count_lost_calls(&self) -> Result<()> {
        self.meter.count_lost_calls().await
    }
}
