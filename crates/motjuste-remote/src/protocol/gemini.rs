//! Google's `generateContent`. Log-probabilities are told by a few of its models only, and not
//! asked for.

use motjuste::Result as Built;
use motjuste::model::{Completion, FinishReason, Message, MessageRole, Request};
use motjuste::usage::Usage;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::count::count;
use super::messages::system_and_others;
use super::{Unread, seed};

/// Why a filter stopped an answer.
const FILTERS: [&str; 5] = ["SAFETY", "RECITATION", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII"];

pub(super) fn action(model: &str) -> String {
    format!("{}:generateContent", model.strip_prefix("models/").unwrap_or(model))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Ask<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    system_instruction: Option<System<'a>>,
    contents: Vec<Content<'a>>,
    generation_config: Config,
}

#[derive(Debug, Serialize)]
struct Content<'a> {
    role: &'static str,
    parts: [Part<'a>; 1],
}

#[derive(Debug, Serialize)]
struct System<'a> {
    parts: Vec<Part<'a>>,
}

#[derive(Debug, Serialize)]
struct Part<'a> {
    text: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    max_output_tokens: usize,
    temperature: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
}

impl<'a> Ask<'a> {
    pub(super) fn new(request: &'a Request) -> Built<Self> {
        let (decoding, (system, others)) = (&request.decoding, system_and_others(request)?);
        let part = |message: &'a Message| Part { text: &message.content };
        let system = System { parts: system.iter().map(part).collect() };
        Ok(Self {
            system_instruction: Some(system).filter(|system| !system.parts.is_empty()),
            contents: others.iter().map(content).collect(),
            generation_config: Config {
                max_output_tokens: decoding.max_tokens,
                temperature: decoding.temperature,
                // Gemini reads a seed of 32 bits.
                seed: seed(decoding).map(|seed| seed & i32::MAX as u64),
            },
        })
    }
}

fn content(message: &Message) -> Content<'_> {
    let role = if message.role == MessageRole::Assistant { "model" } else { "user" };
    Content { role, parts: [Part { text: &message.content }] }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer {
    #[serde(default)]
    candidates: Vec<Candidate>,
    prompt_feedback: Option<Feedback>,
    usage_metadata: Option<Tokens>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    content: Option<Told>,
    finish_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Told {
    #[serde(default)]
    parts: Vec<TextPart>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TextPart {
    #[serde(default)]
    text: String,
    /// A summary of the model's thinking, which is no part of the answer.
    #[serde(default)]
    thought: bool,
    function_call: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    block_reason: Option<String>,
}

/// A count that is zero is left out.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tokens {
    #[serde(default, deserialize_with = "count")]
    prompt_token_count: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    candidates_token_count: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    thoughts_token_count: Option<u64>,
}

impl From<Tokens> for Usage {
    fn from(tokens: Tokens) -> Self {
        let written = [tokens.candidates_token_count, tokens.thoughts_token_count];
        let tokens_out = written.into_iter().flatten().fold(0, u64::saturating_add);
        Self { tokens_in: tokens.prompt_token_count.unwrap_or_default(), tokens_out }
    }
}

impl Answer {
    /// Whether the model thought before it answered.
    pub(super) fn has_thought(&self) -> bool {
        let thoughts = self.usage_metadata.as_ref().and_then(|tokens| tokens.thoughts_token_count);
        thoughts.is_some_and(|tokens| tokens > 0)
    }

    pub(super) fn completion(self, worst: Usage) -> Result<Completion, Unread> {
        let usage = self.usage_metadata.map_or(worst, Usage::from);
        let is_blocked = self.prompt_feedback.is_some_and(|told| told.block_reason.is_some());
        let (text, finish_reason) = match self.candidates.into_iter().next() {
            Some(candidate) => candidate.text()?,
            None if is_blocked => (String::new(), FinishReason::Filter),
            None => return Err(Unread::Empty),
        };
        Ok(Completion { text, finish_reason, usage, ..Completion::default() })
    }
}

impl Candidate {
    /// A candidate that stopped before its first word, as one that thought too long, has no content.
    fn text(self) -> Result<(String, FinishReason), Unread> {
        let reason = self.finish_reason.ok_or(Unread::Empty)?;
        let finish_reason = match reason.as_str() {
            reason if FILTERS.contains(&reason) => {
                return Ok((String::new(), FinishReason::Filter));
            }
            "STOP" => FinishReason::Stop,
            "MAX_TOKENS" => FinishReason::Length,
            _ => FinishReason::Unknown,
        };
        let parts = self.content.map(|content| content.parts).unwrap_or_default();
        let has_called = parts.iter().any(|part| part.function_call.is_some());
        let finish_reason = if has_called { FinishReason::ToolCalls } else { finish_reason };
        let told = parts.into_iter().filter(|part| !part.thought);
        Ok((told.map(|part| part.text).collect(), finish_reason))
    }
}
