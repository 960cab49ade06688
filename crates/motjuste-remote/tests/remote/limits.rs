//! An endpoint under load: it adapts and it pauses.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use motjuste::model::Model;
use motjuste_remote::{Address, Endpoint, Limits, RemoteModel};
use tokio::task::JoinSet;

use crate::server::{Act, Server, request, settings};

const HI: &str = r#"{"choices":[{"message":{"content":"hi"}}],
    "usage":{"prompt_tokens":9,"completion_tokens":3}}"#;

fn limited(server: &Server, limits: Limits) -> RemoteModel {
    let mut settings = settings();
    settings.limits = limits;
    settings.timeouts.total = Duration::from_secs(10);
    let address = Address::new("openai/m").at(server.base());
    let endpoint = Endpoint::open(&address, &settings).unwrap();
    RemoteModel::at(endpoint, &address).unwrap()
}

/// Calls until each of `count` has its answer; how many attempts were in vain.
async fn insist(model: &RemoteModel, count: usize) -> usize {
    let mut calls = JoinSet::new();
    for _ in 0..count {
        let model = model.clone();
        calls.spawn(async move {
            let mut refused = 0;
            while let Err(error) = model.answer(&request()).await {
                assert!(error.is_transient(), "{error}");
                refused += 1;
            }
            refused
        });
    }
    calls.join_all().await.into_iter().sum()
}

#[tokio::test]
async fn concurrency_stays_below_the_maximum() {
    let server = Server::always(Act::Late(Duration::from_millis(5), HI.into())).await;
    let model = limited(&server, Limits { concurrency: 3, ..Limits::default() });
    insist(&model, 30).await;
    assert!(server.most_at_once() <= 3, "{}", server.most_at_once());
}

/// The server refuses more than four at once. Without adapting, 60 callers that insist would be
/// refused hundreds of times.
#[tokio::test]
async fn concurrency_adapts_to_what_the_server_bears() {
    let busy = Arc::new(AtomicUsize::new(0));
    let server = Server::start(move |_, _| {
        if busy.fetch_add(1, Ordering::SeqCst) < 4 {
            let busy = Arc::clone(&busy);
            return Act::Then(
                Duration::from_millis(10),
                HI.into(),
                Arc::new(move || {
                    busy.fetch_sub(1, Ordering::SeqCst);
                }),
            );
        }
        busy.fetch_sub(1, Ordering::SeqCst);
        Act::Answer(429, "", "{}".into())
    })
    .await;
    let refused =
        insist(&limited(&server, Limits { concurrency: 64, ..Limits::default() }), 60).await;
    assert!(refused <= 200, "{refused} refusals for 60 answers");
}

#[tokio::test]
async fn after_a_refusal_nobody_asks_before_the_time_is_over() {
    let server = Server::start(|before, _| match before {
        0 => Act::Answer(429, "retry-after-ms: 300\r\n", "{}".into()),
        _ => Act::ok(HI),
    })
    .await;
    let model = limited(&server, Limits::default());
    let start = Instant::now();
    assert_eq!(insist(&model, 1).await, 1);
    assert!(start.elapsed() >= Duration::from_millis(300), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_call_that_is_dropped_gives_its_place_back() {
    let server = Server::start(|before, _| match before {
        0 => Act::Hang,
        _ => Act::ok(HI),
    })
    .await;
    let model = limited(&server, Limits { concurrency: 1, ..Limits::default() });
    let question = request();
    let dropped = tokio::time::timeout(Duration::from_millis(100), model.answer(&question));
    assert!(dropped.await.is_err());
    assert_eq!(model.answer(&question).await.unwrap().text, "hi");
}

/// A server with one slot queues the rest, and an answer takes so many times longer as others wait.
#[tokio::test]
async fn a_server_of_ones_own_is_asked_as_it_can_answer() {
    let gate = Arc::new(std::sync::Mutex::new(0_u32));
    let server = Server::start(move |_, _| {
        let mut waiting = gate.lock().unwrap();
        *waiting += 1;
        let (place, gate) = (*waiting, Arc::clone(&gate));
        let served = Arc::new(move || *gate.lock().unwrap() -= 1);
        Act::Then(Duration::from_millis(20) * place, HI.into(), served)
    })
    .await;
    let model = limited(&server, Limits { concurrency: 64, ..Limits::default() });
    assert_eq!(insist(&model, 40).await, 0);
    assert!(server.most_at_once() <= 4, "{}", server.most_at_once());
}

#[tokio::test]
async fn llama_cpp_is_asked_as_it_has_slots() {
    let server = Server::start(|_, received| match received.head.starts_with("get /props ") {
        true => Act::ok(r#"{"total_slots": 3, "model_path": "m.gguf"}"#),
        false => Act::Late(Duration::from_millis(20), HI.into()),
    })
    .await;
    let model = server.model("llama_cpp/m");
    assert_eq!(insist(&model, 12).await, 0);
    assert_eq!(server.most_at_once(), 3);
    let asked = server.received().iter().filter(|it| it.head.starts_with("get /props ")).count();
    assert_eq!(asked, 1);
}

#[tokio::test]
async fn a_limit_of_nothing_is_refused() {
    let none = Limits { requests_per_minute: Some(0), ..Limits::default() };
    let none = [none, Limits { concurrency: 0, ..Limits::default() }];
    for limits in none {
        let settings = motjuste_remote::Settings { limits, ..settings() };
        let error = Endpoint::open(&Address::new("ollama/m"), &settings).unwrap_err();
        assert!(error.is_configuration() && error.help().is_some(), "{error}");
    }
}
