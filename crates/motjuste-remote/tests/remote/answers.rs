//! What is asked and what is read, protocol by protocol.

use motjuste::model::{Decoding, FinishReason, Message, Model, Prompt, Request};
use motjuste::usage::Usage;
use motjuste_remote::{Address, Api, RemoteModel};
use serde_json::{Value, json};

use crate::server::{Act, KEY, Server, request};

const CHAT: &str = r#"{"choices":[{"index":0,"message":{"role":"assistant","content":" hi\n",
    "refusal":null},"finish_reason":"length",
    "logprobs":{"content":[{"token":"hi","logprob":-0.5},{"token":"\n","logprob":-1.25}]}}],
    "usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12},"new_field":{}}"#;

async fn sent(model: &RemoteModel, server: &Server, request: &Request) -> Value {
    model.answer(request).await.unwrap();
    server.received().pop().unwrap().body
}

#[tokio::test]
async fn chat_is_asked_and_answered_byte_for_byte() {
    let server = Server::always(Act::ok(CHAT)).await;
    let model = server.model("openai/gpt-4o");
    let mut request = Request::new("Say hi", Decoding { max_tokens: 8, temperature: 0.5, draw: 7 });
    request.returns.logprobs = true;
    let answer = model.answer(&request).await.unwrap();
    assert_eq!(answer.text, " hi\n");
    assert_eq!(answer.usage, Usage { tokens_in: 9, tokens_out: 3 });
    assert_eq!(answer.logprobs, [-0.5, -1.25]);
    assert_eq!(answer.finish_reason, FinishReason::Length);
    let received = server.received().pop().unwrap();
    assert!(received.head.starts_with("post /v1/chat/completions http/1.1"));
    assert!(received.head.contains(&format!("authorization: bearer {KEY}")));
    let expected = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "Say hi"}],
        "max_tokens": 8, "temperature": 0.5, "seed": 7, "logprobs": true});
    assert_eq!(received.body, expected);
}

#[tokio::test]
async fn greedy_requests_carry_no_seed_and_reasoning_models_no_temperature() {
    let server = Server::always(Act::ok(CHAT)).await;
    let greedy = sent(&server.model("openai/gpt-4o"), &server, &request()).await;
    assert!(greedy.get("seed").is_none() && greedy.get("logprobs").is_none());
    let decoding = Decoding { max_tokens: 8, temperature: 0.5, draw: 7 };
    let reasoning = server.model("openai/gpt-5-mini");
    let body = sent(&reasoning, &server, &Request::new("Say hi", decoding)).await;
    let expected = json!({"model": "gpt-5-mini",
        "messages": [{"role": "user", "content": "Say hi"}], "max_completion_tokens": 8008});
    assert_eq!(body, expected);
}

/// The body sent for a request whose answer is begun.
async fn begun(name: &str, api: Option<Api>, answer: &str) -> (bool, Value) {
    let server = Server::always(Act::ok(answer)).await;
    let address = Address { api, ..Address::new(name).at(server.base()) };
    let model = RemoteModel::at(server.endpoint(name), &address).unwrap();
    let request = Request { prefill: " Let's see.".into(), ..request() };
    (model.abilities().prefill, sent(&model, &server, &request).await)
}

#[tokio::test]
async fn an_answer_is_begun_where_the_server_goes_on_from_it() {
    let messages = json!([{"role": "user", "content": request().prompt.text()},
        {"role": "assistant", "content": "Let's see."}]);
    for (name, keys) in [
        ("hosted_vllm/m", &["continue_final_message", "add_generation_prompt"][..]),
        ("sglang/m", &["continue_final_message"]),
        ("llama_cpp/m", &[]),
        ("openrouter/m", &[]),
    ] {
        let (takes_prefill, body) = begun(name, None, CHAT).await;
        assert!(takes_prefill && body["messages"] == messages, "{name}: {body}");
        for key in ["continue_final_message", "add_generation_prompt"] {
            assert_eq!(body.get(key).is_some(), keys.contains(&key), "{name}: {body}");
        }
    }
    let said =
        r#"{"content":[{"type":"text","text":"hi"}],"usage":{"input_tokens":1,"output_tokens":1}}"#;
    let (takes_prefill, body) = begun("anthropic/m", None, said).await;
    assert!(takes_prefill && body["messages"] == messages, "{body}");
    let text = r#"{"choices":[{"text":" hi"}]}"#;
    let (takes_prefill, body) = begun("openai/m", Some(Api::Completions), text).await;
    assert!(takes_prefill);
    assert_eq!(body["prompt"], format!("{} Let's see.", request().prompt.text()));
}

#[tokio::test]
async fn other_chats_begin_their_answers_themselves() {
    let server = Server::always(Act::ok(CHAT)).await;
    for name in ["openai/gpt-4o", "gemini/m", "ollama/m", "openai_compatible/m"] {
        assert!(!server.model(name).abilities().prefill, "{name}");
    }
}

