//! Named tensors of a checkpoint, with their shapes checked.

mod gguf;
mod safetensors;
mod stored;

use std::collections::BTreeMap;

use motjuste::{Error, Result};

use crate::options::{Activations, Precision};
pub(crate) use gguf::Gguf;
pub(crate) use safetensors::Safetensors;
#[cfg(feature = "hub")]
pub(crate) use safetensors::shards;
pub(crate) use stored::Stored;

/// A model's tensors, and how linear maps keep what they load.
pub(crate) struct Weights<'a> {
    files: Stores<'a>,
    pub(crate) precision: Precision,
    pub(crate) activations: Activations,
}

/// Where tensors come from.
pub(crate) enum Stores<'a> {
    Safetensors(Safetensors<'a>),
    Gguf(Gguf),
}

impl<'a> From<Safetensors<'a>> for Weights<'a> {
    fn from(file: Safetensors<'a>) -> Self {
        Self {
            files: Stores::Safetensors(file),
            precision: Precision::AsStored,
            activations: Activations::Sixteen,
        }
    }
}

impl From<Gguf> for Weights<'_> {
    fn from(file: Gguf) -> Self {
        Self {
            files: Stores::Gguf(file),
            precision: Precision::AsStored,
            activations: Activations::Sixteen,
        }
    }
}

impl Weights<'_> {
    /// The values of a tensor, row-major, whatever type they are stored in.
    ///
    /// # Errors
    /// As [`Self::stored`].
    pub(crate) fn load(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let mut values = self.stored(name, shape)?.values();
        if let Stores::Gguf(file) = &self.files {
            file.change(name, &mut values);
        }
        Ok(values)
    }

    /// A tensor as it is stored, its rows in Hugging Face's order.
    ///
    /// # Errors
    /// When the tensor is missing or unreadable, its shape is not the one that config.json implies, or a value
    /// is not finite.
    pub(crate) fn stored(&self, name: &str, shape: &[usize]) -> Result<Stored<'_>> {
        let stored = match &self.files {
            Stores::Safetensors(file) => file.stored(name, shape),
            Stores::Gguf(file) => file.stored(name, shape),
        }?;
        match stored.kind.not_finite(&stored.bytes) {
            0 => Ok(stored),
            count => Err(Error::model(format!(
                "tensor {name} has {count} values that are no finite numbers: the file is damaged"
            ))
            .with_help("download the model again, or convert it again from a sound one")),
        }
    }

    /// Whether there are tensors in whole numbers and scales.
    pub(crate) fn is_quantized(&self) -> bool {
        match &self.files {
            Stores::Safetensors(_) => false,
            Stores::Gguf(file) => file.is_quantized(),
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
        match &self.files {
            Stores::Safetensors(file) => file.tensors(),
            Stores::Gguf(file) => file.tensors(),
        }
    }

    /// How many numbers there are of each type.
    pub(crate) fn types(&self) -> BTreeMap<&'static str, u64> {
        let tensors = match &self.files {
            Stores::Safetensors(file) => file.kinds(),
            Stores::Gguf(file) => file.kinds(),
        };
        let mut types = BTreeMap::new();
        for (kind, numbers) in tensors {
            *types.entry(kind.name()).or_default() += numbers as u64;
        }
        types
    }

    /// The size of the files in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        match &self.files {
            Stores::Safetensors(file) => file.bytes(),
            Stores::Gguf(file) => file.bytes(),
        }
    }

    /// Adds the files' content to a hash.
    pub(crate) fn hash(&self, hasher: &mut blake3::Hasher) -> Result<()> {
        match &self.files {
            Stores::Safetensors(file) => file.hash(hasher),
            Stores::Gguf(file) => file.hash(hasher),
        }
    }
}
