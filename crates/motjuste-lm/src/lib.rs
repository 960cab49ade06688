//! Open language models for motjuste: loaded from Hugging Face files, run on this machine.
//!
//! - [`OpenModel`] is a model for any role: soft prompts in front of text, batches of unequal
//!   rows, hidden states, gradients and policies, many tasks at once. The families of models are those of the
//!   model types `llama`, `mistral`, `qwen2`, `qwen3`, `gemma2`, `gemma3_text`, `phi3` and
//!   `smollm3`; their weights are safetensors files, or GGUF files with everything in one.
//! - [`LoadOptions`] choose the precision of the weights, whether a prompt is wrapped in the
//!   model's chat template, and where a soft prompt goes.
//! - [`OpenModel::export_folder`] and [`OpenModel::export_gguf`] write a model for transformers,
//!   vLLM and llama.cpp.
//! - [`PromptEmbedder`] is the reading end of a model alone, for a server that runs its layers.
//!
#![cfg_attr(
    feature = "embedded",
    doc = "- [`Embedded`] are the small models that we trained and compiled into the binary."
)]
//!
//! A text depends on its request alone: the same bits whatever else is in the batch and however
//! many threads there are. The modules, from the outside in: `open_model` (the public face),
//! `worker` (the thread that serves asynchronous callers), `engine` (requests to rows and back),
//! `text` (tokens and chat templates), `files`, `config`, `weights` and `gguf` (what a model is loaded
//! from), `source` and `export` (written again),
//! `batches` and `sharing` (what is computed together, what is computed once), `reading`,
//! `decode` and `features` (what is done with a batch), `computation` (what is computed in place of a
//! text: triggers, label tokens, policies), `forward`, `cache` and `rope` (the transformer), `gradient`
//! (the way back through it, to the embeddings), `kernel` (arithmetic in a fixed order).

mod batches;
mod cache;
mod computation;
mod config;
mod decode;
mod description;
#[cfg(feature = "embedded")]
mod embedded;
mod embedder;
mod engine;
mod export;
mod features;
mod files;
mod forward;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod gguf;
mod gradient;
#[cfg(feature = "hub")]
mod hub;
mod inspection;
mod kernel;
mod open_model;
mod options;
mod projection;
mod reading;
mod rope;
mod sampling;
mod sharing;
mod source;
mod text;
mod weights;
mod worker;

pub use description::Description;
#[cfg(feature = "embedded")]
pub use embedded::Embedded;
pub use embedder::PromptEmbedder;
#[cfg(feature = "hub")]
pub use hub::Download;
pub use inspection::{Inspection, inspect};
#[cfg(feature = "embedded")]
pub use motjuste_embedded::FAMILIES;
pub use open_model::OpenModel;
pub use options::{Activations, LoadOptions, Precision, SoftPromptPlace, Template};
pub use reading::Sequence;
