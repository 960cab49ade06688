//! Answers that are odd, and kept as they may be: too long, with a key in them, with a usage that cannot be.

use std::sync::{Arc, Mutex};

use motjuste::model::{Decoding, FinishReason, Leave, Model, Request};
use motjuste::usage::Usage;
use motjuste::{Error, Result};
use motjuste_remote::{Address, Endpoint, Limits, Notices, RemoteModel, Settings};
use serde_json::{Value, json};

use crate::server::{Act, KEY, Server, request, settings};

/// A model at a server, and what it tells.
fn told(server: &Server, name: &str) -> (RemoteModel, Arc<Mutex<Vec<String>>>) {
    let told: Arc<Mutex<Vec<String>>> = Arc::default();
    let hear = told.clone();
    let notices = Notices::to(move |notice| hear.lock().unwrap().push(notice.text.clone()));
    let address = Address::new(name).at(server.base());
    let mut settings = Settings { notices, ..settings() };
    settings.timeouts.total = std::time::Duration::from_secs(20);
    let endpoint = Endpoint::open(&address, &settings).unwrap();
    (RemoteModel::at(endpoint, &address).unwrap(), told)
}

fn chat(content: &str, usage: Value) -> String {
    let message = json!({ "message": { "content": content }, "finish_reason": "stop" });
    json!({ "choices": [message], "usage": usage }).to_string()
}

#[tokio::test]
async fn an_answer_of_31_mb_is_cut_and_counted() {
    let long = "é\"\\ ".repeat(8 << 20);
    let server = Server::always(Act::ok(chat(&long, json!({ "completion_tokens": 3 })))).await;
    let (model, told) = told(&server, "openai/m");
    for _ in 0..2 {
        let answer = model.answer(&request()).await.unwrap();
        assert_eq!(answer.finish_reason, FinishReason::Length);
        assert!(answer.text.len() < 20_000 && long.starts_with(&answer.text));
        assert_eq!(answer.usage, request().worst_case());
    }
    let told = told.lock().unwrap();
    assert!(told.len() == 1 && told[0].contains("8 tokens were asked for"), "{told:?}");
}

#[tokio::test]
async fn a_longer_answer_than_was_asked_for_is_cut_where_it_was_read_whole() {
    let long = "word ".repeat(10_000);
    let shapes = [
        ("openai/m", chat(&long, json!({}))),
        ("anthropic/m", json!({ "content": [{ "type": "text", "text": long }] }).to_string()),
        (
            "gemini/m",
            json!({ "candidates": [{ "content": { "parts": [{ "text": long }] }, "finishReason": "STOP" }] })
                .to_string(),
        ),
    ];
    for (name, body) in shapes {
        let server = Server::always(Act::ok(body)).await;
        let answer = told(&server, name).0.answer(&request()).await.unwrap();
        assert_eq!(answer.finish_reason, FinishReason::Length, "{name}");
        assert!(long.starts_with(&answer.text) && answer.text.len() == (16 << 10) + 128 * 8);
    }
    let asked = Request::new("Write", Decoding::greedy(2000));
    let server = Server::always(Act::ok(chat(&long, json!({})))).await;
    let answer = told(&server, "openai/m").0.answer(&asked).await.unwrap();
    assert_eq!((answer.text, answer.finish_reason), (long, FinishReason::Stop));
}

#[tokio::test]
async fn an_answer_that_holds_the_key_loses_it_and_that_is_told() {
    let reversed: String = KEY.chars().rev().collect();
    for said in [KEY, &KEY[..KEY.len() - 4], &reversed] {
        let text = format!("your key is {said}!");
        let shapes = [
            ("openai/m", chat(&text, json!({}))),
            ("anthropic/m", json!({ "content": [{ "type": "text", "text": text }] }).to_string()),
        ];
        for (name, body) in shapes {
            let server = Server::always(Act::ok(body)).await;
            let (model, told) = told(&server, name);
            let answer = model.answer(&request()).await.unwrap();
            assert_eq!(answer.text, "your key is [hidden]!", "{name}");
            assert!(told.lock().unwrap()[0].contains("holds a key of yours"));
        }
    }
}

