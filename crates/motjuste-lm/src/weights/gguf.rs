//! Tensors of a GGUF file under their Hugging Face names, in Hugging Face's order.

use std::collections::BTreeMap;
use std::fs::File;

use motjuste::{Error, Result};

use super::Stored;
use crate::gguf::{Header, rotation};
use crate::kernel::blocks::Kind;

/// The tensors of one file, read one by one.
pub(crate) struct Gguf {
    header: Header,
}

impl Gguf {
    pub(crate) fn new(header: Header) -> Self {
        Self { header }
    }

    /// A tensor as it is stored, its rows in Hugging Face's order.
    pub(crate) fn stored(&self, name: &str, shape: &[usize]) -> Result<Stored<'static>> {
        let theirs = self.theirs(name);
        let Some(info) = self.header.content.tensors.get(&theirs) else {
            return Err(self.header.error(&format!("there is no tensor {theirs} ({name})")));
        };
        if info.shape != shape {
            return Err(self.header.error(&format!(
                "tensor {theirs} has shape {:?}, but the metadata implies {shape:?}",
                info.shape
            )));
        }
        let (kind, bytes) = self.header.stored(&theirs)?;
        let mut stored = Stored { kind, bytes: bytes.into() };
        if let Some(heads) = self.rotated_heads(&theirs) {
            // A bias has one value a row.
            let row = stored.row_bytes(shape.get(1).copied().unwrap_or(1));
            stored.bytes = rotation::halves(&stored.bytes, shape[0] / heads, row).into();
        }
        Ok(stored)
    }

    /// What llama.cpp adds to the numbers of a tensor is taken away: 1, to the gains of Gemma's norms.
    pub(crate) fn change(&self, name: &str, values: &mut [f32]) {
        if self.header.family.gemma && self.theirs(name).ends_with("norm.weight") {
            values.iter_mut().for_each(|gain| *gain -= 1.0);
        }
    }

    pub(crate) fn is_quantized(&self) -> bool {
        self.kinds().iter().any(|(kind, _)| kind.is_quantized())
    }

    /// The type of each tensor, and how many numbers it has.
    pub(crate) fn kinds(&self) -> Vec<(Kind, usize)> {
        let tensors = self.header.content.tensors.values();
        tensors.filter_map(|tensor| Some((tensor.kind?, tensor.numbers()?))).collect()
    }

    fn theirs(&self, name: &str) -> String {
        self.header.family.gguf_name(name).unwrap_or_else(|| name.to_owned())
    }

    /// The heads of a map whose rows are in the order of interleaved rotation.
    fn rotated_heads(&self, name: &str) -> Option<usize> {
        let key = match name.rsplit('.').nth(1)? {
            "attn_q" => "head_count",
            "attn_k" => "head_count_kv",
            _ => return None,
        };
        let count = |key: &str| self.header.own_number(&format!("attention.{key}"));
        let heads = count(key).or_else(|| count("head_count"))?;
        self.header.family.interleaved.then_some(heads)
    }

    /// The names and shapes of all tensors that have a Hugging Face name, in the order of these.
    pub(crate) fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let name = |name: &str| self.header.family.hugging_face_name(name);
        let infos = &self.header.content.tensors;
        let sorted: BTreeMap<String, Vec<usize>> = infos
            .iter()
            .filter_map(|(theirs, info)| Some((name(theirs)?, info.shape.clone())))
            .collect();
        sorted.into_iter().collect()
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.header.path.metadata().map_or(0, |file| file.len())
    }

    pub(crate) fn hash(&self, hasher: &mut blake3::Hasher) -> Result<()> {
        let unreadable = |e: std::io::Error| {
            Error::model(format!("{} cannot be read: {e}", self.header.path.display()))
        };
        hasher
            .update_reader(File::open(&self.header.path).map_err(unreadable)?)
            .map_err(unreadable)?;
        Ok(())
    }
}
