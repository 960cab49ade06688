//! Parameters of a model: fields of the body, headers, a timeout; and what they are to its identity.

use std::collections::BTreeMap;
use std::time::Duration;

use motjuste::model::{Decoding, Message, Model, Parameters, Request};
use motjuste_remote::{Address, Endpoint, Environment, RemoteModel, Settings};
use serde_json::json;

use crate::server::{Act, KEY, Server, request, settings};

const CHAT: &str = r#"{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}"#;

#[tokio::test]
async fn fields_go_out_in_the_providers_words() {
    let server = Server::always(Act::ok(CHAT)).await;
    let format =
        json!({"type": "json_schema", "json_schema": {"name": "a", "schema": {"default": null}}});
    let fields = json!({"response_format": format, "temperature": null, "reasoning_effort": "low",
        "max_completion_tokens": true});
    let model = server.asked_with("openai/m", &fields.to_string());
    model.answer(&request()).await.unwrap();
    let expected = json!({"model": "m", "messages": [{"role": "user", "content": "Say hi"}],
        "response_format": format, "reasoning_effort": "low", "max_completion_tokens": 8});
    assert_eq!(server.received()[0].body, expected);
    let said = r#"{"content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn"}"#;
    let server = Server::always(Act::ok(said)).await;
    server
        .asked_with("anthropic/m", r#"{"temperature": null, "top_p": 0.9}"#)
        .answer(&request())
        .await
        .unwrap();
    let expected = json!({"model": "m", "messages": [{"role": "user", "content": "Say hi"}],
        "max_tokens": 8, "top_p": 0.9});
    assert_eq!(server.received()[0].body, expected);
    let said = r#"{"candidates":[{"content":{"parts":[{"text":"hi"}]},"finishReason":"STOP"}]}"#;
    let server = Server::always(Act::ok(said)).await;
    let fields = r#"{"responseMimeType": "application/json", "generationConfig": {"responseSchema": {"type": "STRING"}}}"#;
    server.asked_with("gemini/m", fields).answer(&request()).await.unwrap();
    let config = json!({"maxOutputTokens": 8, "temperature": 0.0, "responseMimeType": "application/json",
        "responseSchema": {"type": "STRING"}});
    assert_eq!(server.received()[0].body["generationConfig"], config);
}

#[tokio::test]
async fn another_parameter_is_another_model() {
    let server = Server::always(Act::ok(CHAT)).await;
    let id = |fields| server.asked_with("openai/m", fields).id().to_owned();
    assert_eq!(id("{}"), server.model("openai/m").id());
    assert_ne!(id(r#"{"top_p": 0.5}"#), id(r#"{"top_p": 0.6}"#));
    assert_eq!(id(r#"{"a": 1, "b": 2}"#), id(r#"{"b": 2, "a": 1}"#));
    assert!(id(r#"{"reasoning_effort": "low"}"#).ends_with("#chat?reasoning_effort=low"));
}

fn with_header(
    server: &Server,
    value: &str,
    environment: Environment,
) -> motjuste::Result<RemoteModel> {
    let headers = BTreeMap::from([("X-Team".to_owned(), value.to_owned())]);
    let timeout = Some(Duration::from_millis(50));
    let parameters = Parameters { headers, timeout, ..Parameters::default() };
    let address = Address::new("ollama/m").at(server.base()).with(parameters);
    let endpoint = Endpoint::open(&address, &Settings { environment, ..settings() })?;
    RemoteModel::at(endpoint, &address)
}

#[tokio::test]
async fn a_header_is_filled_from_the_environment_and_shown_nowhere() {
    let said = format!(r#"{{"error":{{"message":"no {KEY} here"}}}}"#);
    let server = Server::always(Act::Answer(400, "", said)).await;
    let model =
        with_header(&server, "Team ${TEAM_KEY}", Environment::of([("TEAM_KEY", KEY)])).unwrap();
    let error = model.answer(&request()).await.unwrap_err();
    assert!(server.received()[0].head.contains(&format!("x-team: team {KEY}")));
    let shown = format!("{error} {error:?} {model:?} {}", model.id());
    assert!(!shown.contains(KEY) && model.id().ends_with("?header=x-team"), "{shown}");
    let missing = with_header(&server, "${TEAM_KEY}", Environment::of([])).unwrap_err();
    assert!(missing.is_configuration() && missing.to_string().contains("TEAM_KEY"), "{missing}");
    assert!(with_header(&server, "${TEAM_KEY", Environment::of([])).is_err());
}

#[tokio::test]
async fn a_timeout_of_a_models_own_is_named_in_the_error() {
    let server = Server::always(Act::Hang).await;
    let model = with_header(&server, "a", Environment::of([])).unwrap();
    let error = model.answer(&request()).await.unwrap_err();
    assert!(error.to_string().contains("0.05 s"), "{error}");
    assert_eq!(error.setting(), Some(&motjuste::error::Setting::Timeout));
}

#[tokio::test]
async fn a_system_message_that_cannot_keep_its_place_is_refused() {
    let messages = vec![Message::user("Hi"), Message::system("Be brief."), Message::user("Again")];
    let request = Request::new(messages, Decoding::greedy(8));
    let server = Server::always(Act::ok(CHAT)).await;
    for name in ["anthropic/m", "gemini/m"] {
        let error = server.model(name).answer(&request).await.unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains("system"), "{error}");
    }
    assert!(server.received().is_empty());
    for name in ["openai/m", "hosted_vllm/m", "ollama/m"] {
        server.model(name).answer(&request).await.unwrap();
        let messages = server.received().pop().unwrap().body["messages"].clone();
        let expected = json!([{"role": "user", "content": "Hi"},
            {"role": "system", "content": "Be brief."}, {"role": "user", "content": "Again"}]);
        assert_eq!(messages, expected, "{name}");
    }
}

#[tokio::test]
async fn two_system_messages_in_front_stay_in_order() {
    let messages = vec![Message::system("One."), Message::system("Two."), Message::user("Hi")];
    let request = Request::new(messages, Decoding::greedy(8));
    let said = r#"{"content":[{"type":"text","text":"hi"}]}"#;
    let server = Server::always(Act::ok(said)).await;
    server.model("anthropic/m").answer(&request).await.unwrap();
    assert_eq!(server.received()[0].body["system"], "One.\n\nTwo.");
    assert_eq!(server.received()[0].body["messages"], json!([{"role": "user", "content": "Hi"}]));
}
