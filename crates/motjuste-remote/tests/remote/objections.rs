//! Servers that refuse a field of the request by its name.

use std::sync::{Arc, Mutex};

use motjuste::model::{Decoding, FinishReason, Model, Request};
use motjuste_remote::{Address, Endpoint, Notices, RemoteModel};
use serde_json::{Value, json};

use crate::server::{Act, KEY, Received, Server, request, settings};

const CHAT: &str = r#"{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],
    "usage":{"prompt_tokens":9,"completion_tokens":1}}"#;
const CLAUDE: &str = r#"{"content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn",
    "usage":{"input_tokens":9,"output_tokens":1}}"#;
const GEMINI: &str = r#"{"candidates":[{"content":{"parts":[{"text":"hi"}]},"finishReason":"STOP"}],
    "usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":1}}"#;

fn drawn() -> Request {
    let decoding = Decoding { max_tokens: 8, temperature: 0.5, draw: 7 };
    Request {
        returns: motjuste::model::Returns { logprobs: true, ..Default::default() },
        ..Request::new("Say hi", decoding)
    }
}

/// A server that refuses the first of these fields that a body has, with what `refusal` says of it.
async fn without(
    fields: &'static [&'static str],
    refusal: impl Fn(&str) -> Act + Send + Sync + 'static,
    answer: &'static str,
) -> Server {
    let holds = |received: &Received, field: &str| {
        let inner = received.body.get("generationConfig").unwrap_or(&received.body);
        inner.get(field).is_some()
    };
    Server::start(move |_, received| match fields.iter().find(|field| holds(received, field)) {
        Some(field) => refusal(field),
        None => Act::ok(answer),
    })
    .await
}

fn openai(field: &str) -> Act {
    let message = format!("Unsupported parameter: '{field}' is not supported with this model.");
    let error = json!({"message": message, "type": "invalid_request_error", "param": field,
        "code": "unsupported_parameter"});
    Act::Answer(400, "", json!({"error": error}).to_string())
}

#[tokio::test]
async fn each_refused_field_costs_one_free_repeat_and_is_remembered() {
    let all = &["max_tokens", "temperature", "seed", "logprobs"];
    let server = without(all, openai, CHAT).await;
    let model = server.model("openai_compatible/gpt-5-mini");
    let answer = model.answer(&drawn()).await.unwrap();
    assert_eq!((answer.text.as_str(), answer.usage.tokens()), ("hi", 10));
    assert_eq!(server.received().len(), 5);
    model.clone().answer(&drawn()).await.unwrap();
    assert_eq!(server.received().len(), 6);
    let body = server.received().pop().unwrap().body;
    let expected = json!({"model": "gpt-5-mini", "max_completion_tokens": 8008,
        "messages": [{"role": "user", "content": "Say hi"}]});
    assert_eq!(body, expected);
}

#[tokio::test]
async fn refusals_are_understood_in_the_words_of_many_servers() {
    let say = |text: &'static str| move |_: &str| Act::Answer(400, "", text.into());
    let detail = r#"{"detail":[{"type":"extra_forbidden","loc":["body","seed"],"msg":"Extra inputs are not permitted"}]}"#;
    let cases: [(&str, &'static [&'static str], &'static str, &'static str); 6] = [
        (
            "openai_compatible/m",
            &["temperature"],
            CHAT,
            r#"{"error":{"message":"litellm.UnsupportedParamsError: these models don't support temperature=0.5. Only temperature=1 is supported.","code":"400"}}"#,
        ),
        (
            "openai/m",
            &["temperature"],
            CHAT,
            r#"{"error":{"message":"Unsupported value: 'temperature' does not support 0.5 with this model. Only the default (1) value is supported.","param":"temperature","code":"unsupported_value"}}"#,
        ),
        (
            "anthropic/m",
            &["temperature"],
            CLAUDE,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"`temperature` may only be set to 1 when thinking is enabled."}}"#,
        ),
        (
            "gemini/m",
            &["seed"],
            GEMINI,
            r#"{"error":{"code":400,"message":"Invalid JSON payload received. Unknown name \"seed\" at 'generation_config': Cannot find field.","status":"INVALID_ARGUMENT"}}"#,
        ),
        ("hosted_vllm/m", &["seed"], CHAT, detail),
        (
            "openrouter/m",
            &["logprobs"],
            CHAT,
            r#"{"error":{"message":"property 'logprobs' is unsupported","code":400}}"#,
        ),
    ];
    for (name, fields, answer, said) in cases {
        let server = without(fields, say(said), answer).await;
        assert_eq!(server.model(name).answer(&drawn()).await.unwrap().text, "hi", "{said}");
        assert_eq!(server.received().len(), 2, "{said}");
    }
    let inside = r#"{"error":{"message":"temperature is not supported","code":400}}"#;
    let server = without(&["temperature"], move |_| Act::ok(inside), CHAT).await;
    assert_eq!(server.model("openrouter/m").answer(&drawn()).await.unwrap().text, "hi");
}

