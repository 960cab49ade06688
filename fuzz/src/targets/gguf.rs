//! GGUF files: metadata, words, tensors.

use crate::memory::folder;

/// The bytes are the file.
pub fn run(data: &[u8]) {
    let path = folder(&[("model.gguf", data)]).join("model.gguf");
    let _ = motjuste_lm::fuzzing::gguf(&path);
}
