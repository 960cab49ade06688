//! Tensors of safetensors files.

/// The bytes are the file.
pub fn run(data: &[u8]) {
    if let Ok(numbers) = motjuste_lm::fuzzing::safetensors(data) {
        assert!(numbers <= data.len() * 256, "more numbers than a small header can share");
    }
}
