//! Chat templates, alone and in tokenizer_config.json.

use motjuste_lm::fuzzing::template;

use crate::memory::choice;

/// A small tokenizer of bytes.
const TOKENIZER: &[u8] =
    include_bytes!("../../../crates/motjuste-lm/tests/templates/tokenizer.json");

/// The first byte chooses: a template, or a tokenizer_config.json.
pub fn run(data: &[u8]) {
    let (choice, bytes) = choice(data);
    let _ = match choice & 1 {
        0 => template(TOKENIZER, None, Some(bytes)),
        _ => template(TOKENIZER, Some(bytes), None),
    };
}
