//! Tensors of a GGUF file under their Hugging Face names, in Hugging Face's order.

use std::collections::BTreeMap;
use std::fs::File;

use motjuste::{Error, Result};

use crate::gguf::Header;

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
        let Some(info) = self.header.content.tensor_infos.get(&theirs) else {
            return Err(self.header.error(&format!("there is no tensor {theirs} ({name})")));
        };
        if info.shape.dims() != shape {
            return Err(self.header.error(&format!(
                "tensor {theirs} has shape {:?}, but the metadata implies {shape:?}",
                info.shape.dims()
            )));
        }
        let mut values = self.header.tensor(&theirs)?;
        if self.header.family.gemma && theirs.ends_with("norm.weight") {
            values.iter_mut().for_each(|gain| *gain -= 1.0);
        }
        match self.rotated_heads(&theirs) {
            Some(heads) => Ok(halves(&values, shape[0] / heads, shape.get(1).copied())),
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
        let infos = &self.header.content.tensor_infos;
        let sorted: BTreeMap<String, Vec<usize>> = infos
            .iter()
            .filter_map(|(theirs, info)| Some((name(theirs)?, info.shape.dims().to_vec())))
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

/// Rows (head, pair, 2) as rows (head, 2, pair): llama.cpp turns neighbours, Hugging Face's files
/// turn the halves of a head.
fn halves(values: &[f32], head_width: usize, inputs: Option<usize>) -> Vec<f32> {
    let inputs = inputs.unwrap_or(1);
    let half = head_width / 2;
    let row = |row: usize| (row % half) * 2 + row / half;
    let heads = values.chunks_exact(head_width * inputs);
    heads
        .flat_map(|head| (0..head_width).flat_map(move |r| &head[row(r) * inputs..][..inputs]))
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::halves;

    #[test]
    fn neighbours_become_halves_head_by_head() {
        // Two heads of four rows of two.
        let stored: Vec<f32> = (0..16).map(|i| i as f32).collect();
        let expected = [0., 1., 4., 5., 2., 3., 6., 7., 8., 9., 12., 13., 10., 11., 14., 15.];
        assert_eq!(halves(&stored, 4, Some(2)), expected);
    }
}