#[tokio::test]
async fn completions_continue_a_text() {
    let body = r#"{"choices":[{"text":" hi","logprobs":{"token_logprobs":[null,-0.5]}}],
        "usage":{"prompt_tokens":2,"completion_tokens":1}}"#;
    let server = Server::always(Act::ok(body)).await;
    let mut address = Address::new("hosted_vllm/base").at(server.base());
    address.api = Some(Api::Completions);
    let model = RemoteModel::at(server.endpoint("hosted_vllm/base"), &address).unwrap();
    assert_eq!(model.id(), format!("hosted_vllm/base@{}#completions", server.authority));
    let mut request = request();
    request.returns.logprobs = true;
    let answer = model.answer(&request).await.unwrap();
    assert_eq!((answer.text.as_str(), answer.logprobs), (" hi", vec![-0.5]));
    let expected = json!({"model": "base", "prompt": "Say hi", "max_tokens": 8,
        "temperature": 0.0, "logprobs": 1});
    assert_eq!(server.received()[0].body, expected);
}

#[tokio::test]
async fn azure_names_the_deployment_and_the_version() {
    let server = Server::always(Act::ok(CHAT)).await;
    let address = Address::new("azure/my-gpt").at(format!("http://{}", server.authority));
    let endpoint = motjuste_remote::Endpoint::open(&address, &crate::server::settings()).unwrap();
    RemoteModel::at(endpoint, &address).unwrap().answer(&request()).await.unwrap();
    let head = server.received().pop().unwrap().head;
    let path = "post /openai/deployments/my-gpt/chat/completions?api-version=2024-10-21 ";
    assert!(head.starts_with(path) && head.contains(&format!("api-key: {KEY}")), "{head}");
}

/// The interface without deployments in the path and without a version.
#[tokio::test]
async fn azure_v1_names_the_deployment_in_the_body() {
    let server = Server::always(Act::ok(CHAT)).await;
    let base = format!("http://{}/openai/v1/", server.authority);
    let address = Address::new("azure/my-gpt").at(base);
    let endpoint = motjuste_remote::Endpoint::open(&address, &crate::server::settings()).unwrap();
    RemoteModel::at(endpoint, &address).unwrap().answer(&request()).await.unwrap();
    let received = server.received().pop().unwrap();
    assert!(
        received.head.starts_with("post /openai/v1/chat/completions http"),
        "{}",
        received.head
    );
    assert!(received.head.contains(&format!("api-key: {KEY}")));
    assert_eq!(received.body["model"], "my-gpt");
}

#[tokio::test]
async fn anthropic_messages() {
    let body = r#"{"type":"message","content":[{"type":"thinking","thinking":"x"},
        {"type":"text","text":"h"},{"type":"text","text":"i"}],"stop_reason":"end_turn",
        "usage":{"input_tokens":9,"cache_read_input_tokens":2,"output_tokens":3}}"#;
    let server = Server::always(Act::ok(body)).await;
    let answer = server.model("anthropic/claude").answer(&request()).await.unwrap();
    assert_eq!(answer.text, "hi");
    assert_eq!(answer.usage, Usage { tokens_in: 11, tokens_out: 3 });
    assert_eq!(answer.finish_reason, FinishReason::Stop);
    let received = server.received().pop().unwrap();
    assert!(received.head.starts_with("post /v1/messages "));
    assert!(received.head.contains(&format!("x-api-key: {KEY}")));
    assert!(received.head.contains("anthropic-version: 2023-06-01"));
    let expected = json!({"model": "claude", "max_tokens": 8, "temperature": 0.0,
        "messages": [{"role": "user", "content": "Say hi"}]});
    assert_eq!(received.body, expected);
}

#[tokio::test]
async fn gemini_generate_content() {
    let body = r#"{"candidates":[{"content":{"parts":[{"text":"hm","thought":true},
        {"text":"hi"}],"role":"model"},"finishReason":"MAX_TOKENS"}],
        "usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":3,"thoughtsTokenCount":4}}"#;
    let server = Server::always(Act::ok(body)).await;
    let request = Request::new("Say hi", Decoding { max_tokens: 8, temperature: 1.0, draw: 7 });
    let answer = server.model("gemini/gemini-2.5-flash").answer(&request).await.unwrap();
    assert_eq!(answer.text, "hi");
    assert_eq!(answer.usage, Usage { tokens_in: 9, tokens_out: 7 });
    assert_eq!(answer.finish_reason, FinishReason::Length);
    let received = server.received().pop().unwrap();
    assert!(received.head.starts_with("post /v1/models/gemini-2.5-flash:generatecontent "));
    assert!(received.head.contains(&format!("x-goog-api-key: {KEY}")));
    let expected = json!({"contents": [{"role": "user", "parts": [{"text": "Say hi"}]}],
        "generationConfig": {"maxOutputTokens": 8008, "temperature": 1.0, "seed": 7}});
    assert_eq!(received.body, expected);
}

