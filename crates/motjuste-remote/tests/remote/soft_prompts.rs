//! Soft prompts through a served model.

use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine};
use motjuste::model::{
    Completion, Decoding, Embedder, Embeddings, Entries, Model, Projection, Prompt, Request,
    SoftPrompt,
};
use motjuste::usage::Usage;
use motjuste::{Error, Result};
use motjuste_remote::{Address, ServedGenerator};
use serde_json::{Value, json};

use crate::server::{Act, Server};

const HIDDEN: usize = 4;

/// A row for each coordinate of z and for each byte of the text.
struct Bytes;

impl Embedder for Bytes {
    fn id(&self) -> &str {
        "bytes"
    }

    fn hidden(&self) -> usize {
        HIDDEN
    }

    fn embed(&self, soft_prompt: Option<&SoftPrompt>, prompt: &Prompt) -> Result<Embeddings> {
        let soft = soft_prompt.map_or(&[][..], |soft| &soft.z).iter().map(|&z| z as f32);
        let rows = soft.chain(prompt.text().bytes().map(f32::from).collect::<Vec<_>>());
        let values = rows.flat_map(|value| [value; HIDDEN]).collect();
        Ok(Embeddings { values, hidden: HIDDEN })
    }
}

pub fn generator(server: &Server) -> ServedGenerator {
    let address = Address::new("hosted_vllm/tiny").at(server.base());
    let endpoint = server.endpoint("hosted_vllm/tiny");
    ServedGenerator::new(endpoint, &address, Arc::new(Bytes)).unwrap()
}

fn request(z: &[f64], prompt: &str, decoding: Decoding) -> Request {
    let projection = Projection { tokens: z.len(), entries: Entries::Uniform, seed: 0 };
    let soft = SoftPrompt { z: z.to_vec(), projection, demonstrations: 0 };
    let soft_prompt = (!z.is_empty()).then_some(soft);
    Request { soft_prompt, ..Request::new(prompt, decoding) }
}

/// The completions of a batch, or the first failure.
async fn all(generator: &ServedGenerator, batch: &[Request]) -> Result<Vec<Completion>> {
    generator.complete(batch).await.into_iter().collect()
}

/// Answers each embedded prompt with its size, in reverse order.
fn sizes(body: &Value) -> Act {
    let prompts = body["prompt_embeds"].as_array().unwrap();
    let choice = |(index, prompt): (usize, &Value)| {
        let size = BASE64_STANDARD.decode(prompt.as_str().unwrap()).unwrap().len();
        json!({"index": index, "text": format!(" {size}\n"), "token_ids": [7, 0, 7]})
    };
    let choices: Vec<_> = prompts.iter().enumerate().map(choice).rev().collect();
    Act::ok(json!({"choices": choices, "usage": {"completion_tokens": 3}}).to_string())
}

async fn generate(act: Act) -> Result<Vec<Completion>> {
    let server = Server::always(act).await;
    all(&generator(&server), &[request(&[0.5], "hi", Decoding::greedy(8))]).await
}

#[tokio::test]
async fn a_batch_is_one_request_and_choices_are_matched_by_index() {
    let server = Server::start(|_, received| sizes(&received.body)).await;
    let generator = generator(&server);
    let batch: Vec<_> = ["a", "bb", "cccc"]
        .iter()
        .map(|prompt| request(&[0.5, -0.5], prompt, Decoding::greedy(8)))
        .collect();
    let texts = all(&generator, &batch).await.unwrap();
    // 16 bytes a row, and the same frame around them.
    let sizes: Vec<usize> = texts.iter().map(|text| text.text.trim().parse().unwrap()).collect();
    assert_eq!([sizes[1] - sizes[0], sizes[2] - sizes[1]], [16, 32]);
    let usage = texts.iter().map(|text| text.usage.tokens_in).collect::<Vec<_>>();
    assert_eq!(usage, [3, 4, 6]);
    assert!(texts.iter().all(|text| text.usage.tokens_out == 3 && text.hidden_state.is_empty()));
    let mut body = server.received()[0].body.clone();
    assert_eq!(body["prompt_embeds"].take().as_array().unwrap().len(), 3);
    let expected = json!({"model": "tiny", "prompt_embeds": null, "max_tokens": 8,
        "temperature": 0.0, "n": 1, "return_token_ids": true});
    assert_eq!((body, server.received().len()), (expected, 1));
}

