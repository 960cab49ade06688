//! OpenAI's `/chat/completions`, as OpenAI, Azure and every open server speak it.

use motjuste::model::{Completion, Request};
use motjuste::usage::Usage;
use serde::{Deserialize, Serialize};

use super::reasoning::reasons;
use super::{Unread, seed};
use crate::provider::Provider;

#[derive(Debug, Serialize)]
pub(super) struct Ask<'a> {
    model: &'a str,
    messages: [Message<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    logprobs: bool,
}

#[derive(Debug, Serialize)]
struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

impl<'a> Ask<'a> {
    pub(super) fn new(provider: Provider, model: &'a str, request: &'a Request) -> Self {
        let decoding = &request.decoding;
        let reasons = reasons(provider, model);
        Self {
            model,
            messages: [Message { role: "user", content: &request.prompt }],
            max_tokens: (!reasons).then_some(decoding.max_tokens),
            max_completion_tokens: reasons.then_some(decoding.max_tokens),
            temperature: (!reasons).then_some(decoding.temperature),
            seed: seed(decoding).filter(|_| !reasons),
            logprobs: request.logprobs && !reasons,
        }
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

/// `reasoning_content` and its like are not part of the answer and not read.
#[derive(Debug, Deserialize)]
struct Said {
    content: Option<Content>,
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
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Tokens {
    #[serde(default)]
    pub(crate) prompt_tokens: u64,
    #[serde(default)]
    pub(crate) completion_tokens: u64,
}

impl From<Tokens> for Usage {
    fn from(tokens: Tokens) -> Self {
        Self { tokens_in: tokens.prompt_tokens, tokens_out: tokens.completion_tokens }
    }
}

impl Answer {
    pub(super) fn completion(self, worst: Usage) -> Result<Completion, Unread> {
        let choice = self.choices.into_iter().next().ok_or(Unread::Empty)?;
        let usage = self.usage.map_or(worst, Usage::from);
        if choice.finish_reason.as_deref() == Some("content_filter") {
            return Ok(Completion { text: String::new(), usage, logprobs: Vec::new() });
        }
        let content = choice.message.ok_or(Unread::Empty)?.content;
        let tokens = choice.logprobs.and_then(|logprobs| logprobs.content).unwrap_or_default();
        let logprobs = tokens.into_iter().map(|token| token.logprob).collect();
        Ok(Completion { text: content.map_or_else(String::new, Content::text), usage, logprobs })
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
