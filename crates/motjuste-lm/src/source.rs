//! Where a model was loaded from, so that it can be written again.

use std::path::PathBuf;

use motjuste::Result;

use crate::files::Files;

/// Where a model was loaded from.
pub(crate) enum Source {
    /// What the model is called, and its files.
    #[cfg(feature = "embedded")]
    Embedded(&'static str, motjuste_embedded::Model),
    Folder(PathBuf),
    Gguf(PathBuf),
    /// A folder, and what the model in it is called.
    #[cfg(feature = "hub")]
    Named(PathBuf, String),
}

impl Source {
    pub(crate) fn files(&self) -> Result<Files<'static>> {
        match self {
            #[cfg(feature = "embedded")]
            Self::Embedded(_, model) => {
                Files::in_memory(model.config, model.tokenizer, model.weights)
            }
            Self::Folder(folder) => Files::in_folder(folder),
            Self::Gguf(file) => Files::in_gguf(file),
            #[cfg(feature = "hub")]
            Self::Named(folder, _) => Files::in_folder(folder),
        }
    }

    /// What the model is called.
    pub(crate) fn name(&self) -> String {
        let path = match self {
            #[cfg(feature = "embedded")]
            Self::Embedded(name, _) => return (*name).to_owned(),
            Self::Folder(folder) => folder.file_name(),
            Self::Gguf(file) => file.file_stem(),
            #[cfg(feature = "hub")]
            Self::Named(_, name) => return name.clone(),
        };
        path.map_or_else(|| "model".to_owned(), |name| name.to_string_lossy().into_owned())
    }
}
