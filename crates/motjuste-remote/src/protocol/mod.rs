//! What a request and an answer look like on the wire, one protocol a file.
//!
//! Reading is permissive: fields that we do not know are ignored, and almost every one may be
//! missing. An answer whose usage is missing counts as the worst case that was reserved for it
//! ([`Request::worst_case`]): a token for each byte of the prompt, and the full length of the answer.

mod anthropic;
pub(crate) mod chat;
mod clipped;
mod completions;
mod count;
mod gemini;
mod messages;
pub(crate) mod program;
mod reasoning;
mod shape;

use motjuste::model::{Abilities, Completion, Request};
use motjuste::usage::Usage;
use motjuste::{Error, Result};
use reqwest::Url;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::address::Api;
use crate::endpoint::Endpoint;
use crate::provider::Provider;
pub(crate) use clipped::closed;
pub(crate) use count::{believable, count};
pub(crate) use reasoning::{THINKING_TOKENS, thinks};
pub(crate) use shape::{Body, Shape};

/// How a target is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Chat,
    Completions,
    Anthropic,
    Gemini,
    /// That of programs: a web service which is no language model's.
    Program,
}

/// An answer as it was read.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) completion: Completion,
    /// Whether the model thought before it answered, as far as it tells.
    pub(crate) thought: bool,
}

/// A body with a status of success that holds no answer.
#[derive(Debug)]
pub(crate) enum Unread {
    /// It is not what the protocol promises.
    Malformed(String),
    /// It holds no choice.
    Empty,
    /// It is a refusal under a status of success (OpenRouter).
    Refused(Value),
    /// A program says what went wrong, and whether to try again.
    Failed { said: String, retry: bool },
}

impl Protocol {
    pub(crate) fn of(provider: Provider, api: Option<Api>) -> Result<Self> {
        match (provider, api.unwrap_or_default()) {
            (Provider::Anthropic, Api::Chat) => Ok(Self::Anthropic),
            (Provider::Gemini, Api::Chat) => Ok(Self::Gemini),
            (Provider::Service, _) if api.is_none() => Ok(Self::Program),
            (Provider::Service, _) => Err(Error::configuration("a web service has one interface")
                .with_help("leave the interface out")),
            (Provider::Anthropic | Provider::Gemini, Api::Completions) => {
                let message = format!("{} has no completions interface", provider.name());
                Err(Error::configuration(message).with_help("use the chat interface"))
            }
            (_, Api::Chat) => Ok(Self::Chat),
            (_, Api::Completions) => Ok(Self::Completions),
        }
    }

    pub(crate) fn url(self, endpoint: &Endpoint, model: &str) -> Url {
        let azure = ["openai", "deployments", model];
        let prefix = if endpoint.has_deployments() { &azure[..] } else { &[] };
        match self {
            Self::Chat => endpoint.url(&[prefix, &["chat", "completions"]].concat()),
            Self::Completions => endpoint.url(&[prefix, &["completions"]].concat()),
            Self::Anthropic => endpoint.url(anthropic::path(endpoint.is_versioned())),
            Self::Gemini => endpoint.url(&["models", &gemini::action(model)]),
            Self::Program => endpoint.base().clone(),
        }
    }

    /// What can be asked of a model through it.
    pub(crate) fn abilities(self, provider: Provider) -> Abilities {
        let prefill = match self {
            Self::Completions | Self::Anthropic => true,
            Self::Chat => chat::Prefill::of(provider).is_some(),
            Self::Gemini | Self::Program => false,
        };
        let plain_text = self == Self::Completions;
        let logprobs = matches!(self, Self::Chat | Self::Completions);
        let parts = self == Self::Program;
        Abilities { plain_text, prefill, logprobs, parts, ..Abilities::default() }
    }

    pub(crate) fn body(self, provider: Provider, model: &str, request: &Request) -> Result<Value> {
        match self {
            Self::Chat => to_value(&chat::Ask::new(provider, model, request)?),
            Self::Completions => to_value(&completions::Ask::new(model, request)),
            Self::Anthropic => to_value(&anthropic::Ask::new(model, request)?),
            Self::Gemini => to_value(&gemini::Ask::new(request)?),
            Self::Program => to_value(&program::Ask::new(request, None)),
        }
    }

    /// The answer, which used `worst` if it does not tell.
    pub(crate) fn read(self, body: &[u8], worst: Usage) -> Result<Read, Unread> {
        let (thought, completion) = match self {
            Self::Chat => {
                let answer: chat::Answer = from_json(body)?;
                (answer.has_thought(), answer.completion(worst)?)
            }
            Self::Completions => {
                let answer: completions::Answer = from_json(body)?;
                (answer.has_thought(), answer.completion(worst)?)
            }
            Self::Anthropic => {
                let answer: anthropic::Answer = from_json(body)?;
                (answer.has_thought(), answer.completion(worst)?)
            }
            Self::Gemini => {
                let answer: gemini::Answer = from_json(body)?;
                (answer.has_thought(), answer.completion(worst)?)
            }
            Self::Program => (false, program::read(body, None, worst)?),
        };
        let thought = thought || is_in_thought(&completion.text);
        Ok(Read { completion, thought })
    }

    /// What a failure means: a program that fails may fail at this row alone.
    pub(crate) fn weigh(self, error: Error) -> Error {
        match self == Self::Program && error.may_be_billed() {
            true => error.of_one_request(),
            false => error,
        }
    }
}

pub(crate) fn to_json(ask: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(ask)
        .map_err(|error| Error::model(format!("a request cannot be written: {error}")))
}

fn to_value(ask: &impl Serialize) -> Result<Value> {
    serde_json::to_value(ask)
        .map_err(|error| Error::model(format!("a request cannot be written: {error}")))
}

/// Whether a text begins with thinking that has not ended: a server without a reader for it passes it on.
fn is_in_thought(text: &str) -> bool {
    text.trim_start().starts_with("<think>") && !text.contains("</think>")
}

pub(crate) fn from_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unread> {
    let value: Value = serde_json::from_slice(body).map_err(|error| malformed(&error))?;
    match value.get("error").filter(|error| !error.is_null()) {
        Some(_) => Err(Unread::Refused(value)),
        None => serde_json::from_value(value).map_err(|error| malformed(&error)),
    }
}

fn malformed(error: &serde_json::Error) -> Unread {
    Unread::Malformed(error.to_string())
}

/// A seed for a draw, where drawing needs one. Servers read it as a signed number.
pub(crate) fn seed(decoding: &motjuste::model::Decoding) -> Option<u64> {
    (decoding.temperature > 0.0).then_some(decoding.draw & i64::MAX as u64)
}
