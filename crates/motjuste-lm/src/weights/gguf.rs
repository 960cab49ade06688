//! Tensors of a GGUF file under their Hugging Face names, in Hugging Face's order.

use std::collections::BTreeMap;
use std::fs::File;

use motjuste::{Error, Result};

use crate::gguf::{Header, rotation};

/// The tensors of one file, read one by one.
pub(crate) struct Gguf {
    header: Header,
}

impl Gguf {
    pub(crate) fn new(header: Header) -> Self {
        Self { header }
    }

    pub(crate) fn load(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let theirs = self.header.family.gguf_name(name).unwrap_or_else(|| name.to_owned());
        let Some(info) = self.header.content.tensors.get(&theirs) else {
            return Err(self.header.error(&format!("there is no tensor {theirs} ({name})")));
        };
        if info.shape != shape {
            return Err(self.header.error(&format!(
                "tensor {theirs} has shape {:?}, but the metadata implies {shape:?}",
                info.shape
            )));
        }
        let mut values = self.header.tensor(&theirs)?;
        if self.header.family.gemma && theirs.ends_with("norm.weight") {
            values.iter_mut().for_each(|gain| *gain -= 1.0);
        }
        match self.rotated_heads(&theirs) {
            // A bias has one value a row.
            Some(heads) => {
                let inputs = shape.get(1).copied().unwrap_or(1);
                Ok(rotation::halves(&values, shape[0] / heads, inputs))
            }
            None => Ok(values),
        }
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
