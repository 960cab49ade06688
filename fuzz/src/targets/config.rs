//! config.json of open models.

/// The bytes are the file.
pub fn run(data: &[u8]) {
    if let Ok(layers) = motjuste_lm::fuzzing::config(data) {
        assert!(0 < layers && layers <= 4096);
    }
}
