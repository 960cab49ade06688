//! tokenizer.json of open models.

use crate::memory::parts;

/// Two texts: the file, and what it reads.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let [file, read] = parts::<2>(&text);
    let _ = motjuste_lm::fuzzing::tokenizer(file.as_bytes(), read);
}
