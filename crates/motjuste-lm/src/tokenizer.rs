//! Text to token ids and back, by the model's own `tokenizer.json`.

use motjuste::{Error, Result};

/// The model's tokenizer. Texts are encoded as they stand: no special token is added.
pub(crate) struct Tokenizer {
    inner: tokenizers::Tokenizer,
}

impl Tokenizer {
    pub(crate) fn parse(json: &[u8]) -> Result<Self> {
        let inner = tokenizers::Tokenizer::from_bytes(json)
            .map_err(|e| Error::model(format!("tokenizer.json cannot be read: {e}")))?;
        Ok(Self { inner })
    }

    pub(crate) fn encode(&self, text: &str) -> Result<Vec<u32>> {
        let encoding = self.inner.encode_fast(text, false);
        let encoding =
            encoding.map_err(|e| Error::model(format!("the text cannot be tokenised: {e}")))?;
        Ok(encoding.get_ids().to_vec())
    }

    /// The word of the vocabulary with this id.
    pub(crate) fn token(&self, id: u32) -> Option<String> {
        self.inner.id_to_token(id)
    }

    /// The text of the tokens, without special ones.
    pub(crate) fn decode(&self, tokens: &[u32]) -> Result<String> {
        let text = self.inner.decode(tokens, true);
        text.map_err(|e| Error::model(format!("the model's tokens are not a text: {e}")))
    }
}
