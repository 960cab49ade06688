//! Soft prompts: embeddings in front of a text, drawn from a low-dimensional box.

use serde::{Deserialize, Serialize};

/// A point z of the latent box and the projection that makes soft-prompt embeddings of it
/// (InstructZero, arXiv 2306.03082: the soft prompt is A z).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SoftPrompt {
    /// Latent coordinates, shape (d).
    pub z: Vec<f64>,
    /// The random matrix A.
    pub projection: Projection,
    /// Which draw of demonstrations the generator reads behind the soft prompt.
    pub demonstrations: u64,
}

/// A random projection A from the latent box to soft-prompt embeddings.
///
/// A has shape (tokens × width, d), where width is the generator's embedding width; the product
/// A z is read as `tokens` rows of that width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Projection {
    /// The number of soft tokens.
    pub tokens: usize,
    /// The distribution of A's entries.
    pub entries: Entries,
    /// Names the random stream that A is drawn from.
    pub seed: u64,
}

/// The distribution of a projection's entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entries {
    /// Independent U(-1, 1), the paper's choice.
    Uniform,
    /// Independent N(0, 1/3): normal entries with the variance of U(-1, 1).
    Normal,
}
