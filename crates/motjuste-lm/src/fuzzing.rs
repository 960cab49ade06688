//! Doors for fuzz targets: the files of a model, read one by one. No part of the interface.

use std::path::Path;

use motjuste::Result;
use motjuste::model::{Message, Prompt};

use crate::config::Config;
use crate::files::Files;
use crate::options::LoadOptions;
use crate::text::{Text, Tokenizer};
use crate::weights::{Safetensors, Weights};

/// Reads a config.json; the number of its layers.
///
/// # Errors
/// Where it is none, or describes what is not computed.
pub fn config(json: &[u8]) -> Result<usize> {
    Ok(Config::parse(json)?.layers.len())
}

/// Reads every tensor of a safetensors file; how many numbers there are.
///
/// # Errors
/// Where one cannot be read.
pub fn safetensors(bytes: &[u8]) -> Result<usize> {
    numbers(&Safetensors::in_memory(bytes)?.into())
}

/// Reads a GGUF file: what it says of the model, its words, its tensors; how many numbers there are.
///
/// # Errors
/// Where any of it cannot be read.
pub fn gguf(path: &Path) -> Result<usize> {
    let files = Files::in_gguf(path)?;
    Config::parse(&files.config)?;
    Text::load(&files, &LoadOptions::default())?;
    numbers(&files.weights)
}

/// Reads a tokenizer.json, and a text with it, there and back; how many tokens it has.
///
/// # Errors
/// Where either cannot be read.
pub fn tokenizer(json: &[u8], text: &str) -> Result<usize> {
    let tokenizer = Tokenizer::parse(json)?;
    let tokens = tokenizer.encode(text)?;
    tokenizer.encode_with_offsets(text, true)?;
    tokenizer.decode(&tokens)?;
    Ok(tokens.len())
}

/// Reads a chat template, and a conversation with it; how many tokens it has.
///
/// # Errors
/// Where either cannot be read.
pub fn template(tokenizer: &[u8], config: Option<&[u8]>, template: Option<&[u8]>) -> Result<usize> {
    let files = Files {
        config: (&[][..]).into(),
        tokenizer: tokenizer.to_vec().into(),
        weights: Safetensors::in_memory(&NO_TENSORS)?.into(),
        tokenizer_config: config.map(<[u8]>::to_vec),
        chat_template: template.map(<[u8]>::to_vec),
        generation_config: None,
    };
    let text = Text::load(&files, &LoadOptions::default())?;
    let said = vec![Message::system("Be brief."), Message::user("Hello"), Message::assistant("Hi")];
    Ok(text.read(&Prompt::Messages(said))?.tokens.len())
}

/// A safetensors file that holds nothing.
const NO_TENSORS: [u8; 10] = *b"\x02\0\0\0\0\0\0\0{}";

fn numbers(weights: &Weights<'_>) -> Result<usize> {
    let tensors = weights.tensors();
    tensors.iter().map(|(name, shape)| Ok(weights.load(name, shape)?.len())).sum()
}
