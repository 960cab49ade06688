//! The tensors of a GGUF file.

use std::io::Write;
use std::path::Path;

use motjuste::{Error, Result};
use serde_json::Value as Json;

use super::metadata::{text, whole};
use crate::export::unwritable;
use crate::gguf::names::Family;
use crate::gguf::rotation;
use crate::kernel::q8_0::{self, Block};
use crate::options::Precision;
use crate::weights::Weights;

/// Every tensor begins at a multiple of this.
pub(super) const ALIGNMENT: usize = 32;

/// One tensor: where it comes from and how it is written.
struct Entry {
    source: String,
    name: String,
    shape: Vec<usize>,
    precision: Precision,
    /// Heads whose rows are written in the order of interleaved rotation.
    rotated: Option<usize>,
}

impl Entry {
    fn bytes(&self) -> usize {
        let values: usize = self.shape.iter().product();
        match self.precision {
            Precision::F32 => values * 4,
            Precision::Q8_0 => values / q8_0::BLOCK * (2 + q8_0::BLOCK),
        }
    }
}

/// All tensors, in the order of the file.
pub(super) struct Layout {
    entries: Vec<Entry>,
}

impl Layout {
    /// Matrices whose rows can be cut into blocks get `precision`, everything else 32 bits.
    pub(super) fn new(
        weights: &Weights,
        family: &Family,
        config: &Json,
        precision: Precision,
    ) -> Result<Self> {
        let heads = whole(config, "num_attention_heads")?;
        let key_heads = whole(config, "num_key_value_heads").unwrap_or(heads);
        let entry = |(source, shape): (String, Vec<usize>)| {
            let name = family.gguf_name(&source).ok_or_else(|| {
                Error::model(format!("tensor {source} has no place in a GGUF file"))
            })?;
            let blocks = shape.len() == 2 && q8_0::fits(shape[1]);
            let precision = if blocks { precision } else { Precision::F32 };
            let rotated = match name.rsplit('.').nth(1) {
                Some("attn_q") => Some(heads as usize),
                Some("attn_k") => Some(key_heads as usize),
                _ => None,
            };
            Ok(Entry { source, name, shape, precision, rotated })
        };
        let tied = config["tie_word_embeddings"] == true;
        let tensors = weights.tensors().into_iter();
        let tensors = tensors.filter(|(name, _)| !(tied && name == "lm_head.weight"));
        Ok(Self { entries: tensors.map(entry).collect::<Result<_>>()? })
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Name, dimensions from the innermost, type and offset of each tensor.
    pub(super) fn infos(&self, out: &mut Vec<u8>) {
        let mut offset = 0u64;
        for entry in &self.entries {
            text(out, &entry.name);
            out.extend((entry.shape.len() as u32).to_le_bytes());
            entry.shape.iter().rev().for_each(|&size| out.extend((size as u64).to_le_bytes()));
            let kind: u32 = match entry.precision {
                Precision::F32 => 0,
                Precision::Q8_0 => 8,
            };
            out.extend(kind.to_le_bytes());
            out.extend(offset.to_le_bytes());
            offset += entry.bytes().next_multiple_of(ALIGNMENT) as u64;
        }
    }

    pub(super) fn write(&self, weights: &Weights, out: &mut impl Write, path: &Path) -> Result<()> {
        for entry in &self.entries {
            let mut values = weights.load(&entry.source, &entry.shape)?;
            if let (Some(heads), [outputs, inputs]) = (entry.rotated, &entry.shape[..]) {
                values = rotation::neighbours(&values, outputs / heads, *inputs);
            }
            let mut bytes = match entry.precision {
                Precision::F32 => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
                Precision::Q8_0 => blocks(&values),
            };
            bytes.resize(bytes.len().next_multiple_of(ALIGNMENT), 0);
            out.write_all(&bytes).map_err(|e| unwritable(path, e))?;
        }
        Ok(())
    }
}

fn blocks(values: &[f32]) -> Vec<u8> {
    let blocks = values.as_chunks().0.iter().map(Block::quantize);
    let bytes = blocks.flat_map(|Block { scale, values }| {
        scale.to_le_bytes().into_iter().chain(values.map(i8::cast_unsigned))
    });
    bytes.collect()
}
