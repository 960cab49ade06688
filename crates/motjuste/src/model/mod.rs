//! The two models of a study, as traits: the generator writes instructions, the target follows them.

mod embedder;
pub(crate) mod metered;
mod policy;
mod scripted;
mod writer;

pub use embedder::{Embedder, Embeddings};
pub use policy::{CacheMode, CallPolicy, RetryPolicy};
pub use scripted::{ScriptedGenerator, ScriptedModel};
pub use writer::Writer;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::proposal::SoftPrompt;
use crate::usage::Usage;

/// The black-box model being instructed: one request in, one completion out.
///
/// Wrappers (cache, ledger, scripted answers in tests) implement the same trait.
#[async_trait]
pub trait LanguageModel: Send + Sync {
    /// The model's name and revision; part of every cache key.
    fn id(&self) -> &str;

    /// Whether a call leaves this process, so that one that was begun may be charged for even if
    /// its answer never arrives.
    fn is_remote(&self) -> bool {
        false
    }

    /// Whether it goes on from the beginning of an answer, [`Request::prefill`].
    fn takes_prefill(&self) -> bool {
        false
    }

    /// Answers one request, in one attempt: whoever calls decides about the next.
    ///
    /// A model that cannot tell log-probabilities answers without them.
    ///
    /// # Errors
    /// [`Error::is_model`](crate::Error::is_model) when no answer can be had;
    /// [`Error::is_transient`](crate::Error::is_transient) when another attempt may succeed.
    async fn complete(&self, request: &Request) -> Result<Completion>;
}

/// The open model that writes instructions, a batch at a time.
#[async_trait]
pub trait Generator: Send + Sync {
    /// The model's name and revision; part of every cache key.
    fn id(&self) -> &str;

    /// Whether a call leaves this process; see [`LanguageModel::is_remote`].
    fn is_remote(&self) -> bool {
        false
    }

    /// Whether a generation carries hidden-state features when it is asked to.
    fn gives_features(&self) -> bool {
        true
    }

    /// Whether it reads soft prompts.
    fn reads_soft_prompts(&self) -> bool {
        true
    }

    /// How many texts to ask for in one call: the most that a failed call can lose.
    fn batch_size(&self) -> usize {
        250
    }

    /// Writes one text for each request, in order, in one attempt.
    ///
    /// The text for a request depends on that request alone, never on its neighbours in the batch.
    ///
    /// # Errors
    /// [`Error::is_model`](crate::Error::is_model) when the model fails, or cannot do what a request
    /// asks of it.
    async fn generate(&self, batch: &[GenerationRequest]) -> Result<Vec<Generation>>;
}

/// One question to a language model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The full text the model reads.
    pub prompt: String,
    /// What the answer begins with, the space in front of it included: the model goes on from there and
    /// does not say it again. Only for a model that [takes it](LanguageModel::takes_prefill).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefill: String,
    /// How to decode the answer.
    pub decoding: Decoding,
    /// Whether the completion should carry the log-probabilities of its tokens.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub logprobs: bool,
}

impl Request {
    /// A request without log-probabilities, whose answer the model begins itself.
    pub fn new(prompt: impl Into<String>, decoding: Decoding) -> Self {
        Self { prompt: prompt.into(), prefill: String::new(), decoding, logprobs: false }
    }

    /// The prompt and the beginning of the answer as one text, for a model that goes on with texts.
    ///
    /// ```
    /// use motjuste::model::{Decoding, Request};
    /// let request = Request::new("Q: 1+1?\n\nA:", Decoding::greedy(8));
    /// let request = Request { prefill: " Let's see.".into(), ..request };
    /// assert_eq!(request.text(), "Q: 1+1?\n\nA: Let's see.");
    /// ```
    pub fn text(&self) -> String {
        format!("{}{}", self.prompt, self.prefill)
    }

    /// The most this call can use. A token is at least a byte, so a prompt has no more tokens than
    /// bytes; a template around it adds [`AROUND`] at the most.
    pub fn worst_case(&self) -> Usage {
        worst_case(self.prompt.len() + self.prefill.len(), &self.decoding)
    }
}

/// One text to write: a soft prompt, or none, in front of a prompt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GenerationRequest {
    /// The soft prompt in front; `None` is the Manual baseline.
    pub soft_prompt: Option<SoftPrompt>,
    /// The text behind it: demonstrations and the question.
    pub prompt: String,
    /// How to decode the instruction.
    pub decoding: Decoding,
    /// Whether the generation should carry hidden-state features of the text it wrote.
    pub features: bool,
}

impl GenerationRequest {
    /// The most this text can use, counted as for [`Request::worst_case`].
    pub fn worst_case(&self) -> Usage {
        let soft = self.soft_prompt.as_ref().map_or(0, |prompt| prompt.projection.tokens);
        worst_case(soft + self.prompt.len(), &self.decoding)
    }
}

/// Tokens that a chat template puts around a prompt, its own system part included, at the most.
pub const AROUND: usize = 64;

fn worst_case(prompt: usize, decoding: &Decoding) -> Usage {
    Usage { tokens_in: (prompt + AROUND) as u64, tokens_out: decoding.max_tokens as u64 }
}

/// How to turn a model's predictions into text.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Decoding {
    /// The largest number of tokens to write.
    pub max_tokens: usize,
    /// 0 is greedy; above 0 tokens are drawn from the softened distribution.
    pub temperature: f64,
    /// Tells repeated draws of one request apart, and names their random stream.
    pub draw: u64,
}

impl Decoding {
    /// The most likely token at every step.
    ///
    /// ```
    /// use motjuste::model::Decoding;
    /// assert_eq!(Decoding::greedy(64).temperature, 0.0);
    /// ```
    pub fn greedy(max_tokens: usize) -> Self {
        Self { max_tokens, temperature: 0.0, draw: 0 }
    }
}

/// A language model's answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Completion {
    /// What the model wrote, byte for byte.
    pub text: String,
    /// What it cost.
    pub usage: Usage,
    /// The natural logarithm of each written token's probability; empty when not asked for, or when
    /// the model does not tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logprobs: Vec<f64>,
}

/// A generator's text, with what the surrogate may want to know about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Generation {
    /// What the generator wrote, without surrounding white space.
    pub text: String,
    /// Hidden-state features of the text, empty when not asked for; one width per generator.
    #[serde(with = "features", default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<f32>,
    /// What it cost.
    pub usage: Usage,
}

/// Features travel as base64 of little-endian f32: exact, and a fifth of the size of decimal text.
mod features {
    use base64::prelude::{BASE64_STANDARD, Engine};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(features: &[f32], serializer: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = features.iter().flat_map(|value| value.to_le_bytes()).collect();
        serializer.serialize_str(&BASE64_STANDARD.encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f32>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = BASE64_STANDARD.decode(text).map_err(D::Error::custom)?;
        let (words, rest) = bytes.as_chunks::<4>();
        if !rest.is_empty() {
            return Err(D::Error::custom("features are not a whole number of f32 values"));
        }
        Ok(words.iter().map(|word| f32::from_le_bytes(*word)).collect())
    }
}