#[tokio::test]
async fn texts_that_are_decoded_otherwise_go_in_requests_of_their_own() {
    let server = Server::start(|_, received| sizes(&received.body)).await;
    let generator = generator(&server).with_batch_size(2);
    assert_eq!(generator.batch_size(), 2);
    let drawn = Decoding { max_tokens: 8, temperature: 0.7, draw: 3 };
    let decodings = [Decoding::greedy(8), Decoding::greedy(8), Decoding::greedy(8), drawn];
    let batch: Vec<_> = decodings.iter().map(|&decoding| request(&[], "hi", decoding)).collect();
    assert_eq!(all(&generator, &batch).await.unwrap().len(), 4);
    let mut seeds: Vec<_> =
        server.received().iter().map(|received| received.body["seed"].as_u64()).collect();
    seeds.sort();
    assert_eq!(seeds, [None, None, Some(3)]);
    assert!(all(&generator, &[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_would_spoil_the_server_is_not_sent() {
    let server = Server::start(|_, received| sizes(&received.body)).await;
    let batch = [request(&[f64::NAN], "hi", Decoding::greedy(8))];
    let error = all(&generator(&server), &batch).await.unwrap_err();
    assert!(error.to_string().contains("not finite") && !error.is_transient(), "{error}");
    assert!(server.received().is_empty());
}

fn choices(choices: Value) -> Act {
    Act::ok(json!({"choices": choices}).to_string())
}

#[tokio::test]
async fn garbage_and_missing_choices_are_failures_to_try_again() {
    let broken = [
        choices(json!([])),
        choices(json!([{"index": 1, "text": "x"}])),
        choices(json!([{"index": 0, "text": "x"}, {"index": 1, "text": "y"}])),
        choices(json!([{"index": 0, "text": "!!!", "token_ids": [0, 0, 0]}])),
        choices(json!([{"index": 0, "text": "\u{fffd}\u{fffd}"}])),
    ];
    for act in broken {
        let error = generate(act).await.unwrap_err();
        assert!(error.is_transient() && error.may_be_billed(), "{error}");
    }
    let one = generate(choices(json!([{"index": 0, "text": "!", "token_ids": [0]}]))).await;
    assert_eq!(one.unwrap()[0].text, "!");
}

#[tokio::test]
async fn a_usage_that_is_missing_counts_as_the_worst_case() {
    let texts = generate(choices(json!([{"index": 0, "text": "x"}]))).await.unwrap();
    assert_eq!(texts[0].usage, Usage { tokens_in: 3, tokens_out: 8 });
}

async fn refusal(status: u16, message: &str) -> Error {
    let body = json!({"error": {"message": message, "type": "BadRequestError", "code": status}});
    generate(Act::Answer(status, "", body.to_string())).await.unwrap_err()
}

#[tokio::test]
async fn the_servers_words_become_advice() {
    let cases = [
        (400, "You must set `--enable-prompt-embeds`", "--enable-prompt-embeds"),
        (400, "hidden_size 255 does not match the model's hidden_size 256", "another model"),
        (
            400,
            "The prompt (total length 600) is longer than the maximum model length of 512",
            "larger context",
        ),
        (400, "Out of range float values are not JSON compliant", "restart"),
        (404, "The model `tiny` does not exist.", "name"),
    ];
    for (status, message, help) in cases {
        let error = refusal(status, message).await;
        assert!(error.to_string().contains(message) && !error.is_transient(), "{error}");
        assert!(error.help().unwrap().contains(help), "{error}: {:?}", error.help());
    }
}

/// The soft prompt's rows travel alone, and the server embeds the text.
#[tokio::test]
async fn through_chat_the_text_travels_as_text() {
    let body = r#"{"choices":[{"message":{"content":" hi\n"}}]}"#;
    let server = Server::always(Act::ok(body)).await;
    let chat = generator(&server).through_chat().unwrap();
    assert_ne!(chat.id(), generator(&server).id());
    let batch = [
        request(&[0.5, 0.5], "say", Decoding::greedy(8)),
        request(&[], "say", Decoding::greedy(8)),
    ];
    let texts = all(&chat, &batch).await.unwrap();
    assert_eq!(texts[0].text.trim(), "hi");
    // Two rows, three bytes and what a template may add.
    assert_eq!(texts[0].usage, Usage { tokens_in: 2 + 3 + 64, tokens_out: 8 });
    let mut contents: Vec<_> = server
        .received()
        .iter()
        .map(|received| received.body["messages"][0]["content"].as_array().unwrap().clone())
        .collect();
    contents.sort_by_key(Vec::len);
    let text = json!({"type": "text", "text": "say"});
    assert_eq!(contents[0], std::slice::from_ref(&text));
    assert_eq!(contents[1][1], text);
    let data = BASE64_STANDARD.decode(contents[1][0]["data"].as_str().unwrap()).unwrap();
    assert!(data.windows(4).any(|window| window == 0.5_f32.to_le_bytes()));
}

#[tokio::test]
async fn sglang_reads_nested_numbers() {
    let body = r#"[{"text":" hi\n","meta_info":{"completion_tokens":2}}]"#;
    let server = Server::always(Act::ok(body)).await;
    let address = Address::new("sglang/tiny").at(server.base());
    let endpoint = server.endpoint("sglang/tiny");
    let generator = ServedGenerator::new(endpoint, &address, Arc::new(Bytes)).unwrap();
    let batch = [request(&[0.5], "", Decoding::greedy(8))];
    let texts = all(&generator, &batch).await.unwrap();
    assert_eq!((texts[0].text.trim(), texts[0].usage.tokens_out), ("hi", 2));
    let received = server.received().pop().unwrap();
    assert!(received.head.starts_with("post /generate "), "{}", received.head);
    let expected = json!({"input_embeds": [[[0.5, 0.5, 0.5, 0.5]]],
        "sampling_params": {"max_new_tokens": 8, "temperature": 0.0}});
    assert_eq!(received.body, expected);
    assert!(generator.through_chat().is_err());
}

#[tokio::test]
async fn what_sglang_breaks_off_is_no_text() {
    let aborted = json!([{"text": "h", "meta_info": {"finish_reason": {"type": "abort"}}}]);
    for body in [aborted, json!([]), json!([{"text": "\u{fffd}\u{fffd}"}]), json!({"text": "h"})] {
        let server = Server::always(Act::ok(body.to_string())).await;
        let address = Address::new("sglang/tiny").at(server.base());
        let endpoint = server.endpoint("sglang/tiny");
        let generator = ServedGenerator::new(endpoint, &address, Arc::new(Bytes)).unwrap();
        let batch = [request(&[0.5], "", Decoding::greedy(8))];
        let error = all(&generator, &batch).await.unwrap_err();
        assert!(error.is_transient() && error.may_be_billed(), "{body}: {error}");
    }
}

#[test]
fn a_provider_that_reads_no_soft_prompts_is_refused() {
    let address = Address::new("ollama/m");
    let settings = crate::server::settings();
    let endpoint = motjuste_remote::Endpoint::open(&address, &settings).unwrap();
    let error = ServedGenerator::new(endpoint, &address, Arc::new(Bytes)).err().unwrap();
    assert!(error.is_configuration() && error.help().unwrap().contains("hosted_vllm"));
}
