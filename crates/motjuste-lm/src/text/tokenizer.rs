//! Text to token ids and back, by the model's own `tokenizer.json`.

use motjuste::{Error, Result};
use serde::Deserialize;
use serde_json::Value;
use tokenizers::Encoding;

/// What is looked at before the library reads the file: it panics where a decoder is no JSON, and where a template names
/// a token that there is not.
#[derive(Deserialize)]
struct Outline {
    #[serde(default)]
    post_processor: Value,
}

/// A special token that a template for texts puts in without saying what it is, in any part of a post-processor.
fn unknown_in_template(post_processor: &Value) -> Option<&Value> {
    let known = &post_processor["special_tokens"];
    let pieces = ["single", "pair"].iter().filter_map(|name| post_processor[name].as_array());
    let mut named = pieces.flatten().map(|piece| &piece["SpecialToken"]["id"]);
    let is_unknown = |id: &&Value| id.as_str().is_some_and(|id| known.get(id).is_none());
    let parts = post_processor["processors"].as_array().into_iter().flatten();
    named.find(is_unknown).or_else(|| parts.filter_map(unknown_in_template).next())
}

/// The model's tokenizer.
pub(crate) struct Tokenizer {
    inner: tokenizers::Tokenizer,
}

impl Tokenizer {
    pub(crate) fn parse(json: &[u8]) -> Result<Self> {
        let outline: Outline = serde_json::from_slice(json).map_err(|e| damaged(&e))?;
        if let Some(token) = unknown_in_template(&outline.post_processor) {
            return Err(damaged(&format!("its template names {token}, which it does not have")));
        }
        let mut inner = tokenizers::Tokenizer::from_bytes(json).map_err(|e| damaged(&e))?;
        // What it was trained with, not what a prompt needs.
        inner.with_padding(None);
        inner.with_truncation(None).map_err(|e| damaged(&e))?;
        Ok(Self { inner })
    }

    /// The tokens of a text as it stands: no special token is added.
    pub(crate) fn encode(&self, text: &str) -> Result<Vec<u32>> {
        let encoding = self.inner.encode_fast(text, false);
        encoding.map(|encoding| encoding.get_ids().to_vec()).map_err(unreadable)
    }

    /// The tokens of a text with their places in bytes; special tokens are added on demand, as the
    /// tokenizer's post-processor says.
    pub(crate) fn encode_with_offsets(&self, text: &str, special: bool) -> Result<Encoding> {
        self.inner.encode(text, special).map_err(unreadable)
    }

    /// The special tokens that the tokenizer puts in front of a text, and those behind it.
    pub(crate) fn frame(&self) -> Result<[Vec<u32>; 2]> {
        let probe = self.encode_with_offsets("a", true)?;
        let tokens = probe.get_ids().iter().zip(probe.get_special_tokens_mask());
        let is_special = |(_, mask): &(&u32, &u32)| **mask == 1;
        let front = tokens.clone().take_while(is_special).map(|(&id, _)| id).collect();
        let mut behind: Vec<u32> = tokens.rev().take_while(is_special).map(|(&id, _)| id).collect();
        behind.reverse();
        Ok([front, behind])
    }

    /// Whether a token is a piece of text: not a special one, nor one that an unused or a control name in
    /// brackets was given.
    pub(crate) fn is_text(&self, id: u32) -> bool {
        let Some(token) = self.token(id) else { return false };
        let added = self.inner.get_added_vocabulary().get_added_tokens_decoder().get(&id);
        let is_bracketed = (token.starts_with('<') && token.ends_with('>'))
            || (token.starts_with('[') && token.ends_with(']'));
        match added {
            Some(added) => !added.special && !is_bracketed,
            None => {
                !(is_bracketed && ["unused", "reserved", "pad"].iter().any(|w| token.contains(w)))
            }
        }
    }

    /// The text of the tokens, without special ones.
    pub(crate) fn decode(&self, tokens: &[u32]) -> Result<String> {
        let text = self.inner.decode(tokens, true);
        text.map_err(|e| Error::model(format!("the model's tokens are not a text: {e}")))
    }

    /// The word of the vocabulary with this id.
    pub(crate) fn token(&self, id: u32) -> Option<String> {
        self.inner.id_to_token(id)
    }

    /// The id of a token.
    pub(crate) fn id(&self, token: &str) -> Option<u32> {
        self.inner.token_to_id(token)
    }
}

fn damaged(error: &dyn std::fmt::Display) -> Error {
    Error::model(format!("tokenizer.json cannot be read: {error}"))
}

fn unreadable(e: tokenizers::Error) -> Error {
    Error::model(format!("the text cannot be tokenised: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decoder_that_is_no_json_is_an_error() {
        let json = br#"{"version": "1.0", "decoder": {"type": "ByteLevel", "trim_offsets": x}}"#;
        let error = Tokenizer::parse(json).err().unwrap();
        assert!(error.to_string().starts_with("tokenizer.json cannot be read"), "{error}");
    }

    #[test]
    fn a_template_that_names_a_token_that_there_is_not_is_an_error() {
        let template = r#"{"type": "TemplateProcessing", "special_tokens": {"</s>": {}},
            "single": [{"SpecialToken": {"id": "<s>"}}, {"Sequence": {"id": "A"}}], "pair": []}"#;
        for post_processor in
            [template.to_owned(), format!(r#"{{"type": "Sequence", "processors": [{template}]}}"#)]
        {
            let json = format!(r#"{{"version": "1.0", "post_processor": {post_processor}}}"#);
            let error = Tokenizer::parse(json.as_bytes()).err().unwrap();
            assert!(error.to_string().contains(r#"names "<s>""#), "{error}");
        }
    }
}
