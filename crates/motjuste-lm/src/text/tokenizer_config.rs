//! `tokenizer_config.json`: special tokens and chat templates.

use motjuste::{Error, Result};
use serde::Deserialize;

/// The keys that we read; the whole file may be missing.
#[derive(Deserialize, Default)]
pub(super) struct TokenizerConfig {
    bos_token: Option<Token>,
    eos_token: Option<Token>,
    pad_token: Option<Token>,
    unk_token: Option<Token>,
    chat_template: Option<Templates>,
}

/// A special token, as its text or as an object around it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Token {
    Plain(String),
    Object { content: String },
}

/// One template, or several with names.
#[derive(Deserialize)]
#[serde(untagged)]
enum Templates {
    One(String),
    Named(Vec<Named>),
}

#[derive(Deserialize)]
struct Named {
    name: String,
    template: String,
}

impl TokenizerConfig {
    pub(super) fn parse(json: Option<&[u8]>) -> Result<Self> {
        json.map_or_else(
            || Ok(Self::default()),
            |json| {
                serde_json::from_slice(json)
                    .map_err(|e| Error::model(format!("tokenizer_config.json: {e}")).with_source(e))
            },
        )
    }

    /// The special tokens that a template may name, with their texts.
    pub(super) fn special_tokens(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let named = [
            ("bos_token", &self.bos_token),
            ("eos_token", &self.eos_token),
            ("pad_token", &self.pad_token),
            ("unk_token", &self.unk_token),
        ];
        named.into_iter().filter_map(|(name, token)| Some((name, token.as_ref()?.text())))
    }

    pub(super) fn eos_token(&self) -> Option<&str> {
        self.eos_token.as_ref().map(Token::text)
    }

    /// The template for plain conversations.
    pub(super) fn chat_template(&self) -> Option<&str> {
        match self.chat_template.as_ref()? {
            Templates::One(template) => Some(template),
            Templates::Named(all) => {
                let default = all.iter().find(|named| named.name == "default");
                default.map(|named| &named.template[..])
            }
        }
    }
}

impl Token {
    fn text(&self) -> &str {
        match self {
            Self::Plain(text) | Self::Object { content: text } => text,
        }
    }
}
