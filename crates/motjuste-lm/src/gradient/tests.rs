//! The gradient against finite differences, against PyTorch, and against itself in other company.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Aim, Graded, Packed, Row, gradients};
use crate::config::Config;
use crate::forward::Decoder;
use crate::kernel::softmax::{log_sum_exp, log_sum_exp_of};
use crate::options::Precision;
use crate::reading::{Reading, Sequence, read};
use crate::weights::{Safetensors, Weights};

#[derive(Deserialize)]
struct Reference {
    models: BTreeMap<String, Vec<Case>>,
}

#[derive(Deserialize)]
struct Case {
    tokens: Vec<u32>,
    target: Vec<u32>,
    is_answer: bool,
    loss: f64,
    gradient: Vec<f32>,
}

fn tests() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn reference() -> BTreeMap<String, Vec<Case>> {
    let text = fs::read_to_string(tests().join("gradients/reference.json")).unwrap();
    serde_json::from_str::<Reference>(&text).unwrap().models
}

fn folder(model: &str) -> PathBuf {
    let family = tests().join("families").join(model);
    if family.exists() { family } else { tests().join("fixtures").join(model) }
}

fn load(folder: &Path, precision: Precision) -> Decoder {
    let config = Config::parse(&fs::read(folder.join("config.json")).unwrap()).unwrap();
    let mut weights: Weights = Safetensors::in_folder(folder).unwrap().into();
    weights.precision = precision;
    Decoder::load(config, &weights).unwrap()
}

fn decoder(model: &str) -> Decoder {
    load(&folder(model), Precision::F32)
}

fn packed(decoder: &Decoder) -> Packed {
    Packed::new(decoder.layers.len())
}

/// The tokens that are read and what is to follow them.
fn text(case: &Case) -> (Vec<u32>, Vec<Aim>) {
    let last = case.tokens.len() - 1;
    if !case.is_answer {
        return (case.tokens.clone(), vec![Aim { place: last, tokens: case.target.clone() }]);
    }
    let read = [&case.tokens[..], &case.target[..case.target.len() - 1]].concat();
    let aim = |(i, &token): (usize, &u32)| Aim { place: last + i, tokens: vec![token] };
    (read, case.target.iter().enumerate().map(aim).collect())
}

fn row(decoder: &Decoder, case: &Case) -> Row {
    let (tokens, aims) = text(case);
    let wanted = 0..tokens.len();
    let embeddings = tokens.iter().flat_map(|&token| decoder.embedding.row(token)).collect();
    Row { embeddings, aims, wanted }
}

fn rows(decoder: &Decoder, cases: &[Case]) -> Vec<Row> {
    cases.iter().map(|case| row(decoder, case)).collect()
}

fn loss(decoder: &Decoder, packed: &Packed, row: &Row) -> f64 {
    gradients(decoder, packed, std::slice::from_ref(row))[0].loss
}

#[test]
fn losses_and_gradients_are_those_of_pytorch() {
    let models = reference();
    assert_eq!(models.len(), 10);
    for (model, cases) in models {
        let decoder = decoder(&model);
        let graded = gradients(&decoder, &packed(&decoder), &rows(&decoder, &cases));
        let mut worst = (0.0, 0.0);
        for (case, Graded { loss, gradient }) in cases.iter().zip(&graded) {
            worst.0 = f64::max(worst.0, (loss - case.loss).abs());
            let pairs = case.gradient.iter().zip(gradient);
            worst.1 = pairs.map(|(a, b)| (a - b).abs()).fold(worst.1, f32::max);
        }
        assert!(worst.0 <= 1e-5 && worst.1 <= 1e-4, "{model}: {worst:?}");
        // Behind windows there are none.
        assert!(cases.iter().any(|case| case.gradient.iter().any(|g| g.abs() > 1e-3)));
    }
}

/// Central differences along unit directions: of all embeddings together, and along single coordinates.
#[test]
fn gradients_are_finite_differences() {
    for (model, cases) in reference() {
        let decoder = decoder(&model);
        let packed = packed(&decoder);
        let mut worst = (0.0, 0.0);
        for row in rows(&decoder, &cases) {
            let gradient =
                gradients(&decoder, &packed, std::slice::from_ref(&row)).remove(0).gradient;
            let norm = length(&gradient);
            for seed in 0..6 {
                let along = direction(row.embeddings.len(), seed);
                let error = difference(&decoder, &packed, &row, &along, &gradient, 0.02).abs();
                worst.0 = f64::max(worst.0, error / norm * (gradient.len() as f64).sqrt());
            }
            for seed in 0..6 {
                let mut along = vec![0.0; row.embeddings.len()];
                let place = largest(&gradient, 5 * seed);
                along[place] = 1.0;
                let error = difference(&decoder, &packed, &row, &along, &gradient, 0.004).abs();
                worst.1 = f64::max(worst.1, error / f64::from(gradient[place].abs()));
            }
        }
        assert!(worst.0 <= 2e-3 && worst.1 <= 1e-2, "{model}: {worst:?}");
    }
}

