//! The weights of motjuste's embedded language models, as bytes and nothing else.
//!
//! Three small Llama models, each as the three files that Hugging Face writes. The crate
//! `motjuste-lm` runs them; the folder `model/` of the repository has the recipe and the card.

/// The files of one model.
#[derive(Clone, Copy)]
pub struct Model {
    /// `config.json`: the architecture.
    pub config: &'static [u8],
    /// `tokenizer.json`.
    pub tokenizer: &'static [u8],
    /// `model.safetensors`: the weights.
    pub weights: &'static [u8],
}

macro_rules! model {
    ($folder:literal) => {
        Model {
            config: include_bytes!(concat!("../models/", $folder, "/config.json")),
            tokenizer: include_bytes!(concat!("../models/", $folder, "/tokenizer.json")),
            weights: include_bytes!(concat!("../models/", $folder, "/model.safetensors")),
        }
    };
}

/// `embedded`: writes instructions and follows them.
///
/// ```
/// let config = std::str::from_utf8(motjuste_embedded::INSTRUCTIONS.config)?;
/// assert!(config.contains("LlamaForCausalLM"));
/// # Ok::<(), std::str::Utf8Error>(())
/// ```
pub const INSTRUCTIONS: Model = model!("embedded");

/// `embedded-pairs`: reads the meta-prompt of linear regression and proposes a pair (w, b).
pub const PAIRS: Model = model!("embedded-pairs");

/// `embedded-tours`: reads the meta-prompt of the travelling salesman and proposes a tour of up to ten points.
pub const TOURS: Model = model!("embedded-tours");

/// The kinds of task that [`INSTRUCTIONS`] was trained to write instructions for, and to follow: the names
/// of the tasks that come with motjuste.
pub const FAMILIES: [&str; 29] = [
    "antonym",
    "category",
    "count_items",
    "difference",
    "first_item",
    "first_letter",
    "french",
    "future",
    "german",
    "larger_number",
    "last_item",
    "last_letter",
    "negation",
    "number_words",
    "parity",
    "past",
    "plural",
    "predecessor",
    "question",
    "second_letter",
    "sentiment",
    "smaller_number",
    "spanish",
    "spell",
    "successor",
    "sum",
    "synonym",
    "topic",
    "uppercase",
];
