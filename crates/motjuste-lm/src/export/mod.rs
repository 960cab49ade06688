//! Writing a model for other programs: transformers, vLLM, llama.cpp.

mod folder;
mod gguf;
mod names;

use std::path::Path;

use motjuste::{Error, Result};

use crate::open_model::OpenModel;
use crate::options::Precision;

/// A chat template: every message's text and nothing else.
const PASS_THROUGH: &str = "{% for message in messages %}{{ message['content'] }}{% endfor %}";

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
    /// [`Error::is_model`] when the model's own files are no longer what was loaded;
    /// [`Error::is_output`] when a file cannot be written.
    ///
    /// ```
    /// # #[cfg(feature = "embedded")] {
    /// use motjuste_lm::{LoadOptions, OpenModel};
    /// # let folder = tempfile::tempdir().map_err(|e| motjuste::Error::model(e.to_string()))?;
    /// OpenModel::embedded()?.export_folder(folder.path())?;
    /// let again = OpenModel::from_folder(folder.path(), &LoadOptions::default())?;
    /// assert_eq!(again.encode("Input: tree")?, OpenModel::embedded()?.encode("Input: tree")?);
    /// # }
    /// # Ok::<(), motjuste::Error>(())
    /// ```
    pub fn export_folder(&self, folder: impl AsRef<Path>) -> Result<()> {
        folder::write(self, folder.as_ref())
    }

    /// Writes the model as one GGUF file (version 3), tokenizer included, that llama.cpp loads.
    ///
    /// Matrices are written as `precision` says: as the model's own files have them, in 32 bits, or in `Q8_0`, but for those
    /// whose rows are not a multiple of 32 long; everything else is written in 32 bits. llama.cpp has no kind of
    /// tokenizer that cuts words like the embedded model's; the file holds what comes nearest, the
    /// same tokens for any text of ASCII. A vocabulary with tokens of several digits is the exception:
    /// there llama.cpp cuts numbers in threes, and off the space before them. A server that must see
    /// exactly our tokens takes them as a list of ids.
    ///
    /// # Errors
    /// [`Error::is_model`] when the model is not a plain Llama with a byte-level tokenizer, when
    /// its own files are no longer what was loaded; [`Error::is_output`] when the file cannot be written.
    ///
    /// ```
    /// # #[cfg(feature = "embedded")] {
    /// use motjuste_lm::{LoadOptions, OpenModel, Precision};
    /// # let folder = tempfile::tempdir().map_err(|e| motjuste::Error::model(e.to_string()))?;
    /// let path = folder.path().join("embedded.gguf");
    /// let model = OpenModel::embedded()?;
    /// model.export_gguf(&path, Precision::F32)?;
    /// let again = OpenModel::from_gguf(&path, &LoadOptions::default())?;
    /// assert_eq!(again.encode("Input: tree")?, model.encode("Input: tree")?);
    /// # }
    /// # Ok::<(), motjuste::Error>(())
    /// ```
    pub fn export_gguf(&self, path: impl AsRef<Path>, precision: Precision) -> Result<()> {
        gguf::write(self, path.as_ref(), precision)
    }
}

/// A file that could not be written.
fn unwritable(path: &Path, why: impl std::fmt::Display) -> Error {
    Error::output(format!("{} cannot be written: {why}", path.display()))
        .with_help("choose a folder that you may write to, on a disk with room for the model")
}
