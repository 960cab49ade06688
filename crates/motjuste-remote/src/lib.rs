//! Models of motjuste over HTTP: black-box targets, and open models that a server reads soft
//! prompts for.
//!
//! - [`RemoteModel`] asks a target at OpenAI, Azure, Anthropic, Gemini, Bedrock, Vertex AI, OpenRouter, any
//!   server that speaks OpenAI's protocol (vLLM, SGLang, llama.cpp, Ollama), or a web service of one's own.
//! - [`ProgramModel`] asks a program, over pipes.
//! - [`ServedGenerator`] writes instructions with an open model that a vLLM or SGLang server runs.
//! - Both have a `probe`, which asks little and says what a server does and does not do.
//!
//! A call is one attempt; an error says whether another may succeed and whether this one may have
//! been billed. Keys come from the environment, travel over https only (or stay on this machine), are
//! never sent on to where a server redirects, and appear in no message. The modules, from the outside
//! in: `model`, `served` and `program` (the public face), `address` and `provider` (names), `protocol` (what is on the wire),
//! `endpoint` (one server: address, key, errors), `limiter` (how fast it may be asked).

mod address;
mod bounds;
mod endpoint;
mod environment;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod habits;
mod limiter;
mod model;
mod notice;
mod probe;
mod program;
mod protocol;
mod provider;
mod served;
mod thinking;
mod tidy;

pub use address::{Address, Api};
pub use endpoint::{Endpoint, Settings, Timeouts};
pub use environment::Environment;
pub use limiter::Limits;
pub use model::RemoteModel;
pub use notice::{Notice, Notices};
pub use probe::{Finding, Probe};
pub use program::{ProgramModel, ProgramSettings};
pub use provider::Provider;
pub use served::ServedGenerator;
