//! The reading end of a model, for a server that runs its layers.

use std::path::Path;

use motjuste::Result;
use motjuste::model::{Embedder, Embeddings, Prompt, SoftPrompt};

use crate::config::Config;
use crate::description::identity;
use crate::forward::InputEmbedding;
use crate::options::LoadOptions;
use crate::projection::Projections;
use crate::reading::Sequence;
use crate::source::Source;
use crate::text::{Prompt as Tokens, Text};

/// The tokenizer, the chat template and the embedding matrix of a model, and nothing else of it: what
/// it takes on this side to send soft prompts to a server that runs the model.
///
/// ```
/// # #[cfg(feature = "embedded")] {
/// use motjuste::model::Embedder;
/// use motjuste_lm::{Embedded, OpenModel};
/// let embedder = Embedded::Instructions.embedder()?;
/// let rows = embedder.embed(None, &"Input: tree".into())?;
/// assert_eq!(rows.values, OpenModel::embedded()?.embed("Input: tree")?);
/// # }
/// # Ok::<(), motjuste::Error>(())
/// ```
pub struct PromptEmbedder {
    id: String,
    hidden: usize,
    text: Text,
    embedding: InputEmbedding,
    projections: Projections,
}

impl PromptEmbedder {
    /// The reading end of the model in a Hugging Face folder.
    ///
    /// # Errors
    /// As [`OpenModel::from_folder`](crate::OpenModel::from_folder).
    pub fn from_folder(folder: impl AsRef<Path>, options: &LoadOptions) -> Result<Self> {
        Self::load(&Source::Folder(folder.as_ref().to_owned()), options)
    }

    /// The reading end of the model in a GGUF file.
    ///
    /// # Errors
    /// As [`OpenModel::from_gguf`](crate::OpenModel::from_gguf).
    pub fn from_gguf(file: impl AsRef<Path>, options: &LoadOptions) -> Result<Self> {
        Self::load(&Source::Gguf(file.as_ref().to_owned()), options)
    }

    pub(crate) fn load(source: &Source, options: &LoadOptions) -> Result<Self> {
        let files = source.files()?;
        let config = Config::parse(&files.config)?;
        Ok(Self {
            id: identity(&source.name(), &files, options)?,
            hidden: config.hidden,
            text: Text::load(&files, options)?,
            embedding: InputEmbedding::load(&config, &files.weights)?,
            projections: Projections::new(config.hidden),
        })
    }
}

impl Embedder for PromptEmbedder {
    fn id(&self) -> &str {
        &self.id
    }

    fn hidden(&self) -> usize {
        self.hidden
    }

    fn embed(&self, soft_prompt: Option<&SoftPrompt>, prompt: &Prompt) -> Result<Embeddings> {
        let soft = soft_prompt.map(|soft| self.projections.embed(soft)).transpose()?;
        let Tokens { tokens, soft_at } = self.text.read(prompt)?;
        let sequence = Sequence { soft: soft.unwrap_or_default(), tokens, soft_at };
        Ok(Embeddings { values: sequence.embed(&self.embedding), hidden: self.hidden })
    }
}
