//! Tokens that end a text.

use motjuste::{Error, Result};
use serde::Deserialize;

use super::chat::Chat;
use super::tokenizer::Tokenizer;
use super::tokenizer_config::TokenizerConfig;
use crate::config::TokenIds;
use crate::files::Files;

/// What chat templates write behind a turn.
const MARKS: [&str; 7] = [
    "<|im_end|>",
    "<|eot_id|>",
    "<|eot|>",
    "<|end|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<end_of_turn>",
];

/// Those of generation_config.json, the tokenizer's own, and those that the template in use writes.
pub(super) fn tokens(
    tokenizer: &Tokenizer,
    config: &TokenizerConfig,
    chat: Option<&Chat>,
    files: &Files,
) -> Result<Vec<u32>> {
    let written = |mark: &&str| chat.is_some_and(|chat| chat.mentions(mark));
    let marks = MARKS.into_iter().filter(written).chain(config.eos_token());
    let mut ids = generation_config(files.generation_config.as_deref())?;
    ids.extend(marks.filter_map(|mark| tokenizer.id(mark)));
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

fn generation_config(json: Option<&[u8]>) -> Result<Vec<u32>> {
    #[derive(Deserialize)]
    struct GenerationConfig {
        #[serde(default)]
        eos_token_id: TokenIds,
    }
    let Some(json) = json else { return Ok(Vec::new()) };
    let config: GenerationConfig = serde_json::from_slice(json)
        .map_err(|e| Error::model(format!("generation_config.json: {e}")).with_source(e))?;
    Ok(config.eos_token_id.to_vec())
}
