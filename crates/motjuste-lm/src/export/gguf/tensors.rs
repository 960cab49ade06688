//! The tensors of a GGUF file.

use std::io::Write;
use std::path::Path;

use motjuste::{Error, Result};
use serde_json::Value as Json;

use super::metadata::{text, whole};
use crate::export::unwritable;
use crate::gguf::names::Family;
use crate::gguf::rotation;
use crate::kernel::blocks::Kind;
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
    kind: Kind,
    /// Heads whose rows are written in the order of interleaved rotation.
    rotated: Option<usize>,
}

impl Entry {
    fn bytes(&self) -> usize {
        let numbers: usize = self.shape.iter().product();
        numbers / self.kind.numbers() * self.kind.bytes()
    }

    /// The tensor's bytes, in llama.cpp's order.
    fn read(&self, weights: &Weights) -> Result<Vec<u8>> {
        let stored = weights.stored(&self.source, &self.shape)?;
        let bytes = match self.kind {
            kind if kind == stored.kind => stored.bytes.into_owned(),
            Kind::Q8_0 => blocks(&stored.values()),
            _ => stored.values().iter().flat_map(|value| value.to_le_bytes()).collect(),
        };
        Ok(match (self.rotated, &self.shape[..]) {
            (Some(heads), [outputs, _]) => {
                rotation::neighbours(&bytes, outputs / heads, self.bytes() / outputs)
            }
            _ => bytes,
        })
    }
}

/// All tensors, in the order of the file.
pub(super) struct Layout {
    entries: Vec<Entry>,
}

impl Layout {
    /// Matrices are written as `precision` says, those in blocks where their rows can be cut into them; everything else in 32
    /// bits.
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
            let kind = match (precision, &shape[..]) {
                (Precision::AsStored, [_, _]) => weights.stored(&source, &shape)?.kind,
                (Precision::Q8_0, [_, inputs]) if q8_0::fits(*inputs) => Kind::Q8_0,
                _ => Kind::F32,
            };
            let rotated = match name.rsplit('.').nth(1) {
                Some("attn_q") => Some(heads as usize),
                Some("attn_k") => Some(key_heads as usize),
                _ => None,
            };
            Ok(Entry { source, name, shape, kind, rotated })
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
            out.extend(entry.kind.code().to_le_bytes());
            out.extend(offset.to_le_bytes());
            offset += entry.bytes().next_multiple_of(ALIGNMENT) as u64;
        }
    }

    pub(super) fn write(&self, weights: &Weights, out: &mut impl Write, path: &Path) -> Result<()> {
        for entry in &self.entries {
            let mut bytes = entry.read(weights)?;
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
