//! GGUF files: logits of transformers, tokens of llama.cpp, and what is refused.
//!
//! `python crates/motjuste-lm/tests/gguf/make.py` makes the files and the reference values.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use motjuste_lm::{LoadOptions, OpenModel, Precision, Sequence};
use serde::Deserialize;

/// Logits are of order 1; sums of a few dozen terms in another order stay below this.
const TOLERANCE: f32 = 2e-5;

#[derive(Deserialize)]
struct Reference {
    texts: Vec<String>,
    tokens: Vec<Vec<u32>>,
    models: BTreeMap<String, Expected>,
}

#[derive(Deserialize)]
struct Expected {
    /// Every seventh logit behind each row of tokens.
    logits: Vec<Vec<f32>>,
    encoded: Vec<Vec<u32>>,
}

fn eight_bits() -> LoadOptions {
    LoadOptions { precision: Precision::Q8_0, ..LoadOptions::default() }
}

fn singles() -> LoadOptions {
    LoadOptions { precision: Precision::F32, ..LoadOptions::default() }
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/gguf").join(name)
}

fn reference() -> Reference {
    serde_json::from_str(&fs::read_to_string(path("reference.json")).unwrap()).unwrap()
}

fn load(name: &str, options: &LoadOptions) -> OpenModel {
    OpenModel::from_gguf(path(&format!("{name}.gguf")), options).unwrap()
}

fn logits(model: &OpenModel, reference: &Reference) -> Vec<Vec<f32>> {
    let sequence = |tokens: &Vec<u32>| Sequence { tokens: tokens.clone(), ..Sequence::default() };
    model.logits(&reference.tokens.iter().map(sequence).collect::<Vec<_>>()).unwrap()
}

fn worst(ours: &[Vec<f32>], theirs: &[Vec<f32>]) -> f32 {
    let pairs = ours.iter().flatten().zip(theirs.iter().flatten());
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn every_architecture_computes_what_transformers_computes() {
    let reference = reference();
    for (name, expected) in &reference.models {
        let ours = logits(&load(name, &LoadOptions::default()), &reference);
        let ours: Vec<Vec<f32>> =
            ours.into_iter().map(|row| row.into_iter().step_by(7).collect()).collect();
        assert_eq!(ours[0].len(), expected.logits[0].len(), "{name}");
        let worst = worst(&ours, &expected.logits);
        assert!(worst < TOLERANCE, "{name}: {worst:e}");
    }
}

#[test]
fn every_tokenizer_writes_the_tokens_of_llama_cpp() {
    let reference = reference();
    for (name, expected) in &reference.models {
        let model = load(name, &LoadOptions::default());
        for (text, encoded) in reference.texts.iter().zip(&expected.encoded) {
            assert_eq!(&model.encode(text).unwrap(), encoded, "{name}: {text:?}");
        }
    }
}

#[test]
fn a_text_survives_its_tokens() {
    let reference = reference();
    for name in reference.models.keys() {
        let model = load(name, &LoadOptions::default());
        for text in reference.texts.iter().filter(|text| !text.contains("<s>")) {
            assert_eq!(&model.decode(&model.encode(text).unwrap()).unwrap(), text, "{name}");
        }
    }
}

#[test]
fn what_we_quantise_is_what_the_file_holds_quantised() {
    let reference = reference();
    let ours = logits(&load("qwen3", &eight_bits()), &reference);
    assert_eq!(ours, logits(&load("qwen3-q8_0", &eight_bits()), &reference));
}

#[test]
fn sixteen_and_eight_bits_are_close_to_what_they_stand_for() {
    let reference = reference();
    let exact = logits(&load("qwen3", &LoadOptions::default()), &reference);
    let halves = logits(&load("qwen3-f16", &LoadOptions::default()), &reference);
    // Eleven bits of a weight are 5e-4 of it; logits are of order 1.
    assert!(worst(&exact, &halves) < 5e-3);
    // The same 8-bit weights, multiplied in 32 bits and with activations of 16 bits.
    let floats = logits(&load("qwen3-q8_0", &singles()), &reference);
    let integers = logits(&load("qwen3-q8_0", &eight_bits()), &reference);
    let difference = worst(&floats, &integers);
    assert!(difference > 0.0 && difference < 5e-3, "{difference:e}");
}

#[test]
fn weights_as_they_are_stored_are_what_they_stand_for() {
    let (reference, stored) = (reference(), LoadOptions::default());
    let of = |name: &str, options: &LoadOptions| logits(&load(name, options), &reference);
    // Numbers of 16 bits are exact in 32, and blocks are not rounded again.
    assert_eq!(of("qwen3-f16", &stored), of("qwen3-f16", &singles()));
    assert_eq!(of("qwen3-q8_0", &stored), of("qwen3-q8_0", &eight_bits()));
    let id = |name| load(name, &stored).description().id.clone();
    assert!(id("qwen3-q8_0").ends_with("-as-stored") && !id("qwen3-f16").ends_with("-as-stored"));
}

/// A copy of a file with some bytes replaced, all of the same length.
fn edited(name: &str, from: &[u8], to: &[u8]) -> tempfile::NamedTempFile {
    let mut bytes = fs::read(path(name)).unwrap();
    let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
    bytes[at..at + to.len()].copy_from_slice(to);
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), bytes).unwrap();
    file
}

fn refusal(file: &tempfile::NamedTempFile) -> String {
    let error = OpenModel::from_gguf(file.path(), &LoadOptions::default()).err().unwrap();
    assert!(error.is_model());
    error.to_string()
}

#[test]
fn what_we_cannot_read_is_refused_by_name() {
    let architecture = edited("qwen3.gguf", b"\x05\0\0\0\0\0\0\0qwen3", b"\x05\0\0\0\0\0\0\0mamba");
    assert!(refusal(&architecture).contains("architecture `mamba`"));
    let pre = edited(
        "qwen3.gguf",
        b"\x05\0\0\0\0\0\0\0qwen2",
        b"\x05\0\0\0\0\0\0\0viking"[..13].as_ref(),
    );
    assert!(refusal(&pre).contains("tokenizer.ggml.pre `vikin`"), "{}", refusal(&pre));
    let kind = edited("qwen3.gguf", b"\x04\0\0\0\0\0\0\0gpt2", b"\x04\0\0\0\0\0\0\0rwkv");
    assert!(refusal(&kind).contains("tokenizer of kind `rwkv`"));
    // The type of a tensor follows its name, the number of its dimensions and these.
    let mut before = b"output_norm.weight\x01\0\0\0".to_vec();
    before.extend(32u64.to_le_bytes());
    let (mut from, mut to) = (before.clone(), before);
    from.extend(0u32.to_le_bytes());
    to.extend(21u32.to_le_bytes());
    assert!(refusal(&edited("qwen3.gguf", &from, &to)).contains("type IQ3_S"));
    let text = edited("qwen3.gguf", b"GGUF", b"TEXT");
    assert!(refusal(&text).contains("cannot be read as GGUF"));
}
