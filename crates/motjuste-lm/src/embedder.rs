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
        let soft = soft_prompt.map(|soft| self.project(soft)).transpose()?;
        let mut values = soft.unwrap_or_default();
        values.extend(Self::embed(self, prompt)?);
        Ok(Embeddings { values, hidden: self.description().hidden })
    }
}
