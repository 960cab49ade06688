//! The words of a GGUF file's tokenizer.

use std::collections::HashMap;

use motjuste::Result;
use serde_json::{Value, json};

use super::header::Header;
use super::value::Value as Stored;

/// What a token is, after `tokenizer.ggml.token_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Normal,
    Unknown,
    Control,
    UserDefined,
    Unused,
    Byte,
}

impl Kind {
    fn of(code: usize) -> Self {
        match code {
            2 => Self::Unknown,
            3 => Self::Control,
            4 => Self::UserDefined,
            5 => Self::Unused,
            6 => Self::Byte,
            _ => Self::Normal,
        }
    }
}

/// The tokens in the order of their ids.
pub(super) struct Vocabulary<'a> {
    pub(super) tokens: Vec<&'a str>,
    pub(super) kinds: Vec<Kind>,
}

impl<'a> Vocabulary<'a> {
    pub(super) fn read(header: &'a Header) -> Result<Self> {
        let tokens = header.list("tokenizer.ggml.tokens").map(strings);
        let tokens = tokens.ok_or_else(|| header.error("tokenizer.ggml.tokens is missing"))?;
        let codes = header.list("tokenizer.ggml.token_type").unwrap_or_default();
        let kind = |id: usize| codes.get(id).and_then(Stored::whole).map_or(Kind::Normal, Kind::of);
        Ok(Self { kinds: (0..tokens.len()).map(kind).collect(), tokens })
    }

    /// Token to id. A text that occurs twice has its first id.
    pub(super) fn ids(&self) -> HashMap<&'a str, usize> {
        self.tokens.iter().enumerate().rev().map(|(id, &token)| (token, id)).collect()
    }

    /// The key `vocab` of a tokenizer.json.
    pub(super) fn vocab(&self) -> Value {
        self.ids().into_iter().map(|(token, id)| (token.to_owned(), json!(id))).collect()
    }

    /// The key `added_tokens`: what is found in a text before anything else is done to it.
    pub(super) fn added_tokens(&self) -> Value {
        let added =
            self.tokens.iter().zip(&self.kinds).enumerate().filter_map(|(id, (token, kind))| {
                let special = match kind {
                    Kind::Control | Kind::Unknown => true,
                    Kind::UserDefined => false,
                    Kind::Normal | Kind::Unused | Kind::Byte => return None,
                };
                Some(json!({ "id": id, "content": token, "single_word": false, "lstrip": false,
                "rstrip": false, "normalized": false, "special": special }))
            });
        added.collect()
    }
}

/// The texts of a list.
pub(super) fn strings(list: &[Stored]) -> Vec<&str> {
    let mut texts = Vec::new();
    for value in list {
        if let Stored::Text(text) = value {
            texts.push(text.as_str());
        }
    }
    texts
}
