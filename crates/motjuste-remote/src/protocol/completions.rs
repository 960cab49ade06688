//! OpenAI's `/completions`: the model continues a text.

use motjuste::model::{Completion, FinishReason, Request};
use motjuste::usage::Usage;
use serde::{Deserialize, Serialize};

use super::chat::{Tokens, finish_reason};
use super::{Unread, seed};

#[derive(Debug, Serialize)]
pub(super) struct Ask<'a> {
    model: &'a str,
    prompt: String,
    max_tokens: usize,
    temperature: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    /// How many alternatives to tell beside each written token.
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<u8>,
}

impl<'a> Ask<'a> {
    pub(super) fn new(model: &'a str, request: &'a Request) -> Self {
        let decoding = &request.decoding;
        Self {
            model,
            prompt: request.text(),
            max_tokens: decoding.max_tokens,
            temperature: decoding.temperature,
            seed: seed(decoding),
            logprobs: request.returns.logprobs.then_some(1),
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
    #[serde(default)]
    text: Option<String>,
    finish_reason: Option<String>,
    logprobs: Option<Logprobs>,
}

#[derive(Debug, Deserialize)]
struct Logprobs {
    token_logprobs: Option<Vec<Option<f64>>>,
}

impl Answer {
    /// Whether the model thought, as far as it tells.
    pub(super) fn has_thought(&self) -> bool {
        self.usage.is_some_and(Tokens::has_thoughts)
    }

    pub(super) fn completion(self, worst: Usage) -> Result<Completion, Unread> {
        let choice = self.choices.into_iter().next().ok_or(Unread::Empty)?;
        let usage = self.usage.unwrap_or_default().usage(worst);
        let finish_reason = finish_reason(choice.finish_reason.as_deref());
        if finish_reason == FinishReason::Filter {
            return Ok(Completion { finish_reason, usage, ..Completion::default() });
        }
        let tokens = choice.logprobs.and_then(|logprobs| logprobs.token_logprobs);
        let logprobs = tokens.unwrap_or_default().into_iter().flatten().collect();
        let text = choice.text.ok_or(Unread::Empty)?;
        Ok(Completion { text, finish_reason, usage, logprobs, ..Completion::default() })
    }
}
