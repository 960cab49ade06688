//! Calls that fail, are refused, are lost, cost money, or need not be made.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::future::join_all;
use motjuste::budget::{Account, StopReason};
use motjuste::calls::{CacheMode, CallPolicy};
use motjuste::conformance::Dying;
use motjuste::cost::Price;
use motjuste::error::Setting;
use motjuste::journal::Outcome;
use motjuste::model::{Completion, Model, Request};
use motjuste::money::Usd;
use motjuste::storage::{InMemory, Storage};
use motjuste::study::StudyBuilder;
use motjuste::usage::Usage;
use motjuste::{Error, Result};

use crate::world::{
    Forgetful, answer, method, of_task, policy, run, same, setup, target, task, within,
};

/// A remote target that goes wrong in a given way in some of its attempts, and counts what it would
/// put on the bill.
struct Faulty {
    /// What happens in the attempt of this number at a request.
    fault: fn(&str, u64) -> Option<Error>,
    attempts: Mutex<HashMap<String, u64>>,
    billed: AtomicU64,
}

impl Faulty {
    fn new(fault: fn(&str, u64) -> Option<Error>) -> Arc<Self> {
        Arc::new(Self { fault, attempts: Mutex::default(), billed: AtomicU64::new(0) })
    }

    fn count(&self, prompt: &str) -> u64 {
        let mut attempts = self.attempts.lock().unwrap();
        let count = attempts.entry(prompt.to_owned()).or_default();
        *count += 1;
        *count
    }

    async fn attempt(&self, prompt: &str) -> Result<Completion> {
        let count = self.count(prompt);
        tokio::task::yield_now().await;
        let fault = (self.fault)(prompt, count);
        if fault.as_ref().is_none_or(Error::may_be_billed) {
            self.billed.fetch_add(1, Ordering::Relaxed);
        }
        let usage = Usage { tokens_in: 10, tokens_out: 2 };
        fault.map_or(Ok(Completion { usage, ..Completion::of(answer(prompt)) }), Err)
    }
}

#[async_trait]
impl Model for Faulty {
    fn id(&self) -> &str {
        "faulty"
    }

    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
        join_all(batch.iter().map(async |request| self.attempt(&request.text()).await)).await
    }
}

/// Whether a prompt belongs to one in `n`.
fn one_in(n: usize, prompt: &str) -> bool {
    prompt.bytes().map(usize::from).sum::<usize>().is_multiple_of(n)
}

fn busy(prompt: &str, attempt: u64) -> Option<Error> {
    let after = Some(Duration::from_millis(2));
    (one_in(3, prompt) && attempt < 3).then(|| Error::model("busy").transient(after))
}

fn cut_off(prompt: &str, attempt: u64) -> Option<Error> {
    (one_in(4, prompt) && attempt == 1)
        .then(|| Error::model("cut off").transient(None).perhaps_billed())
}

fn uniform(target: impl Model + 'static, store: Arc<dyn Storage>, trials: u64) -> StudyBuilder {
    of_task(task(), target, store).method(method("uniform")).trials(trials)
}

async fn with(target: Arc<Faulty>, store: Arc<dyn Storage>, trials: u64) -> Result<Outcome> {
    run(uniform(target, store, trials)).await
}

fn store() -> Arc<InMemory> {
    Arc::new(InMemory::default())
}

#[tokio::test]
async fn refused_attempts_are_repeated_and_cost_nothing() {
    let calm = with(Faulty::new(|_, _| None), store(), 20).await.unwrap();
    let target = Faulty::new(busy);
    let stormy = with(target.clone(), store(), 20).await.unwrap();
    same(&stormy, &calm);
    let account = stormy.account;
    let paid = account.target.calls + account.assessment.calls;
    // The Manual instruction comes from the generator.
    assert_eq!(target.billed.load(Ordering::Relaxed), paid - 1);
}

#[tokio::test]
async fn attempts_that_may_have_been_billed_are_on_the_bill() {
    let calm = with(Faulty::new(|_, _| None), store(), 20).await.unwrap();
    let target = Faulty::new(cut_off);
    let stormy = with(target.clone(), store(), 20).await.unwrap();
    assert_eq!(stormy.history.steps(), calm.history.steps());
    let lost = stormy.account.target.lost;
    assert!(lost > 0);
    assert_eq!(stormy.account.target.calls, calm.account.target.calls + lost);
    let paid = stormy.account.target.calls + stormy.account.assessment.calls;
    assert_eq!(target.billed.load(Ordering::Relaxed), paid - 1);
}