/// How far the gradient along a unit direction is from the central difference of the loss. The step has errors of order
/// step² · f‴ and of order 1e-7 / step, which the second difference, twice as far, reduces to step⁴ (Richardson).
fn difference(
    decoder: &Decoder,
    packed: &Packed,
    row: &Row,
    along: &[f32],
    gradient: &[f32],
    step: f32,
) -> f64 {
    let moved = |step: f32| {
        let embeddings = row.embeddings.iter().zip(along).map(|(x, d)| x + step * d).collect();
        loss(decoder, packed, &Row { embeddings, ..row.clone() })
    };
    let central = |step: f32| (moved(step) - moved(-step)) / (2.0 * f64::from(step));
    let slope = (4.0 * central(step) - central(2.0 * step)) / 3.0;
    let promised: f64 =
        gradient.iter().zip(along).map(|(g, d)| f64::from(*g) * f64::from(*d)).sum();
    promised - slope
}

fn length(x: &[f32]) -> f64 {
    x.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt()
}

fn direction(len: usize, seed: usize) -> Vec<f32> {
    let raw: Vec<f32> = (0..len)
        .map(|i| ((i * 7919 + (seed + 3) * 104_729) % 1009) as f32 / 1009.0 - 0.5)
        .collect();
    let length = length(&raw) as f32;
    raw.iter().map(|x| x / length).collect()
}

/// The place of the number with this rank by size.
fn largest(x: &[f32], rank: usize) -> usize {
    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_by(|&a, &b| x[b].abs().total_cmp(&x[a].abs()));
    order[rank]
}

#[test]
fn the_loss_has_the_bits_of_the_ordinary_pass() {
    for (model, cases) in reference() {
        let decoder = decoder(&model);
        let graded = gradients(&decoder, &packed(&decoder), &rows(&decoder, &cases));
        for (case, graded) in cases.iter().zip(graded) {
            let (tokens, aims) = text(case);
            let sequence = Sequence { tokens, ..Sequence::default() };
            let reading = Reading::new(sequence, aims.len(), 0, &decoder.config);
            let hidden = &read(&decoder, &[&reading])[0].hidden;
            let logits = decoder.logits(hidden);
            let rows = logits.chunks_exact(decoder.config.vocabulary).zip(&aims);
            let lost = rows.map(|(row, aim)| log_sum_exp(row) - log_sum_exp_of(row, &aim.tokens));
            assert_eq!(lost.sum::<f64>() / aims.len() as f64, graded.loss, "{model}");
        }
    }
}

#[test]
fn a_row_has_the_same_bits_in_every_company_and_on_any_number_of_threads() {
    for model in ["gemma3", "phi3", "tiny-llama"] {
        let decoder = decoder(model);
        let packed = packed(&decoder);
        let rows = rows(&decoder, &reference()[model]);
        let alone: Vec<Graded> = rows
            .iter()
            .flat_map(|row| gradients(&decoder, &packed, std::slice::from_ref(row)))
            .collect();
        // More than one group of rows.
        let many: Vec<Row> = rows.iter().cycle().take(40).cloned().collect();
        for threads in [1, 2, 4] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let together = pool.install(|| gradients(&decoder, &packed, &many));
            for (index, graded) in together.iter().enumerate() {
                assert_eq!(graded, &alone[index % alone.len()], "{model}, {threads} threads");
            }
        }
    }
}

#[test]
fn only_the_wanted_rows_are_returned() {
    let decoder = decoder("qwen3");
    let packed = packed(&decoder);
    let all = row(&decoder, &reference()["qwen3"][0]);
    let some = Row { wanted: 2..5, ..all.clone() };
    let graded = gradients(&decoder, &packed, &[all, some]);
    let hidden = decoder.config.hidden;
    assert_eq!(graded[0].gradient[2 * hidden..5 * hidden], graded[1].gradient);
}

/// Weights in 8 bits: the gradient is that of a model in f32 whose weights are what the 8 bits stand for.
#[test]
fn weights_in_eight_bits_are_opened() {
    let folder = folder("gemma2");
    let (full, short) = (load(&folder, Precision::F32), load(&folder, Precision::Q8_0));
    let cases = &reference()["gemma2"];
    let rows = rows(&short, cases);
    let packed = packed(&short);
    let graded = gradients(&short, &packed, &rows);
    let along = direction(rows[0].embeddings.len(), 1);
    let error = difference(&short, &packed, &rows[0], &along, &graded[0].gradient, 0.02);
    assert!(error.abs() < 1e-3, "{error:e}");
    let exact = gradients(&full, &super::Packed::new(full.layers.len()), &rows);
    let distance: Vec<f32> =
        exact[0].gradient.iter().zip(&graded[0].gradient).map(|(a, b)| a - b).collect();
    let share = length(&distance) / length(&exact[0].gradient);
    assert!(share > 0.0 && share < 0.1, "{share:e}");
}
