//! What the first layer reads.

use super::linear::Linear;
use crate::config::Config;
use crate::weights::Weights;

/// The embedding matrix, shape (vocabulary, hidden), and what its rows are multiplied by.
pub(crate) struct InputEmbedding {
    pub(crate) table: Linear,
    pub(crate) scale: f32,
}

impl InputEmbedding {
    pub(crate) fn load(config: &Config, weights: &Weights) -> motjuste::Result<Self> {
        let name = "model.embed_tokens";
        let table = Linear::load(weights, &[name], config.hidden, &[config.vocabulary])?;
        Ok(Self { table, scale: config.embedding_scale })
    }

    /// The embedding of one token of the vocabulary, of width `hidden`.
    pub(crate) fn row(&self, token: u32) -> Vec<f32> {
        let mut row = self.table.row(token as usize);
        row.iter_mut().for_each(|value| *value *= self.scale);
        row
    }
}
