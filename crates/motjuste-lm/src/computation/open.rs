//! A model with everything in reach, and what it refuses to read.

use motjuste::{Error, Result};

use crate::forward::Decoder;
use crate::gradient::Packed;
use crate::text::Text;

/// A model's weights, its tokenizer, and what its gradient has packed.
#[derive(Clone, Copy)]
pub(super) struct Open<'a> {
    pub(super) decoder: &'a Decoder,
    pub(super) text: &'a Text,
    pub(super) packed: &'a Packed,
}

impl Open<'_> {
    /// Refuses tokens that the model does not have, and more or fewer than it can read.
    pub(super) fn check(&self, tokens: &[u32]) -> Result<()> {
        if tokens.is_empty() {
            return Err(Error::model("the prompt is empty: the model needs a token to start from"));
        }
        self.check_known(tokens)?;
        let context = self.decoder.config.context;
        if tokens.len() > context {
            return Err(Error::model(format!(
                "{} tokens do not fit into the model's context of {context}",
                tokens.len()
            ))
            .with_help("shorten the rows, or show fewer examples"));
        }
        Ok(())
    }

    /// Refuses tokens that the model does not have.
    pub(super) fn check_known(&self, tokens: &[u32]) -> Result<()> {
        let vocabulary = self.decoder.config.vocabulary;
        match tokens.iter().find(|&&token| token as usize >= vocabulary) {
            None => Ok(()),
            Some(token) => Err(Error::model(format!(
                "token {token} is outside the model's vocabulary of {vocabulary}"
            ))
            .with_help("use tokens of the same model")),
        }
    }
}
