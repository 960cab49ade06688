//! Named tensors of a safetensors file, as f32, with their shapes checked.

use candle_core::safetensors::SliceSafetensors;
use candle_core::{DType, Device};
use motjuste::{Error, Result};

use crate::options::Precision;

/// The tensors of one `model.safetensors`.
pub(crate) struct Weights<'a> {
    file: SliceSafetensors<'a>,
    /// How linear maps keep what they load.
    pub(crate) precision: Precision,
}

impl<'a> Weights<'a> {
    pub(crate) fn parse(bytes: &'a [u8], precision: Precision) -> Result<Self> {
        let file = SliceSafetensors::new(bytes).map_err(|e| {
            Error::model(format!("model.safetensors cannot be read: {e}")).with_source(e)
        })?;
        Ok(Self { file, precision })
    }

    /// The values of a tensor, row-major, whatever floating-point type they are stored in.
    ///
    /// # Errors
    /// When the tensor is missing, or its shape is not the one that config.json implies.
    pub(crate) fn load(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let unreadable =
            |e| Error::model(format!("model.safetensors: tensor {name}: {e}")).with_source(e);
        let tensor = self.file.load(name, &Device::Cpu).map_err(unreadable)?;
        if tensor.dims() != shape {
            return Err(Error::model(format!(
                "model.safetensors: tensor {name} has shape {:?}, but config.json implies {shape:?}",
                tensor.dims()
            )));
        }
        let tensor = tensor.to_dtype(DType::F32).map_err(unreadable)?;
        tensor.flatten_all().and_then(|flat| flat.to_vec1()).map_err(unreadable)
    }
}
