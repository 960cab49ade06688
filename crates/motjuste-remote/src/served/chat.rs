//! vLLM's `/v1/chat/completions` with a `prompt_embeds` part: the server applies its own template and
//! embeds the text, so that only the soft prompt's rows travel. It puts a line break between parts.

use motjuste::Result;
use motjuste::model::{Completion, Decoding, Embeddings};
use motjuste::usage::Usage;
use serde::Serialize;

use super::garbage::is_garbage_text;
use super::payload;
use crate::protocol::{Protocol, Read, Unread, seed, to_json};

#[derive(Debug, Serialize)]
struct Ask<'a> {
    model: &'a str,
    messages: [Message<'a>; 1],
    max_tokens: usize,
    temperature: f64,
    n: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
}

#[derive(Debug, Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Vec<Part<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Part<'a> {
    PromptEmbeds { data: String },
    Text { text: &'a str },
}

pub(super) fn body(
    model: &str,
    soft: &Embeddings,
    text: &str,
    hidden: usize,
    decoding: &Decoding,
) -> Result<Vec<u8>> {
    let mut content = Vec::new();
    if !soft.values.is_empty() {
        content.push(Part::PromptEmbeds { data: payload::encode(soft, hidden)? });
    }
    content.push(Part::Text { text });
    to_json(&Ask {
        model,
        messages: [Message { role: "user", content }],
        max_tokens: decoding.max_tokens,
        temperature: decoding.temperature,
        n: 1,
        seed: seed(decoding),
    })
}

/// The one completion, which used `worst` if the server does not tell.
pub(super) fn read(body: &[u8], worst: Usage) -> Result<Vec<Completion>, Unread> {
    let Read { completion, .. } = Protocol::Chat.read(body, worst)?;
    if is_garbage_text(&completion.text) {
        return Err(Unread::Malformed("the server's cache seems to be spoiled".to_owned()));
    }
    Ok(vec![completion])
}
