//! What there is to know about a model before it runs.

use motjuste::Result;

use crate::engine::Engine;
use crate::files::Files;
use crate::options::LoadOptions;

/// What there is to know about a model before it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// Name and revision: the name of an embedded model or of a folder, `@`, 12 hexadecimal digits
    /// of the BLAKE3 hash of the files, then what was chosen on loading unless it is the default.
    pub id: String,
    /// The number of parameters.
    pub parameters: usize,
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
}

impl Description {
    pub(crate) fn new(
        name: &str,
        files: &Files,
        engine: &Engine,
        options: &LoadOptions,
    ) -> Result<Self> {
        let config = &engine.decoder.config;
        Ok(Self {
            id: identity(name, files, options)?,
            parameters: engine.decoder.parameters(),
            hidden: config.hidden,
            layers: config.layers.len(),
            vocabulary: config.vocabulary,
            context: config.context,
            bytes: files.bytes(),
        })
    }
}

/// Name, revision, and what was chosen on loading unless it is the default.
pub(crate) fn identity(name: &str, files: &Files, options: &LoadOptions) -> Result<String> {
    Ok(format!("{name}@{}{}", files.revision()?, options.suffix(files.weights.is_quantized())))
}
