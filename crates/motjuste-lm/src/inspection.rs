//! What a model's files are, without loading the model.

use std::collections::BTreeMap;
use std::path::Path;

use motjuste::Result;

use crate::config::Config;
use crate::description::identity;
use crate::files::Files;
use crate::options::LoadOptions;
use crate::source::Source;
use crate::text::Text;

/// What a model's files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// What the model's id would be, loaded with the default options.
    pub id: String,
    /// The model type in the words of config.json, such as `llama`.
    pub family: String,
    /// The number of parameters, a tied head counted once.
    pub parameters: u64,
    /// The width of an embedding.
    pub hidden: usize,
    /// The number of layers.
    pub layers: usize,
    /// The number of tokens it knows.
    pub vocabulary: usize,
    /// The most tokens it can read and write in one go.
    pub context: usize,
    /// The size of its files in bytes.
    pub bytes: u64,
    /// How many numbers the files hold of each type, such as `Q4_K`.
    pub types: BTreeMap<&'static str, u64>,
    /// Whether it has a chat template: it follows instructions. Without one it is a base model, which goes on with texts.
    pub chat_template: bool,
}

/// Looks at a Hugging Face folder or a GGUF file.
///
/// # Errors
/// As [`OpenModel::from_folder`](crate::OpenModel::from_folder), for what can be seen without loading the weights.
///
/// ```
/// # #[cfg(feature = "embedded")] {
/// use motjuste_lm::{OpenModel, inspect};
/// # let folder = tempfile::tempdir().map_err(|e| motjuste::Error::model(e.to_string()))?;
/// OpenModel::embedded()?.export_folder(folder.path())?;
/// let found = inspect(folder.path())?;
/// assert_eq!(found.family, "llama");
/// assert!(!found.types.is_empty());
/// # }
/// # Ok::<(), motjuste::Error>(())
/// ```
pub fn inspect(path: impl AsRef<Path>) -> Result<Inspection> {
    let path = path.as_ref().to_owned();
    let source = if path.is_dir() { Source::Folder(path) } else { Source::Gguf(path) };
    let (files, options) = (source.files()?, LoadOptions::default());
    let config = Config::parse(&files.config)?;
    let text = Text::load(&files, &options)?;
    let tensors = files.weights.tensors().into_iter();
    let own = tensors.filter(|(name, _)| !(config.tied_head && name == "lm_head.weight"));
    Ok(Inspection {
        id: identity(&source.name(), &files, &options)?,
        family: family(&files),
        parameters: own.map(|(_, shape)| shape.iter().product::<usize>() as u64).sum(),
        hidden: config.hidden,
        layers: config.layers.len(),
        vocabulary: config.vocabulary,
        context: config.context,
        bytes: files.bytes(),
        types: files.weights.types(),
        chat_template: text.is_chat(),
    })
}

fn family(files: &Files) -> String {
    let config: serde_json::Value = serde_json::from_slice(&files.config).unwrap_or_default();
    config["model_type"].as_str().unwrap_or("unknown").to_owned()
}
