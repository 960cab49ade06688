//! What a model answers.

use serde::{Deserialize, Serialize};

use crate::usage::Usage;

/// A language model's answer to one request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Completion {
    /// What the model wrote, byte for byte; without the request's prefill.
    pub text: String,
    /// Why it ends there.
    #[serde(default)]
    pub finish_reason: FinishReason,
    /// What it cost.
    pub usage: Usage,
    /// The natural logarithm of each written token's probability; empty when not asked for, or when
    /// the model does not tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logprobs: Vec<f64>,
    /// The mean hidden state over the text, one width per model; empty when not asked for, or when the
    /// model does not tell.
    #[serde(with = "hidden_state", default, skip_serializing_if = "Vec::is_empty")]
    pub hidden_state: Vec<f32>,
}

/// Why a completion ends where it does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// The model ended its answer.
    Stop,
    /// The answer was cut off at the largest number of tokens.
    Length,
    /// A content filter withheld the answer, or the rest of it.
    Filter,
    /// The model called a tool in place of an answer.
    ToolCalls,
    /// The model does not tell.
    #[default]
    Unknown,
}

impl FinishReason {
    /// Whether the model does not tell.
    pub fn is_unknown(&self) -> bool {
        *self == Self::Unknown
    }
}

impl Completion {
    /// A text that the model ended itself, and that cost nothing.
    ///
    /// ```
    /// use motjuste::model::{Completion, FinishReason};
    /// assert_eq!(Completion::of("yes").finish_reason, FinishReason::Stop);
    /// ```
    pub fn of(text: impl Into<String>) -> Self {
        Self { text: text.into(), finish_reason: FinishReason::Stop, ..Self::default() }
    }
}

/// Hidden states travel as base64 of little-endian f32: exact, and a fifth of the size of decimal text.
pub(crate) mod hidden_state {
    use base64::prelude::{BASE64_STANDARD, Engine};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(
        state: &[f32],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = state.iter().flat_map(|value| value.to_le_bytes()).collect();
        serializer.serialize_str(&BASE64_STANDARD.encode(bytes))
    }

    pub(crate) fn deserialize<'de, D>(deserializer: D) -> Result<Vec<f32>, D::Error>
    where
        D: Deserializer<'de>,
    {
        let text = String::deserialize(deserializer)?;
        let bytes = BASE64_STANDARD.decode(text).map_err(D::Error::custom)?;
        let (words, rest) = bytes.as_chunks::<4>();
        if !rest.is_empty() {
            return Err(D::Error::custom("a hidden state is not a whole number of f32 values"));
        }
        Ok(words.iter().map(|word| f32::from_le_bytes(*word)).collect())
    }
}
