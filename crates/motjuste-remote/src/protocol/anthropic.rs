//! Anthropic's Messages API. It takes no seed and tells no log-probabilities.

use motjuste::Result as Built;
use motjuste::model::{Completion, FinishReason, Request};
use motjuste::usage::Usage;
use serde::{Deserialize, Serialize};

use super::Unread;
use super::count::count;
use super::messages::{Message, with_system_apart};

/// `ANTHROPIC_BASE_URL` is set with and without the version.
pub(super) fn path(is_versioned: bool) -> &'static [&'static str] {
    if is_versioned { &["messages"] } else { &["v1", "messages"] }
}

#[derive(Debug, Serialize)]
pub(super) struct Ask<'a> {
    model: &'a str,
    max_tokens: usize,
    temperature: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<String>,
    messages: Vec<Message<'a>>,
}

impl<'a> Ask<'a> {
    pub(super) fn new(model: &'a str, request: &'a Request) -> Built<Self> {
        let (system, messages) = with_system_apart(request)?;
        let (max_tokens, temperature) = (request.decoding.max_tokens, request.decoding.temperature);
        Ok(Self { model, max_tokens, temperature, system, messages })
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    content: Option<Vec<Block>>,
    stop_reason: Option<String>,
    usage: Option<Tokens>,
}

/// Blocks that are not text, such as thinking, are no part of the answer.
#[derive(Debug, Deserialize)]
struct Block {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    text: String,
}

#[derive(Debug, Deserialize)]
struct Tokens {
    #[serde(default, deserialize_with = "count")]
    input_tokens: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    cache_creation_input_tokens: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    cache_read_input_tokens: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    output_tokens: Option<u64>,
}

impl From<Tokens> for Usage {
    fn from(tokens: Tokens) -> Self {
        let cached = [tokens.cache_creation_input_tokens, tokens.cache_read_input_tokens];
        let read = cached.into_iter().chain([tokens.input_tokens]).flatten();
        let tokens_in = read.fold(0, u64::saturating_add);
        Self { tokens_in, tokens_out: tokens.output_tokens.unwrap_or_default() }
    }
}

impl Answer {
    /// Whether the model thought before it answered.
    pub(super) fn has_thought(&self) -> bool {
        let is_thought =
            |block: &Block| matches!(block.kind.as_str(), "thinking" | "redacted_thinking");
        self.content.iter().flatten().any(is_thought)
    }

    pub(super) fn completion(self, worst: Usage) -> Result<Completion, Unread> {
        let blocks = self.content.ok_or(Unread::Empty)?;
        let usage = self.usage.map_or(worst, Usage::from);
        let finish_reason = finish_reason(self.stop_reason.as_deref());
        let is_withheld = finish_reason == FinishReason::Filter;
        let told = blocks.into_iter().filter(|block| block.kind == "text" && !is_withheld);
        let text = told.map(|block| block.text).collect();
        Ok(Completion { text, finish_reason, usage, ..Completion::default() })
    }
}

fn finish_reason(stop_reason: Option<&str>) -> FinishReason {
    match stop_reason {
        Some("end_turn" | "stop_sequence") => FinishReason::Stop,
        Some("max_tokens" | "model_context_window_exceeded") => FinishReason::Length,
        Some("refusal") => FinishReason::Filter,
        Some("tool_use") => FinishReason::ToolCalls,
        _ => FinishReason::Unknown,
    }
}
