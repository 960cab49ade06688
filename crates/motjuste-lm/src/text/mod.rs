//! From a prompt to the tokens that a model reads, and back.

mod chat;
mod end;
mod instruction;
mod jinja;
#[cfg(test)]
mod tests;
mod tokenizer;
mod tokenizer_config;

use std::sync::Arc;

use motjuste::model::Prompt as Asked;
use motjuste::{Error, Result};

use crate::files::Files;
use crate::options::{LoadOptions, SoftPromptPlace};
use chat::Chat;
pub(crate) use instruction::end_of_instruction;
pub(crate) use tokenizer::Tokenizer;
use tokenizer_config::TokenizerConfig;

/// A model's tokenizer, and its chat template if prompts are wrapped in it.
pub(crate) struct Text {
    pub(crate) tokenizer: Arc<Tokenizer>,
    chat: Option<Chat>,
    place: SoftPromptPlace,
    /// Tokens that end a text, beside those of config.json.
    pub(crate) end: Vec<u32>,
}

/// The tokens of a prompt.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Prompt {
    pub(crate) tokens: Vec<u32>,
    /// How many of them stand in front of a soft prompt.
    pub(crate) soft_at: usize,
}

/// The tokens of a prompt around a place in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Around {
    pub(crate) head: Vec<u32>,
    pub(crate) tail: Vec<u32>,
    /// What stands in the prompt right in front of the place and is part of the first token in it: a space, or nothing.
    pub(crate) lead: &'static str,
    /// What a model writes between the prompt and its answer: a space, or nothing.
    pub(crate) gap: &'static str,
}

impl Text {
    pub(crate) fn load(files: &Files, options: &LoadOptions) -> Result<Self> {
        let tokenizer = Tokenizer::parse(&files.tokenizer)?;
        let config = TokenizerConfig::parse(files.tokenizer_config.as_deref())?;
        let chat = Chat::load(&config, files.chat_template.as_deref(), options.template)?;
        let end = end::tokens(&tokenizer, &config, chat.as_ref(), files)?;
        Ok(Self { tokenizer: Arc::new(tokenizer), chat, place: options.soft_prompt_place, end })
    }

    /// Whether a prompt is a message to the model.
    pub(crate) fn is_chat(&self) -> bool {
        self.chat.is_some()
    }

    /// The tokens of a prompt: messages through the template of a chat model; a text, and what a base
    /// model reads, as they stand.
    pub(crate) fn read(&self, prompt: &Asked) -> Result<Prompt> {
        // A chat template writes the special tokens itself.
        let (encoding, said) = match (&self.chat, prompt) {
            (Some(chat), Asked::Messages(messages)) => {
                let (text, said) = chat.render(messages)?;
                (self.tokenizer.encode_with_offsets(&text, false)?, said)
            }
            _ => {
                let text = prompt.text();
                (self.tokenizer.encode_with_offsets(&text, true)?, 0..text.len())
            }
        };
        let offsets = encoding.get_offsets().iter();
        let soft_at = match self.place {
            SoftPromptPlace::Front => 0,
            SoftPromptPlace::BehindSystem => {
                offsets.take_while(|(_, end)| *end <= said.start).count()
            }
            SoftPromptPlace::BehindPrompt => {
                offsets.take_while(|(start, _)| *start < said.end).count()
            }
        };
        Ok(Prompt { tokens: encoding.get_ids().to_vec(), soft_at })
    }

    /// The tokens in front of a mark in a prompt, and those behind it. Each side is tokenised apart, so that tokens can
    /// stand between them; the special tokens around the whole are there once.
    ///
    /// # Errors
    /// When the mark is not in the prompt, or more than once.
    pub(crate) fn read_around(&self, prompt: &Asked, mark: &str) -> Result<Around> {
        let (text, [mut head, end]) = match (&self.chat, prompt) {
            (Some(chat), Asked::Messages(messages)) => (chat.render(messages)?.0, <_>::default()),
            _ => (prompt.text(), self.tokenizer.frame()?),
        };
        let parts: Vec<&str> = text.split(mark).collect();
        let [front, behind] = parts[..] else {
            let places = parts.len() - 1;
            return Err(Error::model(format!("a prompt has {places} places for a trigger"))
                .with_help("mark the one place where the trigger goes"));
        };
        let front_of_space = front.strip_suffix(' ');
        head.extend(self.tokenizer.encode(front_of_space.unwrap_or(front))?);
        Ok(Around {
            head,
            tail: [self.tokenizer.encode(behind)?, end].concat(),
            lead: if front_of_space.is_some() { " " } else { "" },
            gap: if self.is_chat() || text.ends_with(char::is_whitespace) { "" } else { " " },
        })
    }

    /// The tokens of a text that a model wrote behind a prompt.
    pub(crate) fn read_answer(&self, text: &str) -> Result<Vec<u32>> {
        match (&self.chat, text) {
            (_, "") => Ok(Vec::new()),
            (Some(_), text) => self.tokenizer.encode(text),
            (None, text) => self.tokenizer.encode(&format!(" {text}")),
        }
    }
}
