//! What a generator reads, as the embeddings that a server of the same open model takes.

use super::{Prompt, SoftPrompt};
use crate::Result;

/// The reading end of an open model: its tokenizer, its embedding matrix and its chat template.
///
/// A served generator needs no more of the model than this on our side: the layers are on the
/// server.
///
/// ```
/// use motjuste::Result;
/// use motjuste::model::{Embedder, Embeddings, Prompt, SoftPrompt};
///
/// /// A token is a byte, and embedded as its number.
/// struct Bytes;
///
/// impl Embedder for Bytes {
///     fn id(&self) -> &str {
///         "bytes@1"
///     }
///
///     fn hidden(&self) -> usize {
///         1
///     }
///
///     fn embed(&self, soft_prompt: Option<&SoftPrompt>, prompt: &Prompt) -> Result<Embeddings> {
///         let soft = soft_prompt.map(|soft| vec![0.0; soft.projection.tokens]);
///         let hard = prompt.text().into_bytes().into_iter().map(f32::from);
///         let values = soft.into_iter().flatten().chain(hard).collect();
///         Ok(Embeddings { values, hidden: self.hidden() })
///     }
/// }
/// assert_eq!(Bytes.embed(None, &"hot".into()).unwrap().tokens(), 3);
/// ```
pub trait Embedder: Send + Sync {
    /// The model's name and revision; part of every cache key.
    fn id(&self) -> &str;

    /// The width of an embedding, which must be the served model's.
    fn hidden(&self) -> usize;

    /// The embeddings of a soft prompt, where there is one, and of a prompt, in the order and the
    /// template in which the model reads them.
    ///
    /// # Errors
    /// [`Error::is_model`](crate::Error::is_model) when the text or the soft prompt cannot be read.
    fn embed(&self, soft_prompt: Option<&SoftPrompt>, prompt: &Prompt) -> Result<Embeddings>;
}

/// Rows of numbers that stand for tokens, shape (tokens, hidden), row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Embeddings {
    /// The numbers.
    pub values: Vec<f32>,
    /// The width of a row.
    pub hidden: usize,
}

impl Embeddings {
    /// The number of rows.
    ///
    /// ```
    /// use motjuste::model::Embeddings;
    /// assert_eq!(Embeddings { values: vec![0.0; 6], hidden: 3 }.tokens(), 2);
    /// ```
    pub fn tokens(&self) -> usize {
        self.values.len().checked_div(self.hidden).unwrap_or(0)
    }

    /// Whether every number is finite. A server that is sent one that is not may answer as if
    /// nothing had happened and then spoil the answers to others.
    pub fn is_finite(&self) -> bool {
        self.values.iter().all(|value| value.is_finite())
    }
}
