//! Named tensors of a checkpoint, as f32, with their shapes checked.

mod gguf;
mod safetensors;

use motjuste::{Error, Result};

use crate::options::Precision;
pub(crate) use gguf::Gguf;
pub(crate) use safetensors::Safetensors;
#[cfg(feature = "hub")]
pub(crate) use safetensors::shards;

/// A model's tensors, and how linear maps keep what they load.
pub(crate) struct Weights<'a> {
    stored: Stored<'a>,
    pub(crate) precision: Precision,
}

/// Where tensors come from.
pub(crate) enum Stored<'a> {
    Safetensors(Safetensors<'a>),
    Gguf(Gguf),
}

impl<'a> From<Safetensors<'a>> for Weights<'a> {
    fn from(file: Safetensors<'a>) -> Self {
        Self { stored: Stored::Safetensors(file), precision: Precision::F32 }
    }
}

impl From<Gguf> for Weights<'_> {
    fn from(file: Gguf) -> Self {
        Self { stored: Stored::Gguf(file), precision: Precision::F32 }
    }
}

impl Weights<'_> {
    /// The values of a tensor, row-major, whatever floating-point type they are stored in.
    ///
    /// # Errors
    /// When the tensor is missing or unreadable, its shape is not the one that config.json implies, or a value
    /// is not finite.
    pub(crate) fn load(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let values = match &self.stored {
            Stored::Safetensors(file) => file.load(name, shape),
            Stored::Gguf(file) => file.load(name, shape),
        }?;
        match values.iter().filter(|value| !value.is_finite()).count() {
            0 => Ok(values),
            count => Err(Error::model(format!(
                "tensor {name} has {count} values that are no finite numbers: the file is damaged"
            ))
            .with_help("download the model again, or convert it again from a sound one")),
        }
    }

    /// Refuses files without this layer, before those in front of it are read.
    pub(crate) fn refuse_without_layer(&self, layer: usize) -> Result<()> {
        let begin = format!("model.layers.{layer}.");
        match self.tensors().iter().any(|(name, _)| name.starts_with(&begin)) {
            true => Ok(()),
            false => Err(Error::model(format!("the model's files have no layer {layer}"))
                .with_help("the weights do not belong to this config.json, or are not complete")),
        }
    }

    /// The names and shapes of all tensors, in the order of their names.
    pub(crate) fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        match &self.stored {
            Stored::Safetensors(file) => file.tensors(),
            Stored::Gguf(file) => file.tensors(),
        }
    }

    /// The size of the files in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        match &self.stored {
            Stored::Safetensors(file) => file.bytes(),
            Stored::Gguf(file) => file.bytes(),
        }
    }

    /// Adds the files' content to a hash.
    pub(crate) fn hash(&self, hasher: &mut blake3::Hasher) -> Result<()> {
        match &self.stored {
            Stored::Safetensors(file) => file.hash(hasher),
            Stored::Gguf(file) => file.hash(hasher),
        }
    }
}
