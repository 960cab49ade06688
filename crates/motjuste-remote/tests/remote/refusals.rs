//! What a server's refusals become: whether to try again, what it may have cost, what to do.

use std::time::Duration;

use motjuste::Error;
use motjuste::model::Model;

use crate::server::{Act, KEY, Server, request};

async fn refusal(name: &str, act: Act) -> Error {
    let server = Server::always(act).await;
    let model = server.model(name);
    let error = model.answer(&request()).await.unwrap_err();
    assert_eq!(server.received().len(), 1, "one call is one attempt");
    let shown = format!("{error} {error:?} {:?} {model:?}", error.help());
    assert!(!shown.contains(KEY), "{shown}");
    assert!(error.is_model() && error.help().is_some(), "{error:?}");
    error
}

fn openai(status: u16, code: &str, message: &str) -> Act {
    let body = format!(r#"{{"error":{{"message":"{message}","type":"t","code":"{code}"}}}}"#);
    Act::Answer(status, "", body)
}

#[tokio::test]
async fn overloads_may_be_tried_again_and_cost_nothing() {
    for status in [429, 503, 529] {
        let error = refusal("openai/m", openai(status, "busy", "slow down")).await;
        assert!(error.is_transient() && !error.may_be_billed(), "{status}");
        assert!(error.to_string().contains("slow down"), "{error}");
        assert_eq!(error.retry_after(), None);
    }
    let body = r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
    let error = refusal("anthropic/m", Act::Answer(529, "", body.into())).await;
    assert!(error.is_transient() && error.to_string().contains("overloaded"));
}

#[tokio::test]
async fn faults_may_be_tried_again_and_may_have_cost() {
    for status in [408, 500, 502, 504] {
        let error = refusal("openai/m", Act::Answer(status, "", "<html>".into())).await;
        assert!(error.is_transient() && error.may_be_billed(), "{status}");
    }
    for status in [409, 425] {
        let error = refusal("openai/m", Act::Answer(status, "", String::new())).await;
        assert!(error.is_transient() && !error.may_be_billed(), "{status}");
    }
}

#[tokio::test]
async fn the_servers_wait_is_passed_on() {
    let act = Act::Answer(429, "retry-after: 1.5\r\n", "{}".into());
    let error = refusal("openai/m", act).await;
    assert_eq!(error.retry_after(), Some(Duration::from_millis(1500)));
    let body = r#"{"error":{"code":429,"message":"quota","status":"RESOURCE_EXHAUSTED","details":[
        {"violations":[{"quotaId":"GenerateRequestsPerMinutePerProject"}]},{"retryDelay":"7s"}]}}"#;
    let error = refusal("gemini/m", Act::Answer(429, "", body.into())).await;
    assert!(error.is_transient());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
}

#[tokio::test]
async fn a_model_without_a_system_says_where_the_instruction_may_stand() {
    for said in [
        "System role not supported",
        "Unsupported value: 'messages[0].role' does not support 'system'",
    ] {
        let error = refusal("openai/m", openai(400, "bad_request", said)).await;
        assert!(error.help().unwrap().contains("{{ instruction }}"), "{said}: {:?}", error.help());
        assert_eq!(error.setting(), None);
    }
    let error = refusal("openai/m", openai(400, "bad_request", "system fault")).await;
    assert!(!error.help().unwrap().contains("{{ instruction }}"), "{:?}", error.help());
}

#[tokio::test]
async fn an_exhausted_quota_is_final() {
    let daily = r#"{"error":{"code":429,"message":"quota","status":"RESOURCE_EXHAUSTED","details":[
        {"violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]},
        {"retryDelay":"7s"}]}}"#;
    let broke = r#"{"type":"error","error":{"type":"invalid_request_error",
        "message":"Your credit balance is too low to access the Anthropic API."}}"#;
    let cases = [
        ("openai/m", openai(429, "insufficient_quota", "You exceeded your current quota")),
        ("openai/m", openai(400, "billing_hard_limit_reached", "limit")),
        ("openrouter/m", openai(402, "402", "Insufficient credits")),
        ("gemini/m", Act::Answer(429, "", daily.into())),
        ("anthropic/m", Act::Answer(400, "", broke.into())),
    ];
    for (name, act) in cases {
        let error = refusal(name, act).await;
        assert!(!error.is_transient() && error.to_string().contains("quota"), "{error}");
    }
}

#[tokio::test]
async fn what_no_repetition_mends_is_final_and_says_what_to_do() {
    let full = "This model's maximum context length is 512 tokens. However, you requested 600";
    let cases = [
        (openai(401, "invalid_api_key", "Incorrect API key"), "OPENAI_API_KEY"),
        (openai(403, "no", "no access"), "OPENAI_API_KEY"),
        (openai(404, "model_not_found", "The model `m` does not exist"), "model's name"),
        (openai(400, "context_length_exceeded", "too long"), "demonstrations"),
        (openai(400, "400", full), "demonstrations"),
        (openai(400, "invalid", "bad temperature"), "message"),
    ];
    for (act, help) in cases {
        let error = refusal("openai/m", act).await;
        assert!(!error.is_transient() && !error.may_be_billed(), "{error}");
        assert!(error.help().unwrap().contains(help), "{error}: {:?}", error.help());
    }
}

#[tokio::test]
async fn a_server_that_repeats_the_key_does_not_make_us_repeat_it() {
    let error = refusal("openai/m", openai(401, "c", &format!("key {KEY} is wrong"))).await;
    assert!(error.to_string().contains("key [hidden] is wrong"), "{error}");
    let error = refusal("openai/m", Act::ok(format!(r#"{{"choices": "{KEY}"}}"#))).await;
    assert!(error.is_transient());
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let other = Server::always(Act::ok("{}")).await;
    let to = format!("HTTP/1.1 307 x\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n", other.base());
    let error = refusal("openai/m", Act::Bytes(to.into_bytes())).await;
    assert!(!error.is_transient() && error.to_string().contains("307"), "{error}");
    assert!(other.received().is_empty());
}

#[tokio::test]
async fn a_refusal_under_a_status_of_success_is_read() {
    let error = refusal("openrouter/m", Act::ok(r#"{"error":{"code":429,"message":"x"}}"#)).await;
    assert!(error.is_transient() && !error.may_be_billed());
    let error = refusal("openrouter/m", Act::ok(r#"{"error":{"code":401,"message":"x"}}"#)).await;
    assert!(!error.is_transient());
    let error = refusal("openrouter/m", Act::ok(r#"{"error":{"message":"x"}}"#)).await;
    assert!(error.is_transient() && error.may_be_billed());
}
