//! Calls: one for one request, whoever asks it and however often; and nothing kept that was handed over.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use motjuste::budget::{Budget, Ledger, Role, StopReason};
use motjuste::calls::{CallPolicy, Calls, Metered, RetryPolicy};
use motjuste::model::{Completion, Decoding, Leave, Model, Request};
use motjuste::storage::{Attempt, AttemptId, InMemory, ResponseKey, Responses, StoredResponse};
use motjuste::{Error, Result};
use tokio::sync::Semaphore;

/// What goes wrong in an attempt, by the number of attempts before it.
type Fault = fn(usize) -> Option<Error>;

/// A model that counts, that waits for a permit before it answers, and that can fail.
struct Slow {
    fault: Fault,
    attempts: AtomicUsize,
    asked: Mutex<Vec<String>>,
    gate: Semaphore,
}

impl Slow {
    fn new(fault: Fault, permits: usize) -> Arc<Self> {
        let (attempts, asked, gate) = (0.into(), Mutex::default(), Semaphore::new(permits));
        Arc::new(Self { fault, attempts, asked, gate })
    }

    /// How often this was asked.
    fn asked(&self, text: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| *asked == text).count()
    }

    async fn attempt(&self, request: &Request) -> Result<Completion> {
        let before = self.attempts.fetch_add(1, Ordering::SeqCst);
        self.asked.lock().unwrap().push(request.text());
        self.gate.acquire().await.unwrap().forget();
        (self.fault)(before).map_or_else(|| Ok(Completion::of(request.text())), Err)
    }
}

#[async_trait]
impl Model for Slow {
    fn id(&self) -> &str {
        "slow"
    }

    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
        let mut answers = Vec::new();
        for request in batch {
            answers.push(self.attempt(request).await);
        }
        answers
    }
}

fn never(_: usize) -> Option<Error> {
    None
}

fn calls(responses: Arc<dyn Responses>) -> Calls {
    let retry = RetryPolicy { first_pause: Duration::from_micros(1), ..RetryPolicy::default() };
    let ledger = Arc::new(Ledger::new(Budget { trials: None, ..Budget::default() }));
    Calls::new(responses, ledger, "me", CallPolicy { retry, ..CallPolicy::default() })
}

fn of(model: &Arc<Slow>) -> (Calls, Metered) {
    let calls = calls(Arc::new(InMemory::default()));
    let metered = calls.target(model.clone());
    (calls, metered)
}

fn ask(text: &str) -> Request {
    Request::new(text, Decoding::greedy(8))
}

const ROOM: usize = 1000;

#[tokio::test]
async fn the_same_request_twice_in_a_batch_is_one_call() {
    let model = Slow::new(never, ROOM);
    let (calls, metered) = of(&model);
    let batch = ["a", "b", "a", "a"].map(ask);
    let answers = metered.answers(&batch).await.unwrap();
    let texts: Vec<_> = answers.iter().map(|answer| answer.text.as_str()).collect();
    assert_eq!(texts, ["a", "b", "a", "a"]);
    assert_eq!((model.asked("a"), model.asked("b")), (1, 1));
    let spent = calls.ledger().account().target;
    assert_eq!((spent.calls, spent.cache_hits), (2, 2));
}

/// Lets everything that can go on go on.
async fn settle() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_same_request_of_two_callers_at_once_is_one_call() {
    let model = Slow::new(never, 0);
    let (calls, metered) = of(&model);
    let caller = |texts: [&'static str; 2]| {
        let metered = metered.clone();
        tokio::spawn(async move { metered.answers(&texts.map(ask)).await.unwrap() })
    };
    // In opposite order: neither waits for the other in a circle.
    let (first, second) = (caller(["a", "b"]), caller(["b", "a"]));
    settle().await;
    model.gate.add_permits(ROOM);
    assert_eq!(first.await.unwrap()[1].text, "b");
    assert_eq!(second.await.unwrap()[1].text, "a");
    assert_eq!((model.asked("a"), model.asked("b")), (1, 1));
    let spent = calls.ledger().account().target;
    assert_eq!((spent.calls, spent.cache_hits), (2, 2));
}

#[tokio::test]
async fn a_failure_that_passes_is_repeated_once_for_all_who_wait() {
    let model = Slow::new(|before| (before == 0).then(|| Error::model("busy").transient(None)), 0);
    let (calls, metered) = of(&model);
    let caller = || {
        let metered = metered.clone();
        tokio::spawn(async move { metered.answers(&["a", "a"].map(ask)).await.unwrap() })
    };
    let callers = [caller(), caller()];
    settle().await;
    model.gate.add_permits(ROOM);
    for caller in callers {
        assert_eq!(caller.await.unwrap().len(), 2);
    }
    assert_eq!(model.asked("a"), 2, "the attempt that failed, and one more");
    let spent = calls.ledger().account().target;
    assert_eq!((spent.calls, spent.cache_hits), (1, 3));
}

