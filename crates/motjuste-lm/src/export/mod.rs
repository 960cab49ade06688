//! Writing a model for other programs: transformers, vLLM, llama.cpp.

mod folder;
mod names;

use std::path::Path;

use motjuste::{Error, Result};

use crate::open_model::OpenModel;

impl OpenModel {
    /// Writes the model as a Hugging Face folder in 32 bits: `config.json`,
    /// `generation_config.json`, `model.safetensors`, `tokenizer.json` and
    /// `tokenizer_config.json`.
    ///
    /// transformers and vLLM load it as it is. A model without a chat template gets one that
    /// passes the messages' text through, so that a server's chat endpoint reads what a completion
    /// endpoint would. What the model's own files say about
    /// tokens and templates is kept. The folder is made if need be; files of these names are replaced.
    ///
    /// # Errors
    /// [`Error::is_model`] when the model's own files are no longer what was loaded, or when a
    /// file cannot be written.
    ///
    /// ```
    /// use motjuste_lm::{LoadOptions, OpenModel};
    /// # let folder = tempfile::tempdir().map_err(|e| motjuste::Error::model(e.to_string()))?;
    /// OpenModel::embedded()?.export_folder(folder.path())?;
    /// let again = OpenModel::from_folder(folder.path(), &LoadOptions::default())?;
    /// assert_eq!(again.encode("Input: tree")?, OpenModel::embedded()?.encode("Input: tree")?);
    /// # Ok::<(), motjuste::Error>(())
    /// ```
    pub fn export_folder(&self, folder: impl AsRef<Path>) -> Result<()> {
        folder::write(self, folder.as_ref())
    }
}

/// A file that could not be written.
fn unwritable(path: &Path, why: impl std::fmt::Display) -> Error {
    Error::model(format!("{} cannot be written: {why}", path.display()))
        .with_help("choose a folder that you may write to, on a disk with room for the model")
}
