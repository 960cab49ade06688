//! OpenAI's `/chat/completions`, as OpenAI, Azure and every open server speak it.

use motjuste::Result as Built;
use motjuste::model::{Completion, FinishReason, Request};
use motjuste::usage::Usage;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::count::count;
use super::messages::{Message, messages};
use super::reasoning::refuses_sampling;
use super::{Unread, seed};
use crate::provider::Provider;

#[derive(Debug, Serialize)]
pub(super) struct Ask<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    #[serde(flatten)]
    prefill: Option<Prefill>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    /// What Mistral calls it; it refuses a body with a field that it does not know.
    #[serde(skip_serializing_if = "Option::is_none")]
    random_seed: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    logprobs: bool,
}

/// What a server is told so that it goes on from a last message of the assistant.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Prefill {
    #[serde(skip_serializing_if = "Option::is_none")]
    continue_final_message: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    add_generation_prompt: Option<bool>,
}

impl Prefill {
    /// For the servers that are documented to go on; the others would begin an answer of their own.
    pub(super) fn of(provider: Provider) -> Option<Self> {
        let (continue_final_message, add_generation_prompt) = match provider {
            Provider::HostedVllm => (Some(true), Some(false)),
            Provider::Sglang => (Some(true), None),
            Provider::LlamaCpp | Provider::OpenRouter => (None, None),
            _ => return None,
        };
        Some(Self { continue_final_message, add_generation_prompt })
    }
}

impl<'a> Ask<'a> {
    pub(super) fn new(provider: Provider, model: &'a str, request: &'a Request) -> Built<Self> {
        let decoding = &request.decoding;
        let reasons = refuses_sampling(provider, model);
        Ok(Self {
            model,
            messages: messages(request)?,
            prefill: Prefill::of(provider).filter(|_| !request.prefill.trim().is_empty()),
            max_tokens: (!reasons).then_some(decoding.max_tokens),
            max_completion_tokens: reasons.then_some(decoding.max_tokens),
            temperature: (!reasons).then_some(decoding.temperature),
            seed: seed(decoding).filter(|_| !reasons && provider != Provider::Mistral),
            random_seed: seed(decoding).filter(|_| provider == Provider::Mistral),
            logprobs: request.returns.logprobs && !reasons,
        })
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    #[serde(default)]
    choices: Vec<Choice>,
    usage: Option<Tokens>,
}

#[derive(Debug, Deserialize)]
struct Choice {
    message: Option<Said>,
    finish_reason: Option<String>,
    logprobs: Option<Logprobs>,
}

/// Thoughts, which vLLM, DeepSeek and OpenRouter tell, are no part of the answer.
#[derive(Debug, Deserialize)]
struct Said {
    content: Option<Content>,
    #[serde(default)]
    reasoning_content: Value,
    #[serde(default)]
    reasoning: Value,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Debug, Deserialize)]
struct Part {
    #[serde(default)]
    text: String,
}

#[derive(Debug, Deserialize)]
struct Logprobs {
    content: Option<Vec<Token>>,
}

#[derive(Debug, Deserialize)]
struct Token {
    logprob: f64,
}

/// OpenAI's `usage`.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(super) struct Tokens {
    #[serde(default, deserialize_with = "count")]
    prompt_tokens: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    completion_tokens: Option<u64>,
    #[serde(default, deserialize_with = "details")]
    completion_tokens_details: Details,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
struct Details {
    #[serde(default, deserialize_with = "count")]
    reasoning_tokens: Option<u64>,
}

/// What some servers leave out, and others fill with null.
fn details<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Details, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl Tokens {
    /// Whether some of them were thoughts.
    pub(super) fn has_thoughts(self) -> bool {
        self.completion_tokens_details.reasoning_tokens.is_some_and(|tokens| tokens > 0)
    }

    /// What is not told counts at its worst.
    pub(super) fn usage(self, worst: Usage) -> Usage {
        Usage {
            tokens_in: self.prompt_tokens.unwrap_or(worst.tokens_in),
            tokens_out: self.completion_tokens.unwrap_or(worst.tokens_out),
        }
    }
}

impl Answer {
    /// Whether the model thought, as far as it tells.
    pub(super) fn has_thought(&self) -> bool {
        let said = self.choices.first().and_then(|choice| choice.message.as_ref());
        let is_told = |thought: &Value| thought.as_str().is_some_and(|text| !text.is_empty());
        self.usage.is_some_and(Tokens::has_thoughts)
            || said.is_some_and(|said| is_told(&said.reasoning_content) || is_told(&said.reasoning))
    }

    pub(super) fn completion(self, worst: Usage) -> Result<Completion, Unread> {
        let choice = self.choices.into_iter().next().ok_or(Unread::Empty)?;
        let usage = self.usage.unwrap_or_default().usage(worst);
        let finish_reason = finish_reason(choice.finish_reason.as_deref());
        if finish_reason == FinishReason::Filter {
            return Ok(Completion { finish_reason, usage, ..Completion::default() });
        }
        let content = choice.message.ok_or(Unread::Empty)?.content;
        let tokens = choice.logprobs.and_then(|logprobs| logprobs.content).unwrap_or_default();
        let logprobs = tokens.into_iter().map(|token| token.logprob).collect();
        let text = content.map_or_else(String::new, Content::text);
        Ok(Completion { text, finish_reason, usage, logprobs, ..Completion::default() })
    }
}

/// OpenAI's `finish_reason`.
pub(crate) fn finish_reason(reason: Option<&str>) -> FinishReason {
    match reason {
        Some("stop" | "eos" | "end_turn") => FinishReason::Stop,
        Some("tool_calls" | "function_call") => FinishReason::ToolCalls,
        Some("length") => FinishReason::Length,
        Some("content_filter") => FinishReason::Filter,
        _ => FinishReason::Unknown,
    }
}

impl Content {
    fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Parts(parts) => parts.into_iter().map(|part| part.text).collect(),
        }
    }
}
