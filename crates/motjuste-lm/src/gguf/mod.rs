//! GGUF files as the three files of a Hugging Face folder: what llama.cpp renames, reorders and
//! folds together is undone here, so that the rest of the crate knows one kind of model.

mod config;
mod header;
pub(crate) mod names;
mod rope;
pub(crate) mod rotation;
mod tokenizer;
mod vocabulary;

use std::path::Path;

use motjuste::Result;

pub(crate) use header::Header;

use crate::files::Files;
use crate::weights::Gguf;

/// The files that a GGUF file stands for.
///
/// # Errors
/// When the file cannot be read, or holds what we cannot compute.
pub(crate) fn files(path: &Path) -> Result<Files<'static>> {
    let header = Header::read(path)?;
    let config = config::config(&header)?;
    let tokenizer = tokenizer::tokenizer(&header)?;
    Ok(Files {
        config: config.to_string().into_bytes().into(),
        tokenizer: tokenizer.to_string().into_bytes().into(),
        tokenizer_config: Some(tokenizer::tokenizer_config(&header).to_string().into_bytes()),
        chat_template: None,
        generation_config: None,
        weights: Gguf::new(header).into(),
    })
}
