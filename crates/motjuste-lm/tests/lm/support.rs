//! Models and rows that several tests use.

use std::path::PathBuf;

use motjuste_lm::{LoadOptions, OpenModel, Sequence};

pub(crate) fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// The folder of a model whose files the crate `motjuste-embedded` has.
pub(crate) fn shipped(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../motjuste-embedded/models").join(name)
}

/// A random Llama with grouped heads, a head of its own and rope base 500.
pub(crate) fn tiny() -> OpenModel {
    OpenModel::from_folder(fixture("tiny-llama"), &LoadOptions::default()).unwrap()
}

/// Embeddings that arithmetic does not round: the fixtures' soft prompt.
pub(crate) fn soft_prompt(tokens: usize, hidden: usize) -> Vec<f32> {
    (0..tokens * hidden).map(|i| ((i * 37 % 101) as f32 - 50.0) / 64.0).collect()
}

/// 25 rows of unequal lengths: every third behind a soft prompt, many with a common beginning.
pub(crate) fn rows(model: &OpenModel) -> Vec<Sequence> {
    let hidden = model.description().hidden;
    let words = ["the cat", "a fox", "the dog sat", "some birds in the old tree"];
    let row = |i: usize| {
        let text = format!("{} {}", words[i % 4], "jumps over ".repeat(i % 6 + i / 12));
        let text = format!("{}{}", text, ["again", "a", "to", "no more"][i % 4]);
        let soft = if i.is_multiple_of(3) { soft_prompt(1 + i % 5, hidden) } else { Vec::new() };
        Sequence { soft, tokens: model.encode(&text).unwrap(), soft_at: 0 }
    };
    (0..25).map(row).collect()
}
