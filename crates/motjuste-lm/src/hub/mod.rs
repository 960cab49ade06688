//! Models from the Hugging Face Hub, kept in the cache that all its clients share.

mod checksum;
mod remote;
#[cfg(test)]
mod tests;

use motjuste::Result;

use crate::embedder::PromptEmbedder;
use crate::open_model::OpenModel;
use crate::options::LoadOptions;
use crate::source::Source;
use remote::Remote;

/// How far a download has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Download<'a> {
    /// The file's name in the repository.
    pub file: &'a str,
    /// Bytes that are here.
    pub done: u64,
    /// Bytes that the file has.
    pub size: u64,
}

impl OpenModel {
    /// Loads a model from the Hugging Face Hub, given as `ORG/NAME` and a branch, tag or commit.
    ///
    /// Downloads what a model is loaded from and nothing else: configuration, tokenizer, chat
    /// template and safetensors files; what the cache holds already is not downloaded again. Heeds
    /// the environment variables `HF_HOME` (the cache), `HF_TOKEN`, `HF_ENDPOINT` and
    /// `HF_HUB_OFFLINE` (1: the cache alone). Waits for the network on the calling thread.
    ///
    /// # Errors
    /// [`Error::is_model`](motjuste::Error::is_model) when the repository or the revision does not
    /// exist or is not public, when the network is away, and as for [`OpenModel::from_folder`].
    ///
    /// ```no_run
    /// use motjuste_lm::{LoadOptions, OpenModel};
    /// let name = "Qwen/Qwen3-0.6B";
    /// let model = OpenModel::from_hub(name, "main", &LoadOptions::default(), &mut |_| ())?;
    /// assert!(model.description().id.starts_with(name));
    /// # Ok::<(), motjuste::Error>(())
    /// ```
    pub fn from_hub(
        name: &str,
        revision: &str,
        options: &LoadOptions,
        progress: &mut dyn FnMut(Download),
    ) -> Result<Self> {
        Self::load(source(name, revision, progress)?, options)
    }
}

impl PromptEmbedder {
    /// The reading end of a model from the Hugging Face Hub; downloads as [`OpenModel::from_hub`] does.
    ///
    /// # Errors
    /// As [`OpenModel::from_hub`].
    pub fn from_hub(
        name: &str,
        revision: &str,
        options: &LoadOptions,
        progress: &mut dyn FnMut(Download),
    ) -> Result<Self> {
        Self::load(&source(name, revision, progress)?, options)
    }
}

fn source(name: &str, revision: &str, progress: &mut dyn FnMut(Download)) -> Result<Source> {
    let folder = Remote::from_env()?.folder(name, revision, progress)?;
    Ok(Source::Named(folder, name.to_owned()))
}
