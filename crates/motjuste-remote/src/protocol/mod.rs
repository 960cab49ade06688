//! What a request and an answer look like on the wire, one protocol a file.
//!
//! Reading is permissive: fields that we do not know are ignored, and almost every one may be
//! missing. An answer whose usage is missing counts as the worst case that was reserved for it
//! ([`Request::worst_case`]): a token for each byte of the prompt, and the full length of the answer.

mod anthropic;
pub(crate) mod chat;
mod completions;
mod gemini;
mod messages;
mod reasoning;

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

/// How a target is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Chat,
    Completions,
    Anthropic,
    Gemini,
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
}

impl Protocol {
    pub(crate) fn of(provider: Provider, api: Option<Api>) -> Result<Self> {
        match (provider, api.unwrap_or_default()) {
            (Provider::Anthropic, Api::Chat) => Ok(Self::Anthropic),
            (Provider::Gemini, Api::Chat) => Ok(Self::Gemini),
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
        let prefix = if endpoint.provider() == Provider::Azure { &azure[..] } else { &[] };
        match self {
            Self::Chat => endpoint.url(&[prefix, &["chat", "completions"]].concat()),
            Self::Completions => endpoint.url(&[prefix, &["completions"]].concat()),
            Self::Anthropic => endpoint.url(anthropic::path(endpoint.is_versioned())),
            Self::Gemini => endpoint.url(&["models", &gemini::action(model)]),
        }
    }

    /// What can be asked of a model through it.
    pub(crate) fn abilities(self, provider: Provider) -> Abilities {
        let prefill = match self {
            Self::Completions | Self::Anthropic => true,
            Self::Chat => chat::Prefill::of(provider).is_some(),
            Self::Gemini => false,
        };
        let plain_text = self == Self::Completions;
        let logprobs = matches!(self, Self::Chat | Self::Completions);
        Abilities { plain_text, prefill, logprobs, ..Abilities::default() }
    }

    pub(crate) fn body(
        self,
        provider: Provider,
        model: &str,
        request: &Request,
    ) -> Result<Vec<u8>> {
        match self {
            Self::Chat => to_json(&chat::Ask::new(provider, model, request)?),
            Self::Completions => to_json(&completions::Ask::new(model, request)),
            Self::Anthropic => to_json(&anthropic::Ask::new(model, request)?),
            Self::Gemini => to_json(&gemini::Ask::new(request)?),
        }
    }

    /// The answer, which used `worst` if it does not tell.
    pub(crate) fn read(self, body: &[u8], worst: Usage) -> Result<Completion, Unread> {
        match self {
            Self::Chat => from_json::<chat::Answer>(body)?.completion(worst),
            Self::Completions => from_json::<completions::Answer>(body)?.completion(worst),
            Self::Anthropic => from_json::<anthropic::Answer>(body)?.completion(worst),
            Self::Gemini => from_json::<gemini::Answer>(body)?.completion(worst),
        }
    }
}

pub(crate) fn to_json(ask: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(ask)
        .map_err(|error| Error::model(format!("a request cannot be written: {error}")))
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