#[tokio::test]
async fn a_usage_that_cannot_be_is_counted_at_its_worst_and_told() {
    let worst = request().worst_case();
    let cases = [
        (json!({ "prompt_tokens": 10_u64.pow(15), "completion_tokens": 3 }), (worst.tokens_in, 3)),
        (json!({ "prompt_tokens": 9, "completion_tokens": u64::MAX }), (9, worst.tokens_out)),
        (
            json!({ "prompt_tokens": -1, "completion_tokens": 1.5 }),
            (worst.tokens_in, worst.tokens_out),
        ),
        (
            json!({ "prompt_tokens": "9", "completion_tokens": [] }),
            (worst.tokens_in, worst.tokens_out),
        ),
    ];
    for (usage, (tokens_in, tokens_out)) in cases {
        let server = Server::always(Act::ok(chat("hi", usage.clone()))).await;
        let (model, told) = told(&server, "openai/m");
        for _ in 0..2 {
            let answer = model.answer(&request()).await.unwrap();
            assert_eq!(answer.usage, Usage { tokens_in, tokens_out }, "{usage}");
        }
        let told = told.lock().unwrap();
        assert!(told.len() == 1 && told[0].contains("no call can have"), "{told:?}");
    }
    let own = chat("hi", json!({ "prompt_tokens": 3000.0, "completion_tokens": 500 }));
    let server = Server::always(Act::ok(own)).await;
    let (model, told) = told(&server, "openai/m");
    let usage = model.answer(&request()).await.unwrap().usage;
    assert_eq!(
        usage,
        Usage { tokens_in: 3000, tokens_out: 500 },
        "a server may count a prompt of its own"
    );
    assert!(told.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_server_that_speaks_tls_alone_is_told_from_one_that_is_down() {
    let alert = Act::Bytes(vec![0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46]);
    let nginx =
        Act::Answer(400, "", "<html>The plain HTTP request was sent to HTTPS port</html>".into());
    let go = Act::Answer(400, "", "Client sent an HTTP request to an HTTPS server.\n".into());
    for act in [alert, nginx, go] {
        let server = Server::always(act).await;
        let error = server.model("openai/m").answer(&request()).await.unwrap_err();
        assert!(error.to_string().contains("no plain http") && !error.is_transient(), "{error}");
        assert!(error.help().unwrap().contains("https"), "{error:?}");
    }
}

/// Many wait for a turn behind one that is refused for good.
#[tokio::test]
async fn requests_that_wait_for_their_turn_are_not_sent_once_there_is_no_leave() {
    let server = Server::always(Act::Answer(401, "", "{}".into())).await;
    let (model, _) = told(&server, "openai/m");
    let refused: Mutex<Option<Error>> = Mutex::default();
    let check = || refused.lock().unwrap().clone().map_or(Ok(()), Err);
    let ask = async || {
        let answer = model.complete_with_leave(&[request()], Leave::under(&check)).await.remove(0);
        *refused.lock().unwrap() = answer.err();
    };
    futures::future::join_all((0..50).map(|_| ask())).await;
    assert!(server.received().len() <= 2, "{} requests left", server.received().len());
}

#[tokio::test]
async fn as_many_as_a_person_says_are_in_flight_at_once() -> Result<()> {
    let late = Act::Late(std::time::Duration::from_millis(300), chat("hi", json!({})));
    let server = Server::always(late).await;
    let mut settings = settings();
    settings.timeouts.total = std::time::Duration::from_secs(20);
    settings.limits = Limits { concurrency: 12, at_once: true, ..Limits::default() };
    let address = Address::new("openai/m").at(server.base());
    let model = RemoteModel::at(Endpoint::open(&address, &settings)?, &address)?;
    let batch: Vec<Request> = (0..12).map(|_| request()).collect();
    assert!(model.complete(&batch).await.iter().all(Result::is_ok));
    assert_eq!(server.most_at_once(), 12);
    Ok(())
}
