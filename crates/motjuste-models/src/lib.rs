//! Language models by name, and what they cost.
//!
//! An [`Opener`] turns a [`ModelName`] into a [`Model`](motjuste::model::Model): `embedded`, a folder, a GGUF
//! file, `hf/ORG/NAME` from the Hugging Face Hub, `PROVIDER/MODEL` behind an API, `command:PROGRAM`, or the URL
//! of a web service. [`Prices`] say what a model of a name costs. The command line, a server and other languages share both.
//!
//! Without the feature `local` only models behind an API can be named, and no tensor library is compiled.
//!
//! ```
//! use motjuste_models::{ModelName, Opener, Options, Prices};
//! let mut opener = Opener::new(Options::default());
//! let name = ModelName::new("ollama/llama3:8b");
//! assert!(opener.model(&name).unwrap().id().starts_with("ollama/llama3:8b"));
//! assert!(Prices::built_in().unwrap().of("openai/gpt-4.1-mini").unwrap().is_some());
//! ```

mod line;
#[cfg(feature = "local")]
mod local;
mod name;
mod opener;
mod options;
mod prices;
mod probe;
mod servers;
mod suggest;

pub use name::ModelName;
pub use opener::Opener;
pub use options::{Downloads, Options};
pub use prices::{PriceTable, Prices};
pub use servers::{Servers, Unpriced};
