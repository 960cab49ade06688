//! How a server reads soft prompts.

use motjuste::model::{Completion, Decoding, Embedder, Embeddings, Request, TEMPLATE_TOKENS};
use motjuste::usage::Usage;
use motjuste::{Error, Result};
use reqwest::Url;

use super::{chat, sglang, vllm};
use crate::endpoint::Endpoint;
use crate::protocol::Unread;
use crate::provider::Provider;

/// The interface that carries embeddings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wire {
    /// vLLM's completions: the whole prompt embedded, many prompts in a request.
    Completions,
    /// vLLM's chat: the soft prompt embedded, the text as text, one prompt in a request.
    Chat,
    /// SGLang: the whole prompt embedded, many prompts in a request.
    Generate,
}

/// A prompt on its way.
pub(super) struct Prompt<'a> {
    /// All of it, or the soft prompt alone where the text travels as text.
    rows: Embeddings,
    request: &'a Request,
}

impl Prompt<'_> {
    /// The most tokens of the text, where it travels as text.
    fn text_tokens(&self) -> usize {
        self.request.prompt.text().len() + TEMPLATE_TOKENS
    }
}

impl Wire {
    pub(super) fn of(provider: Provider) -> Result<Self> {
        match provider {
            Provider::HostedVllm | Provider::OpenAiCompatible => Ok(Self::Completions),
            Provider::Sglang => Ok(Self::Generate),
            other => Err(Error::configuration(format!("{} reads no soft prompts", other.name()))
                .with_help("serve the open model with vLLM and name it hosted_vllm/MODEL")),
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Completions => "prompt_embeds",
            Self::Chat => "chat_prompt_embeds",
            Self::Generate => "input_embeds",
        }
    }

    pub(super) fn url(self, endpoint: &Endpoint) -> Url {
        match self {
            Self::Completions => endpoint.url(&["completions"]),
            Self::Chat => endpoint.url(&["chat", "completions"]),
            Self::Generate => endpoint.url_beside("generate"),
        }
    }

    /// How many of `wanted` prompts a request can carry.
    pub(super) fn at_once(self, wanted: usize) -> usize {
        if self == Self::Chat { 1 } else { wanted }
    }

    pub(super) fn prompt<'a>(
        self,
        embedder: &dyn Embedder,
        request: &'a Request,
    ) -> Result<Prompt<'a>> {
        let soft = request.soft_prompt.as_ref();
        if self != Self::Chat {
            return Ok(Prompt { rows: embedder.embed(soft, &request.prompt)?, request });
        }
        let rows = embedder.embed(soft, &"".into())?;
        let expected = soft.map_or(0, |soft| soft.projection.tokens);
        if rows.tokens() != expected {
            let message = format!("{} rows, not a soft prompt's {expected} alone", rows.tokens());
            return Err(Error::model(format!("the embedder of {} made {message}", embedder.id()))
                .with_help("ask through completions: this embedder has a template of its own"));
        }
        Ok(Prompt { rows, request })
    }

    /// The body of a request for `prompts`, at most [`Wire::at_once`] of them.
    pub(super) fn body(
        self,
        model: &str,
        prompts: &[Prompt],
        hidden: usize,
        decoding: &Decoding,
    ) -> Result<Vec<u8>> {
        let rows: Vec<_> = prompts.iter().map(|prompt| &prompt.rows).collect();
        match (self, prompts) {
            (Self::Chat, [Prompt { rows, request }]) => {
                chat::body(model, rows, &request.prompt.text(), hidden, decoding)
            }
            (Self::Generate, _) => sglang::body(&rows, hidden, decoding),
            _ => vllm::body(model, &rows, hidden, decoding),
        }
    }

    pub(super) fn read(
        self,
        body: &[u8],
        prompts: &[Prompt],
        decoding: &Decoding,
    ) -> Result<Vec<Completion>, Unread> {
        let rows: Vec<_> = prompts.iter().map(|prompt| prompt.rows.tokens()).collect();
        match self {
            Self::Completions => vllm::read(body, &rows, decoding),
            Self::Chat => chat::read(body, self.worst_case(prompts, decoding)),
            Self::Generate => sglang::read(body, &rows, decoding),
        }
    }

    /// The most that the prompts and their texts can use.
    pub(super) fn worst_case(self, prompts: &[Prompt], decoding: &Decoding) -> Usage {
        let text = |prompt: &Prompt| if self == Self::Chat { prompt.text_tokens() } else { 0 };
        let read = prompts.iter().map(|prompt| prompt.rows.tokens() + text(prompt));
        let written = prompts.len() * decoding.max_tokens;
        Usage { tokens_in: read.sum::<usize>() as u64, tokens_out: written as u64 }
    }
}
