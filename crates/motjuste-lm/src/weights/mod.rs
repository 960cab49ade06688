//! Named tensors of a checkpoint, as f32, with their shapes checked.

mod gguf;
mod safetensors;

use motjuste::Result;

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
    /// When the tensor is missing or unreadable, or its shape is not the one that config.json
    /// implies.
    pub(crate) fn load(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        match &self.stored {
            Stored::Safetensors(file) => file.load(name, shape),
            Stored::Gguf(file) => file.load(name, shape),
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