#[tokio::test]
async fn the_cap_on_calls_holds_with_faults_and_a_larger_one_goes_on() {
    for cap in [97, 150] {
        let kept = store();
        let target = Faulty::new(cut_off);
        let limited = uniform(target.clone(), kept.clone(), 20);
        let limited = within(limited, |budget| budget.target_calls = Some(cap));
        let part = run(limited).await.unwrap();
        assert_eq!(part.stop_reason, Some(StopReason::TargetCalls));
        assert!(part.account.target.calls <= cap);
        let rest = with(target, kept, 20).await.unwrap();
        let calm = with(Faulty::new(|_, _| None), store(), 20).await.unwrap();
        assert_eq!(rest.history.steps(), calm.history.steps());
    }
}

#[tokio::test]
async fn a_failure_that_cannot_be_mended_ends_the_run_at_once_and_is_told() {
    let target =
        Faulty::new(|_, _| Some(Error::model("401: no such key").with_help("set the key")));
    let careful = uniform(target.clone(), store(), 20);
    let careful = careful.calls(CallPolicy { concurrency: 4, ..policy() });
    let error = run(careful).await.unwrap_err();
    assert_eq!(error.to_string(), "401: no such key");
    assert!(target.attempts.lock().unwrap().len() <= 4, "calls began after the failure");
}

#[tokio::test]
async fn patience_ends_and_nothing_is_scored_zero() {
    let target = Faulty::new(|prompt, _| one_in(5, prompt).then(|| busy("", 0).unwrap()));
    let kept = store();
    let error = with(target, kept.clone(), 20).await.unwrap_err();
    assert!(error.is_model() && error.to_string().contains("in 20 attempts"), "{error}");
    let mended = with(Faulty::new(|_, _| None), kept, 20).await.unwrap();
    let calm = with(Faulty::new(|_, _| None), store(), 20).await.unwrap();
    assert_eq!(mended.history.steps(), calm.history.steps());
}

#[tokio::test]
async fn a_model_that_asks_for_too_long_a_wait_is_not_waited_for() {
    let hour = |_: &str, _| Some(Error::model("busy").transient(Some(Duration::from_secs(3600))));
    let error = with(Faulty::new(hour), store(), 20).await.unwrap_err();
    assert!(error.to_string().contains("3600 s"), "{error}");
}

#[tokio::test]
async fn calls_in_flight_when_the_process_dies_are_counted_at_their_worst() {
    let calm = with(Faulty::new(|_, _| None), store(), 20).await.unwrap();
    for writes in 0..40 {
        let kept = store();
        let dying = Dying::after(writes * 31, kept.clone());
        let target = Faulty::new(|_, _| None);
        let _ = with(target.clone(), dying, 20).await;
        let resumed = with(target.clone(), kept, 20).await.unwrap();
        assert_eq!(resumed.history.steps(), calm.history.steps());
        let account = resumed.account;
        let counted = account.target.calls + account.assessment.calls - 1;
        let billed = target.billed.load(Ordering::Relaxed);
        assert!(counted >= billed, "{billed} calls were billed and {counted} counted");
    }
}

fn priced() -> CallPolicy {
    CallPolicy { target_price: Price::per_million(1.0, 10.0).unwrap(), ..policy() }
}

#[tokio::test]
async fn money_is_never_exceeded_and_the_proof_is_paid_from_it() {
    for cents in [8.0, 9.0, 10.0] {
        let priced = uniform(Faulty::new(|_, _| None), store(), 1000).calls(priced());
        let cap = Usd::dollars(cents / 100.0).unwrap();
        let priced = within(priced, |budget| budget.usd = Some(cap));
        let outcome = run(priced).await.unwrap();
        assert_eq!(outcome.stop_reason, Some(StopReason::Usd), "{cents}");
        assert!(outcome.account.usd() <= cap);
        assert!(outcome.assessment.is_some(), "the money for the proof was put by");
    }
}

#[tokio::test]
async fn money_below_one_evaluation_is_refused_with_the_amount_that_is_needed() {
    let poor = setup("uniform", store(), 10).calls(priced());
    let poor = within(poor, |budget| budget.usd = Some(Usd::dollars(0.001).unwrap()));
    let error = run(poor).await.unwrap_err();
    assert!(error.is_budget() && error.help().unwrap().contains("that may take $"), "{error}");
    assert_eq!(error.setting(), Some(&Setting::Budget(StopReason::Usd)));
}