/// One that names a value, or a field of the person's own, is for the person to mend.
#[tokio::test]
async fn other_refusals_are_told() {
    let large = r#"{"error":{"message":"max_tokens is too large: 8. This model supports at most 4 tokens.","param":"max_tokens","code":"invalid_value"}}"#;
    let server = Server::always(Act::Answer(400, "", large.into())).await;
    let error = server.model("openai/m").answer(&request()).await.unwrap_err();
    assert!(!error.may_be_billed() && error.to_string().contains("too large"), "{error}");
    assert_eq!(server.received().len(), 1);
    let server = without(&["temperature"], openai, CHAT).await;
    let own = server.asked_with("openai/m", r#"{"temperature": 0.3}"#);
    let error = own.answer(&request()).await.unwrap_err();
    assert!(error.to_string().contains("'temperature'") && error.setting().is_some(), "{error}");
    let server = without(&["max_tokens", "max_completion_tokens"], openai, CHAT).await;
    assert!(server.model("openai/m").answer(&request()).await.is_err());
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn what_was_done_is_said_once() {
    let server = without(
        &["temperature"],
        |field| {
            let said = format!("{{\"error\":{{\"message\":\"{KEY}: {field} is not supported\"}}}}");
            Act::Answer(400, "", said)
        },
        CHAT,
    )
    .await;
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let hears = Arc::clone(&heard);
    let notices = Notices::to(move |notice| hears.lock().unwrap().push(notice.text.clone()));
    let settings = motjuste_remote::Settings { notices, ..settings() };
    let address = Address::new("openai/m").at(server.base());
    let endpoint = Endpoint::open(&address, &settings).unwrap();
    let model = RemoteModel::at(endpoint, &address).unwrap();
    let batch = vec![request(); 9];
    assert!(model.complete(&batch).await.iter().all(Result::is_ok));
    let heard = heard.lock().unwrap();
    assert!(heard.len() == 1 && heard[0].contains("temperature"), "{heard:?}");
    assert!(!heard[0].contains(KEY), "{heard:?}");
}

#[tokio::test]
async fn why_an_answer_ended_is_told_as_what_it_is() {
    let chat = |message: Value, reason: &str| {
        json!({"choices": [{"message": message, "finish_reason": reason}]}).to_string()
    };
    let claude = r#"{"content":[{"type":"tool_use","id":"1","name":"f","input":{}}],"stop_reason":"tool_use"}"#;
    let gemini = r#"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}}]},"finishReason":"STOP"}]}"#;
    let called = json!({"content": null, "tool_calls": [{"id": "1"}]});
    let cases = [
        ("openai/m", chat(called, "tool_calls"), FinishReason::ToolCalls),
        ("openai/m", chat(json!({"content": null}), "stop"), FinishReason::Stop),
        ("openai/m", chat(json!({"content": "The re"}), "length"), FinishReason::Length),
        ("openai/m", chat(json!({"content": "x"}), "content_filter"), FinishReason::Filter),
        ("openai/m", chat(json!({"reasoning_content": "hm"}), "stop"), FinishReason::Stop),
        ("anthropic/m", claude.into(), FinishReason::ToolCalls),
        ("gemini/m", gemini.into(), FinishReason::ToolCalls),
    ];
    for (name, body, reason) in cases {
        let server = Server::always(Act::ok(body.clone())).await;
        let answer = server.model(name).answer(&request()).await.unwrap();
        assert_eq!(answer.finish_reason, reason, "{body}");
        assert_eq!(answer.text.is_empty(), reason != FinishReason::Length, "{body}");
    }
}
