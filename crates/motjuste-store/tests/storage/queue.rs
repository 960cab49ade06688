//! The queue of calls on a server: who makes them, and what becomes of them where somebody ends.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use motjuste::Error;
use motjuste::model::{Completion, Decoding, Leave, Model, Request, Scripted};
use motjuste::work::{Call, Failure, Fate, Pace, Queue, Shared, Worker};
use motjuste_store::{Part, PostgresQueue};
use tokio::task::JoinSet;

use crate::server::server;

async fn asker(url: &str) -> Arc<PostgresQueue> {
    Arc::new(PostgresQueue::join(url, Part::Asker).await.unwrap())
}

async fn worker(url: &str) -> Arc<PostgresQueue> {
    Arc::new(PostgresQueue::join(url, Part::Worker).await.unwrap())
}

fn call(text: &str) -> Call {
    let request = Request::new(text, Decoding::greedy(4));
    Call { model: "m".into(), id: "m".into(), request, pace: None }
}

/// The calls that a worker gets, however many looks that takes.
async fn claimed(worker: &PostgresQueue, count: usize) -> Vec<motjuste::work::Claimed> {
    let mut all = Vec::new();
    while all.len() < count {
        all.extend(worker.claim(count - all.len()).await.unwrap());
    }
    all
}

async fn until(what: impl Fn() -> bool) {
    for _ in 0..300 {
        if what() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it does not happen");
}

fn echo() -> Arc<dyn Model> {
    Arc::new(Scripted::new("m", |request| request.text().to_uppercase()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: .ci/run postgres"]
async fn workers_share_the_calls_and_each_is_made_once() {
    let url = server().fresh();
    let asker = asker(&url).await;
    let stop = Arc::new(AtomicBool::new(false));
    let mut workers = JoinSet::new();
    for _ in 0..3 {
        let worker = Worker::new(worker(&url).await, 4, |_| Ok(echo()));
        workers.spawn(worker.run(stop.clone()));
    }
    until(|| asker.workers() > 0).await;
    let shared = Arc::new(Shared::new(echo(), "m", asker));
    let mut answers = JoinSet::new();
    for number in 0..200 {
        let shared = shared.clone();
        answers.spawn(async move {
            let request = Request::new(format!("a{number}"), Decoding::greedy(4));
            (number, shared.answer(&request).await.unwrap().text)
        });
    }
    for (number, text) in answers.join_all().await {
        assert_eq!(text, format!("A{number}"));
    }
    stop.store(true, Ordering::Relaxed);
    let served: Vec<_> = workers.join_all().await.into_iter().map(Result::unwrap).collect();
    assert_eq!(served.iter().map(|served| served.answered).sum::<u64>(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: .ci/run postgres"]
async fn a_call_whose_worker_ended_is_lost_and_counted() {
    let url = server().fresh();
    let (asker, dying) = (asker(&url).await, worker(&url).await);
    until(|| asker.workers() > 0).await;
    let asking =
        tokio::spawn(async move { asker.ask(call("hello"), Leave::always()).await.unwrap() });
    assert_eq!(claimed(&dying, 1).await.len(), 1);
    drop(dying);
    let Fate::Asked(Err(failure)) = asking.await.unwrap() else { panic!("it was answered") };
    let error = failure.into_error();
    assert!(error.is_transient() && error.may_be_billed(), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: .ci/run postgres"]
async fn an_answer_whose_study_ended_is_there_for_the_next() {
    let url = server().fresh();
    let worker = worker(&url).await;
    let first = asker(&url).await;
    until(|| first.workers() > 0).await;
    let asking = tokio::spawn(async move { first.ask(call("hello"), Leave::always()).await });
    let taken = claimed(&worker, 1).await.remove(0);
    asking.abort();
    assert!(asking.await.is_err());
    // Its call is being made; a moment later the server has noticed that its session ended.
    tokio::time::sleep(Duration::from_secs(1)).await;
    worker.finish(taken.id, &Ok(Completion::of("HELLO"))).await.unwrap();
    let next = asker(&url).await;
    let Fate::Asked(Ok(completion)) = next.ask(call("hello"), Leave::always()).await.unwrap()
    else {
        panic!("it was asked again")
    };
    assert_eq!(completion.text, "HELLO");
    assert!(worker.claim(1).await.unwrap().is_empty(), "it is made twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: .ci/run postgres"]
async fn a_failure_that_a_study_ended_with_is_not_told_to_the_next() {
    let url = server().fresh();
    let worker = worker(&url).await;
    let (first, next) = (asker(&url).await, asker(&url).await);
    until(|| first.workers() > 0).await;
    let asking =
        tokio::spawn(async move { first.ask(call("hello"), Leave::always()).await.unwrap() });
    let taken = claimed(&worker, 1).await.remove(0);
    let refused = Failure::from(&Error::configuration("no key"));
    worker.finish(taken.id, &Err(refused)).await.unwrap();
    assert!(matches!(asking.await.unwrap(), Fate::Asked(Err(_))));
    tokio::time::sleep(Duration::from_secs(1)).await;
    let asking = tokio::spawn(async move { next.ask(call("hello"), Leave::always()).await });
    let again = claimed(&worker, 1).await.remove(0);
    worker.finish(again.id, &Ok(Completion::of("HELLO"))).await.unwrap();
    assert!(matches!(asking.await.unwrap().unwrap(), Fate::Asked(Ok(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: .ci/run postgres"]
async fn what_no_worker_can_make_is_returned_unasked() {
    let url = server().fresh();
    let (asker, worker) = (asker(&url).await, worker(&url).await);
    until(|| asker.workers() > 0).await;
    let asking = {
        let asker = asker.clone();
        tokio::spawn(async move { asker.ask(call("hello"), Leave::always()).await.unwrap() })
    };
    let taken = claimed(&worker, 1).await.remove(0);
    worker.decline(taken.id).await.unwrap();
    assert_eq!(asking.await.unwrap(), Fate::Returned);
    // Nor is there anybody after the last worker left.
    drop(worker);
    until(|| asker.workers() == 0).await;
    assert_eq!(asker.ask(call("again"), Leave::always()).await.unwrap(), Fate::Returned);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: .ci/run postgres"]
async fn all_workers_together_keep_a_pace() {
    let url = server().fresh();
    let (asker, one, other) = (asker(&url).await, worker(&url).await, worker(&url).await);
    let paced = |number: i32| {
        let pace = Pace { server: "s".into(), takes: Duration::from_secs(60) };
        Call { pace: Some(pace), ..call(&number.to_string()) }
    };
    let mut asking = JoinSet::new();
    for number in 0..4 {
        let asker = asker.clone();
        asking.spawn(async move { asker.ask(paced(number), Leave::always()).await });
    }
    let mut claims = claimed(&one, 2).await;
    claims.extend(claimed(&other, 2).await);
    let minutes: HashSet<u64> =
        claims.iter().map(|claim| (claim.wait.as_secs() + 30) / 60).collect();
    assert_eq!(minutes, HashSet::from([0, 1, 2, 3]));
    asking.abort_all();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: .ci/run postgres"]
async fn without_leave_a_call_is_taken_back_unless_it_is_being_made() {
    let url = server().fresh();
    let (asker, worker) = (asker(&url).await, worker(&url).await);
    until(|| asker.workers() > 0).await;
    let ended = Arc::new(AtomicBool::new(false));
    let put = |text: &'static str| {
        let (asker, ended) = (asker.clone(), ended.clone());
        tokio::spawn(async move {
            let check = move || match ended.load(Ordering::Relaxed) {
                true => Err(Error::interrupted()),
                false => Ok(()),
            };
            asker.ask(call(text), Leave::under(&check)).await
        })
    };
    let made = put("made");
    let taken = claimed(&worker, 1).await.remove(0);
    let waiting = put("waiting");
    ended.store(true, Ordering::Relaxed);
    assert!(waiting.await.unwrap().unwrap_err().is_interrupted());
    assert!(worker.claim(1).await.unwrap().is_empty());
    worker.finish(taken.id, &Ok(Completion::of("MADE"))).await.unwrap();
    assert!(matches!(made.await.unwrap().unwrap(), Fate::Asked(Ok(_))));
}
