//! What a probe finds.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Mutex;

use motjuste_remote::{Finding, Probe};
use serde_json::json;

use crate::server::{Act, KEY, Server};
use crate::soft_prompts::generator;

const UNKNOWN: &str = r#"{"error":{"message":"The model `m` does not exist","code":"404"}}"#;

fn failed(probe: &Probe) -> &Finding {
    probe.findings.iter().find(|finding| !finding.passed).unwrap()
}

#[tokio::test]
async fn a_target_that_answers_passes() {
    let body = r#"{"choices":[{"message":{"content":"yes"}}],"usage":{"completion_tokens":1}}"#;
    let server = Server::always(Act::ok(body)).await;
    assert!(server.model("openai/m").probe().await.passed());
    assert!(server.received()[0].body["max_tokens"].as_u64().unwrap() <= 16);
}

#[tokio::test]
async fn a_target_that_is_not_known_is_told_from_those_that_are() {
    let server = Server::start(|_, received| match received.head.starts_with("get /v1/models ") {
        true => Act::ok(r#"{"data":[{"id":"llama"},{"id":"qwen"}]}"#),
        false => Act::Answer(404, "", UNKNOWN.into()),
    })
    .await;
    let probe = server.model("openai/m").probe().await;
    let finding = failed(&probe);
    assert!(finding.advice.as_ref().unwrap().contains("llama, qwen"), "{finding:?}");
    assert!(!format!("{probe:?}").contains(KEY));
}

/// A server that answers every payload by a function of it and of how many requests came before, and
/// a text as it answered the payload before: the probe asks for the same text first.
async fn answering(answer: impl Fn(&str, usize) -> String + Send + Sync + 'static) -> Server {
    let last = Mutex::new(String::new());
    Server::start(move |before, received| {
        let mut last = last.lock().unwrap();
        let body = &received.body;
        let mut texts = vec![last.clone()];
        match body["prompt_embeds"].as_array() {
            None => assert_eq!(body["add_special_tokens"], false),
            Some(prompts) => {
                texts = prompts.iter().map(|one| answer(one.as_str().unwrap(), before)).collect();
            }
        }
        last.clone_from(&texts[0]);
        let choice = |(index, text)| json!({"index": index, "text": text});
        let choices: Vec<_> = texts.iter().enumerate().map(choice).collect();
        Act::ok(json!({"choices": choices}).to_string())
    })
    .await
}

/// Different answers to different payloads.
fn told_apart(payload: &str) -> String {
    let mut hasher = DefaultHasher::new();
    payload.hash(&mut hasher);
    hasher.finish().to_string()
}

#[tokio::test]
async fn a_server_that_reads_embeddings_passes_every_check() {
    let server = answering(|payload, _| told_apart(payload)).await;
    let probe = generator(&server).probe().await;
    assert!(probe.passed() && probe.findings.len() == 4, "{probe:#?}");
}

#[tokio::test]
async fn a_server_that_does_not_heed_soft_prompts_is_found_out() {
    let server = answering(|_, _| "always the same".to_owned()).await;
    let probe = generator(&server).probe().await;
    assert!(failed(&probe).meaning.contains("one answer"), "{probe:#?}");
}

/// A prefix cache that mixes prompts up: what is answered depends on what was asked before.
#[tokio::test]
async fn a_server_that_answers_by_history_is_found_out() {
    let by_history = |payload: &str, before| format!("{} {}", told_apart(payload), before / 4);
    let server = answering(by_history).await;
    let probe = generator(&server).probe().await;
    assert!(failed(&probe).advice.as_ref().unwrap().contains("prefix-caching"), "{probe:#?}");
}

/// An embedder with a chat template, as that of every model for chats.
#[tokio::test]
async fn the_embeddings_of_a_message_are_held_against_the_message() {
    let first = Mutex::new(None::<String>);
    let server = Server::start(move |_, received| {
        let body = &received.body;
        let reply = match (body["prompt_embeds"].as_array(), body["messages"].is_array()) {
            (Some(prompts), _) => {
                let choice = |(index, one): (usize, &serde_json::Value)| {
                    json!({"index": index, "text": told_apart(one.as_str().unwrap())})
                };
                json!({"choices": prompts.iter().enumerate().map(choice).collect::<Vec<_>>()})
            }
            (None, true) => {
                assert_eq!(body["messages"][0]["role"], "user");
                json!({"choices": [{"index": 0, "message": {"content": first.lock().unwrap().clone()}}]})
            }
            (None, false) => json!({"choices": [{"index": 0, "text": "as a bare text"}]}),
        };
        if let Some(text) = reply["choices"][0]["text"].as_str() {
            first.lock().unwrap().get_or_insert(text.to_owned());
        }
        Act::ok(reply.to_string())
    })
    .await;
    let probe = generator(&server).probe().await;
    assert!(probe.passed(), "{probe:#?}");
}

/// Another model behind the embedder.
#[tokio::test]
async fn an_embedder_of_another_model_is_found_out() {
    let server = Server::start(|_, received| {
        let text = if received.body["prompt"].is_string() { "as text" } else { "as embeddings" };
        Act::ok(json!({"choices": [{"index": 0, "text": text}]}).to_string())
    })
    .await;
    let probe = generator(&server).probe().await;
    assert!(failed(&probe).advice.as_ref().unwrap().contains("folder"), "{probe:#?}");
}

#[tokio::test]
async fn a_server_without_the_flag_is_one_finding_with_the_flag() {
    let body = r#"{"error":{"message":"You must set `--enable-prompt-embeds`","code":400}}"#;
    let server = Server::always(Act::Answer(400, "", body.into())).await;
    let probe = generator(&server).probe().await;
    assert_eq!(probe.findings.len(), 1);
    assert!(failed(&probe).advice.as_ref().unwrap().contains("--enable-prompt-embeds"));
}
