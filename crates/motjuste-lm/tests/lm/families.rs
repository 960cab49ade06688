//! Every family computes what transformers computes.
//!
//! `tests/families/make.py` makes the models and the reference values.

use std::fs;
use std::path::{Path, PathBuf};

use motjuste::model::Decoding;
use motjuste_lm::{LoadOptions, OpenModel, Sequence};
use serde::Deserialize;

use crate::support::{fixture, soft_prompt};

/// Of the largest logit: sums of a few hundred f32 terms in another order stay below it.
const TOLERANCE: f32 = 1e-4;

#[derive(Deserialize)]
struct Reference {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    tokens: Vec<u32>,
    soft_tokens: usize,
    logits: Vec<f32>,
    greedy: Vec<u32>,
}

fn folder(family: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/families").join(family)
}

/// The files of a family in a folder of their own, with the tokenizer that all share.
fn assemble(family: &str) -> tempfile::TempDir {
    let model = tempfile::tempdir().unwrap();
    let copy = |from: &Path| fs::copy(from, model.path().join(from.file_name().unwrap())).unwrap();
    for entry in fs::read_dir(folder(family)).unwrap() {
        copy(&entry.unwrap().path());
    }
    copy(&fixture("tiny-llama/tokenizer.json"));
    model
}

fn cases(family: &str) -> Vec<Case> {
    let text = fs::read_to_string(folder(family).join("reference.json")).unwrap();
    serde_json::from_str::<Reference>(&text).unwrap().cases
}

fn check(family: &str) {
    let files = assemble(family);
    let model = OpenModel::from_folder(files.path(), &LoadOptions::default()).unwrap();
    let cases = cases(family);
    let sequence = |case: &Case| Sequence {
        soft: soft_prompt(case.soft_tokens, model.description().hidden),
        tokens: case.tokens.clone(),
        soft_at: 0,
    };
    let sequences: Vec<Sequence> = cases.iter().map(sequence).collect();
    let logits = model.logits(&sequences).unwrap();
    let written = model.write(&sequences, &Decoding::greedy(6)).unwrap();
    for (row, case) in cases.iter().enumerate() {
        let largest = case.logits.iter().fold(0.0, |max: f32, x| max.max(x.abs()));
        let pairs = logits[row].iter().zip(&case.logits);
        let worst = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) / largest;
        assert!(worst <= TOLERANCE, "{family}, row {row}: relative difference {worst:e}");
        assert_eq!(written[row], case.greedy, "{family}, row {row}: greedy tokens");
    }
}

macro_rules! families {
    ($($test:ident: $name:literal,)*) => {
        $(#[test]
        fn $test() {
            check($name);
        })*
    };
}

families! {
    llama_with_scaled_rotations: "llama3",
    llama_with_biases_in_several_files: "llama-biased",
    mistral: "mistral",
    qwen2: "qwen2",
    qwen3_with_yarn: "qwen3",
    gemma2: "gemma2",
    gemma3: "gemma3",
    phi3_with_long_rope: "phi3",
    smollm3: "smollm3",
}

/// Windows, long rotations and soft prompts between tokens, behind a beginning that is read once.
#[test]
fn a_row_is_the_same_alone_and_behind_a_shared_beginning() {
    for family in ["mistral", "gemma3", "phi3"] {
        let files = assemble(family);
        let model = OpenModel::from_folder(files.path(), &LoadOptions::default()).unwrap();
        let tokens = cases(family).pop().unwrap().tokens;
        let row = |cut: usize, soft: usize| Sequence {
            tokens: [&tokens[..cut], &[cut as u32, 3]].concat(),
            soft: soft_prompt(soft, model.description().hidden),
            soft_at: 13,
        };
        let rows = [row(12, 0), row(20, 0), row(20, 4), row(33, 2), row(33, 0), row(20, 1)];
        let alone = |row: &Sequence| model.logits(std::slice::from_ref(row)).unwrap().remove(0);
        let together = model.logits(&rows).unwrap();
        assert_eq!(together, rows.iter().map(alone).collect::<Vec<_>>(), "{family}");
        // A soft prompt has an effect, and its place has one.
        assert_ne!(together[1], together[2]);
        let moved = Sequence { soft_at: 0, ..row(20, 4) };
        assert_ne!(alone(&moved), together[2], "{family}");
    }
}
