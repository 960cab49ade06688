//! Fuzz targets: every reader of bytes that somebody else wrote. Each is a function that must return, whatever
//! the bytes are: without a panic, within a second, within a gigabyte.
//!
//! `fuzz_targets/` has a program for each; `tests/corpora.rs` runs each over its corpus.

mod memory;
mod targets;

pub use targets::*;

/// A target by its name.
pub type Target = (&'static str, fn(&[u8]));

/// The targets that this build has, under the names of their programs and corpora.
pub const TARGETS: &[Target] = &[
    ("rows", rows::run),
    ("parquet", parquet::run),
    ("task_file", task_file::run),
    ("prompts", prompts::run),
    ("metrics", metrics::run),
    ("answers", answers::run),
    ("judge", judge::run),
    ("method_replies", method_replies::run),
    ("protocols", protocols::run),
    ("refusals", refusals::run),
    ("imports", imports::run),
    #[cfg(feature = "store")]
    ("store_rows", store_rows::run),
    #[cfg(feature = "store")]
    ("store_file", store_file::run),
    #[cfg(feature = "models")]
    ("config", config::run),
    #[cfg(feature = "models")]
    ("safetensors", safetensors::run),
    #[cfg(feature = "models")]
    ("gguf", gguf::run),
    #[cfg(feature = "models")]
    ("tokenizer", tokenizer::run),
    #[cfg(feature = "models")]
    ("chat_template", chat_template::run),
];
