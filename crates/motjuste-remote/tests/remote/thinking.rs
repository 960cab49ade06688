//! Models that think before they answer: what is set aside for that, and what it is counted as.

use std::sync::Arc;

use motjuste::budget::{Budget, Ledger};
use motjuste::calls::{CallPolicy, Calls};
use motjuste::model::{Decoding, Model, Request};
use motjuste::storage::InMemory;
use serde_json::json;

use crate::server::{Act, Server, request};

/// A server of a model that thinks for 300 tokens before it says "hi".
async fn thinker() -> Server {
    Server::start(|_, received| {
        let body = &received.body;
        let length =
            ["max_tokens", "max_completion_tokens"].iter().find_map(|key| body[key].as_u64());
        let (text, reason, tokens) = match length {
            Some(length) if length <= 300 => ("", "length", length),
            _ => ("hi", "stop", 301),
        };
        let usage = json!({"prompt_tokens": 9, "completion_tokens": tokens,
            "completion_tokens_details": {"reasoning_tokens": tokens.min(300)}});
        let choice = json!({"message": {"content": text}, "finish_reason": reason});
        Act::ok(json!({"choices": [choice], "usage": usage}).to_string())
    })
    .await
}

#[tokio::test]
async fn a_model_known_to_think_gets_tokens_for_it_from_the_first_call() {
    let server = thinker().await;
    let model = server.model("openai/gpt-5-mini");
    assert_eq!(model.abilities().thinking_tokens, 8000);
    assert!(model.id().ends_with("#chat?thinking=8000"), "{}", model.id());
    assert_eq!(model.answer(&request()).await.unwrap().text, "hi");
    assert_eq!(server.received()[0].body["max_completion_tokens"], 8008);
    let claude = server.asked_with(
        "anthropic/claude",
        r#"{"thinking": {"type": "enabled", "budget_tokens": 2000}}"#,
    );
    assert_eq!(claude.abilities().thinking_tokens, 2000);
}

/// The answer that thinking cut is asked for again with tokens for it, and both are on the bill.
#[tokio::test]
async fn a_model_found_to_think_is_asked_again_and_nothing_is_hidden() {
    let server = thinker().await;
    let model = server.model("openai_compatible/house-model");
    let ledger = Arc::new(Ledger::new(Budget::default()));
    let calls =
        Calls::new(Arc::new(InMemory::default()), ledger.clone(), "me", CallPolicy::default());
    let metered = calls.target(Arc::new(model.clone()));
    assert_eq!(metered.answer(&request()).await.unwrap().text, "hi");
    let spent = ledger.account().target;
    assert_eq!((spent.calls, spent.lost), (2, 1));
    assert_eq!(spent.tokens_out, 8 + 301);
    let lengths: Vec<_> =
        server.received().iter().map(|it| it.body["max_tokens"].clone()).collect();
    assert_eq!(lengths, [8, 8008]);
    assert_eq!(metered.cost(2, request().worst_case()).usage.tokens_out, 8 + 2 * 8000);
}

#[tokio::test]
async fn thoughts_that_a_server_passes_on_are_known_as_such() {
    for message in [
        json!({"content": "<think>\nLet me"}),
        json!({"content": null, "reasoning_content": "Let me"}),
        json!({"content": "", "reasoning": "Let me"}),
    ] {
        let choice = json!({"message": message, "finish_reason": "length"});
        let server = Server::always(Act::ok(json!({"choices": [choice]}).to_string())).await;
        let model = server.model("hosted_vllm/m");
        let error = model.answer(&request()).await.unwrap_err();
        assert!(error.is_transient() && error.may_be_billed(), "{error}");
        // With the tokens set aside, what comes is the answer.
        assert!(model.answer(&request()).await.is_ok(), "{message}");
    }
}

#[tokio::test]
async fn a_budget_that_does_not_cover_thinking_refuses_the_call() {
    let server = thinker().await;
    let model = Arc::new(server.model("openai/gpt-5-mini"));
    let budget = Budget { tokens: Some(5000), ..Budget::default() };
    let ledger = Arc::new(Ledger::new(budget));
    let calls = Calls::new(Arc::new(InMemory::default()), ledger, "me", CallPolicy::default());
    let ask = Request::new("Say hi", Decoding::greedy(8));
    assert!(calls.target(model).answer(&ask).await.unwrap_err().is_budget());
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn a_probe_of_a_model_that_says_nothing_fails() {
    let server = Server::always(Act::ok(
        r#"{"choices":[{"message":{"content":""},"finish_reason":"length"}]}"#,
    ))
    .await;
    let probe = server.model("openai/m").probe().await;
    assert!(!probe.passed() && probe.findings[0].meaning.contains("empty"), "{probe:?}");
    assert!(thinker().await.model("openai_compatible/house").probe().await.passed());
}
