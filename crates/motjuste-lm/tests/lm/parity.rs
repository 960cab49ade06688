//! Logits, hidden states and greedy texts equal those of transformers.
//!
//! `python model/make_fixture.py` makes the reference values; they name the weights they came from.

use std::fs;
use std::path::Path;

use crate::support::{fixture, shipped, soft_prompt};
use motjuste::model::Decoding;
use motjuste_lm::{LoadOptions, OpenModel, Sequence};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// Logits and hidden states are of order 10, their last f32 digits of order 1e-6; sums of a few
/// hundred terms in another order stay below this.
const TOLERANCE: f32 = 1e-4;

#[derive(Deserialize)]
struct Reference {
    weights_sha256: String,
    logits_stride: usize,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    text: String,
    tokens: Vec<u32>,
    soft_tokens: usize,
    logits: Vec<f32>,
    last_hidden: Vec<f32>,
    mean_hidden: Vec<f32>,
    greedy: Vec<u32>,
}

fn assert_close(what: &str, ours: &[f32], reference: &[f32]) {
    assert_eq!(ours.len(), reference.len(), "{what}: lengths");
    let worst = ours.iter().zip(reference).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst <= TOLERANCE, "{what}: largest difference {worst:e}");
}

fn check(folder: &Path, reference: &str) {
    let reference: Reference =
        serde_json::from_str(&fs::read_to_string(fixture(reference)).unwrap()).unwrap();
    let weights = fs::read(folder.join("model.safetensors")).unwrap();
    let hash: String = Sha256::digest(&weights).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        hash,
        reference.weights_sha256,
        "{} is not the model that the reference values were made from: \
         run `python model/make_fixture.py`",
        folder.display()
    );
    let model = OpenModel::from_folder(folder, &LoadOptions::default()).unwrap();
    for case in &reference.cases {
        check_case(&model, case, reference.logits_stride);
    }
}

fn check_case(model: &OpenModel, case: &Case, stride: usize) {
    let what = format!("{:?} behind {} soft tokens", case.text, case.soft_tokens);
    assert_eq!(model.encode(&case.text).unwrap(), case.tokens, "{what}: tokens");
    let hidden = model.description().hidden;
    let soft = soft_prompt(case.soft_tokens, hidden);
    let sequence = [Sequence { soft, tokens: case.tokens.clone(), soft_at: 0 }];

    let logits = model.logits(&sequence).unwrap().concat();
    let logits: Vec<f32> = logits.into_iter().step_by(stride).collect();
    assert_close(&format!("{what}: logits"), &logits, &case.logits);

    let states = model.hidden_states(&sequence).unwrap().concat();
    let last = &states[states.len() - hidden..];
    assert_close(&format!("{what}: last hidden state"), last, &case.last_hidden);
    let tokens = (states.len() / hidden) as f32;
    let mean: Vec<f32> =
        (0..hidden).map(|i| states.iter().skip(i).step_by(hidden).sum::<f32>() / tokens).collect();
    assert_close(&format!("{what}: mean hidden state"), &mean, &case.mean_hidden);

    let written = model.write(&sequence, &Decoding::greedy(12)).unwrap().concat();
    assert_eq!(written, case.greedy, "{what}: greedy tokens");
}

#[test]
fn the_embedded_models_compute_what_transformers_computes() {
    for name in ["embedded", "embedded-pairs", "embedded-tours"] {
        check(&shipped(name), &format!("{name}.json"));
    }
}

#[test]
fn grouped_heads_an_untied_head_and_another_rope_base_too() {
    check(&fixture("tiny-llama"), "tiny-llama.json");
}
