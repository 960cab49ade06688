//! Google's `generateContent`. Log-probabilities are told by a few of its models only, and not
//! asked for.

use motjuste::model::{Completion, Request};
use motjuste::usage::Usage;
use serde::{Deserialize, Serialize};

use super::{Unread, seed};

/// Why a filter stopped an answer.
const FILTERS: [&str; 5] = ["SAFETY", "RECITATION", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII"];

pub(super) fn action(model: &str) -> String {
    format!("{}:generateContent", model.strip_prefix("models/").unwrap_or(model))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Ask<'a> {
    contents: [Content<'a>; 1],
    generation_config: Config,
}

#[derive(Debug, Serialize)]
struct Content<'a> {
    role: &'static str,
    parts: [Part<'a>; 1],
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
    pub(super) fn new(request: &'a Request) -> Self {
        let decoding = &request.decoding;
        Self {
            contents: [Content { role: "user", parts: [Part { text: &request.prompt }] }],
            generation_config: Config {
                max_output_tokens: decoding.max_tokens,
                temperature: decoding.temperature,
                // Gemini reads a seed of 32 bits.
                seed: seed(decoding).map(|seed| seed & i32::MAX as u64),
            },
        }
    }
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
struct TextPart {
    #[serde(default)]
    text: String,
    /// A summary of the model's thinking, which is no part of the answer.
    #[serde(default)]
    thought: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    block_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Tokens {
    prompt_token_count: u64,
    candidates_token_count: u64,
    thoughts_token_count: u64,
}

impl From<Tokens> for Usage {
    fn from(tokens: Tokens) -> Self {
        let tokens_out = tokens.candidates_token_count + tokens.thoughts_token_count;
        Self { tokens_in: tokens.prompt_token_count, tokens_out }
    }
}

impl Answer {
    pub(super) fn completion(self, worst: Usage) -> Result<Completion, Unread> {
        let usage = self.usage_metadata.map_or(worst, Usage::from);
        let is_blocked = self.prompt_feedback.is_some_and(|told| told.block_reason.is_some());
        let text = match self.candidates.into_iter().next() {
            Some(candidate) => candidate.text()?,
            None if is_blocked => String::new(),
            None => return Err(Unread::Empty),
        };
        Ok(Completion { text, usage, logprobs: Vec::new() })
    }
}

impl Candidate {
    /// A candidate that stopped before its first word, as one that thought too long, has no content.
    fn text(self) -> Result<String, Unread> {
        let reason = self.finish_reason.ok_or(Unread::Empty)?;
        if FILTERS.contains(&reason.as_str()) {
            return Ok(String::new());
        }
        let parts = self.content.map(|content| content.parts).unwrap_or_default();
        Ok(parts.into_iter().filter(|part| !part.thought).map(|part| part.text).collect())
    }
}