#[tokio::test]
async fn a_failure_for_good_reaches_all_who_wait_after_one_attempt() {
    let model = Slow::new(|_| Some(Error::model("401: no such key")), 0);
    let (_, metered) = of(&model);
    let caller = || {
        let metered = metered.clone();
        tokio::spawn(async move { metered.answers(&["a", "a"].map(ask)).await })
    };
    let callers = [caller(), caller()];
    settle().await;
    model.gate.add_permits(ROOM);
    for caller in callers {
        assert!(caller.await.unwrap().unwrap_err().to_string().contains("401"));
    }
    assert_eq!(model.asked("a"), 1);
}

#[tokio::test]
async fn when_the_caller_who_asks_gives_up_who_waits_takes_over() {
    let model = Slow::new(never, 0);
    let (_, metered) = of(&model);
    let caller = || {
        let metered = metered.clone();
        tokio::spawn(async move { metered.answer(&ask("a")).await })
    };
    let (first, second) = (caller(), caller());
    settle().await;
    assert_eq!(model.asked("a"), 1);
    first.abort();
    settle().await;
    model.gate.add_permits(ROOM);
    assert_eq!(second.await.unwrap().unwrap().text, "a");
    assert_eq!(model.asked("a"), 2);
}

#[tokio::test]
async fn a_completed_call_is_a_cache_hit_in_the_same_step_and_in_the_next() {
    let model = Slow::new(never, ROOM);
    let (calls, metered) = of(&model);
    for hits in 0..3 {
        if hits == 2 {
            calls.work_towards(1);
        }
        metered.answer(&ask("a")).await.unwrap();
        let spent = calls.ledger().account().target;
        assert_eq!((spent.calls, spent.cache_hits), (1, hits));
    }
    assert_eq!(model.asked("a"), 1);
}

/// A model that forgets its last answer.
struct Careless;

#[async_trait]
impl Model for Careless {
    fn id(&self) -> &str {
        "careless"
    }

    fn batch_size(&self) -> usize {
        8
    }

    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
        batch[1..].iter().map(|request| Ok(Completion::of(request.text()))).collect()
    }
}

#[tokio::test]
async fn too_few_answers_are_no_answer_to_anything_and_stay_on_the_bill() {
    let calls = calls(Arc::new(InMemory::default()));
    let careless = calls.target(Arc::new(Careless));
    let answers = careless.complete(&["a", "b", "c"].map(ask)).await;
    assert_eq!(answers.len(), 3);
    for answer in answers {
        let error = answer.unwrap_err();
        assert!(error.to_string().contains("careless gave 2 answers to 3 requests"), "{error}");
    }
    let spent = calls.ledger().account().target;
    assert_eq!((spent.calls, spent.lost), (3, 3));
    let error = Careless.answer(&ask("a")).await.unwrap_err();
    assert!(error.is_model() && error.help().is_some(), "{error}");
}

/// A store that notes which keys it was given, and keeps no response.
#[derive(Default)]
struct Sieve {
    written: Mutex<HashSet<ResponseKey>>,
}

#[async_trait]
impl Responses for Sieve {
    async fn recall(&self, _: &ResponseKey) -> Result<Option<StoredResponse>> {
        Ok(None)
    }

    async fn remember(&self, key: &ResponseKey, _: &StoredResponse) -> Result<()> {
        self.written.lock().unwrap().insert(*key);
        Ok(())
    }

    async fn begin(&self, _: &str, _: &Attempt) -> Result<AttemptId> {
        Ok(AttemptId(0))
    }

    async fn close(&self, _: AttemptId, kept: &[(ResponseKey, StoredResponse)]) -> Result<()> {
        self.written.lock().unwrap().extend(kept.iter().map(|(key, _)| *key));
        Ok(())
    }

    async fn unanswered(&self, _: &str) -> Result<Vec<Attempt>> {
        Ok(Vec::new())
    }
}

/// The one place where a completion is kept is the store: what that does not know is asked again.
#[tokio::test]
async fn no_completion_stays_in_memory_once_its_callers_have_it() {
    let model = Slow::new(never, ROOM);
    let sieve = Arc::new(Sieve::default());
    let metered = calls(sieve.clone()).target(model.clone());
    for round in 1..=3 {
        metered.answers(&["a", "a", "b"].map(ask)).await.unwrap();
        assert_eq!((model.asked("a"), model.asked("b")), (round, round));
    }
    assert_eq!(sieve.written.lock().unwrap().len(), 2);
}