/// Every protocol has its own place for the system's messages.
#[tokio::test]
async fn a_conversation_keeps_its_roles() {
    let messages =
        vec![Message::system("Be brief."), Message::user("Say hi"), Message::assistant("hi")];
    let messages = [messages, vec![Message::user("Again")]].concat();
    let request = Request::new(messages, Decoding::greedy(8));
    let server = Server::always(Act::ok(CHAT)).await;
    let body = sent(&server.model("openai/gpt-4o"), &server, &request).await;
    let said = |role: &str, content: &str| json!({"role": role, "content": content});
    let others = [said("user", "Say hi"), said("assistant", "hi"), said("user", "Again")];
    assert_eq!(body["messages"][0], said("system", "Be brief."));
    assert_eq!(body["messages"].as_array().unwrap()[1..], others);
    let server = Server::always(Act::ok(r#"{"content":[{"type":"text","text":"hi"}]}"#)).await;
    let body = sent(&server.model("anthropic/claude"), &server, &request).await;
    assert_eq!((&body["system"], &body["messages"]), (&json!("Be brief."), &json!(others)));
    let answer = r#"{"candidates":[{"content":{"parts":[{"text":"hi"}]},"finishReason":"STOP"}]}"#;
    let server = Server::always(Act::ok(answer)).await;
    let body = sent(&server.model("gemini/gemini-2.0-flash"), &server, &request).await;
    assert_eq!(body["systemInstruction"], json!({"parts": [{"text": "Be brief."}]}));
    let roles: Vec<_> = body["contents"].as_array().unwrap().iter().map(|c| &c["role"]).collect();
    assert_eq!(roles, ["user", "model", "user"]);
}

#[tokio::test]
async fn a_text_is_continued_by_completions_and_refused_by_a_chat() {
    let text = Request::new(Prompt::Text("Once upon".into()), Decoding::greedy(8));
    let server = Server::always(Act::ok(CHAT)).await;
    let error = server.model("openai/gpt-4o").answer(&text).await.unwrap_err();
    assert!(error.is_configuration() && server.received().is_empty(), "{error}");
}

/// What a filter withheld is an empty answer with its usage, not an error.
#[tokio::test]
async fn a_withheld_answer_is_an_empty_one() {
    let filtered = [
        (
            "openai/gpt-4o",
            r#"{"choices":[{"message":{"content":"par"},
            "finish_reason":"content_filter"}],
                "usage":{"prompt_tokens":9,"completion_tokens":0}}"#,
        ),
        (
            "anthropic/claude",
            r#"{"content":[{"type":"text","text":"par"}],"stop_reason":"refusal",
            "usage":{"input_tokens":9,"output_tokens":0}}"#,
        ),
        (
            "gemini/g",
            r#"{"promptFeedback":{"blockReason":"SAFETY"},
            "usageMetadata":{"promptTokenCount":9}}"#,
        ),
        (
            "gemini/g",
            r#"{"candidates":[{"finishReason":"SAFETY"}],
            "usageMetadata":{"promptTokenCount":9}}"#,
        ),
    ];
    for (name, body) in filtered {
        let server = Server::always(Act::ok(body)).await;
        let answer = server.model(name).answer(&request()).await.unwrap();
        assert_eq!(answer.text, "", "{name}");
        assert_eq!(answer.usage, Usage { tokens_in: 9, tokens_out: 0 }, "{name}");
    }
    let inside = r#"{"error":{"message":"filtered","code":400,"type":"content_filter"}}"#;
    let server = Server::always(Act::ok(inside)).await;
    assert_eq!(server.model("openrouter/m").answer(&request()).await.unwrap().text, "");
    let azure = r#"{"error":{"message":"filtered","code":"content_filter","status":400}}"#;
    let server = Server::always(Act::Answer(400, "", azure.into())).await;
    let answer = server.model("azure/gpt").answer(&request()).await.unwrap();
    // The prompt was read, and counts at its worst.
    let read = request().worst_case().tokens_in;
    assert_eq!(
        (answer.text.as_str(), answer.usage),
        ("", Usage { tokens_in: read, tokens_out: 0 })
    );
}

#[tokio::test]
async fn missing_usage_counts_as_the_worst_case_and_an_empty_text_is_an_answer() {
    for usage in ["", r#","usage":null"#, r#","usage":{"prompt_tokens":null}"#] {
        let choice = r#"{"message":{"content":null},"finish_reason":"length"}"#;
        let server = Server::always(Act::ok(format!(r#"{{"choices":[{choice}]{usage}}}"#))).await;
        let answer = server.model("ollama/m").answer(&request()).await.unwrap();
        assert_eq!(answer.text, "");
        assert_eq!(answer.usage, request().worst_case());
    }
}

#[tokio::test]
async fn mistral_gets_a_seed_by_the_name_that_it_knows() {
    let server = Server::always(Act::ok(CHAT)).await;
    let address = Address::new("mistral/mistral-small-latest").at(server.base());
    let model = RemoteModel::at(server.endpoint("mistral/m"), &address).unwrap();
    let decoding = Decoding { max_tokens: 8, temperature: 0.5, draw: 7 };
    let body = sent(&model, &server, &Request::new("Say hi", decoding)).await;
    assert!(body["random_seed"] == 7 && body.get("seed").is_none(), "{body}");
}
