//! Named tensors of a checkpoint, as f32, with their shapes checked.

mod safetensors;

use motjuste::Result;

pub(crate) use safetensors::Safetensors;
#[cfg(feature = "hub")]
pub(crate) use safetensors::shards;

/// Where a model's tensors come from.
pub(crate) enum Weights<'a> {
    Safetensors(Safetensors<'a>),
}

impl Weights<'_> {
    /// The values of a tensor, row-major, whatever floating-point type they are stored in.
    ///
    /// # Errors
    /// When the tensor is missing or unreadable, or its shape is not the one that config.json
    /// implies.
    pub(crate) fn load(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        match self {
            Self::Safetensors(file) => file.load(name, shape),
        }
    }

    /// The size of the files in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        match self {
            Self::Safetensors(file) => file.bytes(),
        }
    }

    /// Adds the files' content to a hash.
    pub(crate) fn hash(&self, hasher: &mut blake3::Hasher) -> Result<()> {
        match self {
            Self::Safetensors(file) => file.hash(hasher),
        }
    }
}
