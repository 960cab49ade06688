//! GGUF files as the three files of a Hugging Face folder: what llama.cpp renames, reorders and
//! folds together is undone here, so that the rest of the crate knows one kind of model.

mod config;
mod content;
mod header;
pub(crate) mod names;
mod rope;
pub(crate) mod rotation;
mod tokenizer;
mod value;
mod vocabulary;

pub(crate) use config::config;
pub(crate) use header::Header;
pub(crate) use tokenizer::{tokenizer, tokenizer_config};
