//! One reader a file.

pub mod answers;
#[cfg(feature = "models")]
pub mod chat_template;
#[cfg(feature = "models")]
pub mod config;
#[cfg(feature = "models")]
pub mod gguf;
pub mod imports;
pub mod judge;
pub mod method_replies;
pub mod metrics;
pub mod parquet;
pub mod prompts;
pub mod protocols;
pub mod refusals;
pub mod rows;
#[cfg(feature = "models")]
pub mod safetensors;
#[cfg(feature = "store")]
pub mod store_file;
#[cfg(feature = "store")]
pub mod store_rows;
pub mod task_file;
#[cfg(feature = "models")]
pub mod tokenizer;