/// A search does not wait for a server that hangs; the call may have been charged for.
#[tokio::test(start_paused = true)]
async fn a_call_that_hangs_ends_with_the_seconds_of_the_budget() {
    let budget = Budget { trials: None, seconds: Some(5.0), ..Budget::default() };
    let ledger = Arc::new(Ledger::new(budget));
    let policy = CallPolicy::default();
    let calls = Calls::new(Arc::new(InMemory::default()), ledger.clone(), "me", policy);
    let model = Slow::new(never, 0);
    let error = calls.target(model.clone()).answer(&ask("a")).await.unwrap_err();
    assert_eq!(error.stop_reason(), Some(StopReason::Seconds));
    assert_eq!((ledger.account().target.calls, ledger.account().target.lost), (1, 1));
    let error = calls.target(model.clone()).answer(&ask("b")).await.unwrap_err();
    assert!(error.is_budget() && model.asked("b") == 0, "{error}");
    // The scoring after the search has the same end, and what the search is kept from.
    let proof = calls.after_the_search().target(model.clone());
    assert!(proof.answer(&ask("c")).await.unwrap_err().is_budget() && model.asked("c") == 0);
    ledger.start_the_clock();
    ledger.set_time_aside(Duration::from_secs(2));
    tokio::time::advance(Duration::from_secs(4)).await;
    model.gate.add_permits(ROOM);
    assert!(
        ledger.is_time_up(Role::Target)
            && calls.target(model.clone()).answer(&ask("d")).await.is_err()
    );
    assert_eq!(proof.answer(&ask("c")).await.unwrap().text, "c");
}

/// A pause that a server asks for does not outlast the budget, and whoever watches hears of it.
#[tokio::test(start_paused = true)]
async fn a_pause_ends_with_the_seconds_of_the_budget() {
    let busy = |_| Some(Error::model("slow down").transient(Some(Duration::from_secs(200))));
    let budget = Budget { trials: None, seconds: Some(5.0), ..Budget::default() };
    let ledger = Arc::new(Ledger::new(budget));
    let policy = CallPolicy::default();
    let calls = Calls::new(Arc::new(InMemory::default()), ledger.clone(), "me", policy);
    let begun = tokio::time::Instant::now();
    let error = calls.target(Slow::new(busy, ROOM)).answer(&ask("a")).await.unwrap_err();
    assert_eq!(error.stop_reason(), Some(StopReason::Seconds));
    assert!(begun.elapsed() < Duration::from_secs(6));
    let (left, why) = ledger.paused().unwrap();
    assert!(left > Duration::from_secs(100) && why.contains("slow down"), "{why}");
    assert_eq!(ledger.account().target.calls, 0, "a refusal is free");
}

/// A model that lets one request through at a time, as a limiter does.
struct Queueing(Arc<Slow>, Semaphore);

#[async_trait]
impl Model for Queueing {
    fn id(&self) -> &str {
        "queueing"
    }

    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
        self.0.complete(batch).await
    }

    async fn complete_with_leave(
        &self,
        batch: &[Request],
        leave: Leave<'_>,
    ) -> Vec<Result<Completion>> {
        match leave.wait(self.1.acquire()).await {
            Ok(_turn) => self.complete(batch).await,
            Err(error) => vec![Err(error); batch.len()],
        }
    }
}

/// What still waits for its turn when a key turns out to be wrong is not sent.
#[tokio::test(start_paused = true)]
async fn who_waits_for_a_turn_is_not_sent_after_a_failure_for_good() {
    let slow = Slow::new(|_| Some(Error::model("no such key")), ROOM);
    let calls = calls(Arc::new(InMemory::default()));
    let metered = calls.target(Arc::new(Queueing(slow.clone(), Semaphore::new(1))));
    let batch: Vec<Request> = (0..64).map(|i| ask(&format!("q{i}"))).collect();
    let answers = metered.complete(&batch).await;
    assert!(answers.iter().all(|answer| answer.as_ref().unwrap_err().is_model()));
    assert_eq!(slow.attempts.load(Ordering::SeqCst), 1);
    assert_eq!((calls.ledger().account().target.calls, calls.ledger().in_flight()), (0, 0));
}

/// Requests that failed together are told once how often they were tried.
#[tokio::test(start_paused = true)]
async fn the_number_of_attempts_is_told_once() {
    let busy = |_| Some(Error::model("busy").transient(None));
    let metered = calls(Arc::new(InMemory::default())).target(Slow::new(busy, ROOM));
    let batch: Vec<Request> = (0..32).map(|i| ask(&format!("q{i}"))).collect();
    for answer in metered.complete(&batch).await {
        let error = answer.unwrap_err();
        assert!(error.to_string().matches("attempts").count() <= 1, "{error}");
    }
}
