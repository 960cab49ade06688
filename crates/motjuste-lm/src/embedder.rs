//! The reading end of a model, for a server that runs its layers.

use motjuste::Result;
use motjuste::model::{Embedder, Embeddings};
use motjuste::proposal::SoftPrompt;

use crate::OpenModel;

impl Embedder for OpenModel {
    fn id(&self) -> &str {
        &self.description().id
    }

    fn hidden(&self) -> usize {
        self.description().hidden
    }

    fn embed(&self, soft_prompt: Option<&SoftPrompt>, prompt: &str) -> Result<Embeddings> {
        let values = self.embed_prompt(soft_prompt, prompt)?;
        Ok(Embeddings { values, hidden: self.description().hidden })
    }
}