/// A target that must not be asked.
fn silent() -> impl Model + 'static {
    target("answerer", |_| unreachable!("a call left"))
}

#[tokio::test]
async fn replay_answers_from_the_store_alone() {
    let kept = store();
    let recorded = run(setup("uniform", kept.clone(), 12)).await.unwrap();
    let replay = |trials| {
        let replay = uniform(silent(), Forgetful::of(&kept), trials);
        replay.calls(CallPolicy { cache: CacheMode::Replay, ..policy() })
    };
    assert_eq!(run(replay(12)).await.unwrap().history.steps(), recorded.history.steps());
    let error = run(replay(18)).await.unwrap_err();
    assert!(error.to_string().contains("never recorded"), "{error}");
}

#[tokio::test]
async fn without_the_cache_every_call_is_made_and_a_killed_study_still_finds_its_own() {
    let kept = store();
    run(setup("uniform", kept.clone(), 12)).await.unwrap();
    let fresh = |storage: Arc<dyn Storage>| {
        let calls = CallPolicy { cache: CacheMode::Off, ..policy() };
        setup("random-pick", storage, 12).calls(calls)
    };
    let alone = run(fresh(store())).await.unwrap();
    let beside = run(fresh(kept)).await.unwrap();
    same(&beside, &alone);
    let kept = store();
    let dying = Dying::after(200, kept.clone());
    let _ = run(fresh(dying)).await;
    same(&run(fresh(kept)).await.unwrap(), &alone);
}

#[tokio::test]
async fn a_read_only_cache_answers_and_keeps_new_responses_to_the_study() {
    let kept = store();
    run(setup("uniform", kept.clone(), 12)).await.unwrap();
    let asked = Arc::new(AtomicU64::new(0));
    let with_mode = |cache| {
        let asked = asked.clone();
        let target = target("answerer", move |prompt| {
            asked.fetch_add(1, Ordering::Relaxed);
            answer(prompt)
        });
        uniform(target, Forgetful::of(&kept), 18).calls(CallPolicy { cache, ..policy() })
    };
    run(with_mode(CacheMode::ReadOnly)).await.unwrap();
    let new = asked.load(Ordering::Relaxed);
    assert!((1..=300).contains(&new), "{new} calls for 6 new trials of 20 examples");
    let replayed = run(with_mode(CacheMode::Replay)).await;
    assert!(replayed.unwrap_err().to_string().contains("never recorded"));
}

/// The same spending as if nobody else had paid for any of it.
fn alone(mut account: Account) -> Account {
    for role in [&mut account.target, &mut account.generator, &mut account.assessment] {
        (role.shared, role.shared_usd) = (0, Usd::default());
    }
    account
}

#[tokio::test]
async fn where_calls_are_shared_what_another_paid_for_counts_as_paid_and_is_not_paid_again() {
    let calls = || CallPolicy { cache: CacheMode::Shared, ..priced() };
    let own = run(setup("uniform", store(), 12).calls(calls())).await.unwrap();
    assert_eq!((own.account.target.shared, own.account.paid_usd()), (0, own.account.usd()));
    let kept = store();
    run(setup("uniform", kept.clone(), 12).calls(priced())).await.unwrap();
    let riding = |storage: Arc<dyn Storage>| uniform(silent(), storage, 12).calls(calls());
    let second = run(riding(kept.clone())).await.unwrap();
    assert_eq!(second.history.steps(), own.history.steps());
    assert_eq!(alone(second.account), own.account);
    assert_eq!((second.account.made_calls(), second.account.paid_usd()), (0, Usd::default()));
}

#[tokio::test]
async fn a_killed_study_that_shares_calls_counts_as_one_that_was_not() {
    let shared = |storage: Arc<dyn Storage>| {
        let calls = CallPolicy { cache: CacheMode::Shared, ..policy() };
        setup("uniform", storage, 12).calls(calls)
    };
    // What others paid for is there already.
    let begun = async || {
        let kept = store();
        run(setup("uniform", kept.clone(), 6)).await.unwrap();
        kept
    };
    let whole = run(shared(begun().await)).await.unwrap();
    assert!(whole.account.target.shared > 0 && whole.account.made_calls() > 0);
    for after in [30, 90, 200] {
        let kept = begun().await;
        let _ = run(shared(Dying::after(after, kept.clone()))).await;
        same(&run(shared(kept)).await.unwrap(), &whole);
    }
}
