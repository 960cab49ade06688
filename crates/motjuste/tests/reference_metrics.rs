//! The compat metrics against the outputs of the published scoring functions.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

use std::path::{Path, PathBuf};

use motjuste::metric::{Metric, Mode, normalise};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    r#fn: String,
    input: Option<String>,
    output: Option<String>,
    prediction: Option<String>,
    answers: Option<Vec<String>>,
    score: Option<f64>,
}

fn goldens() -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("MOTJUSTE_SHARED").map_or(default, PathBuf::from);
    let path = shared.join("data/goldens/instruction_induction_metrics.jsonl");
    if !path.exists() {
        println!("skipped: no golden file at {}", path.display());
        return None;
    }
    Some(path)
}

#[test]
fn every_golden_case_scores_as_published() {
    let Some(path) = goldens() else { return };
    let text = std::fs::read_to_string(path).unwrap();
    for (number, line) in text.lines().enumerate() {
        let case: Case = serde_json::from_str(line).unwrap();
        check(&case, number + 1);
    }
}

fn check(case: &Case, line: usize) {
    let metric = match case.r#fn.as_str() {
        "normalize" => {
            let input = case.input.as_deref().unwrap();
            assert_eq!(Some(normalise(input, Mode::Compat)), case.output, "line {line}");
            return;
        }
        "em" => Metric::ExactMatch,
        "f1" => Metric::F1,
        "es" => Metric::ExactSet,
        "contains" => Metric::Contains,
        other => panic!("line {line}: unknown function {other}"),
    };
    let prediction = case.prediction.as_deref().unwrap();
    let score = metric.score(prediction, case.answers.as_deref().unwrap(), Mode::Compat);
    // The same ratios of integers: at most a rounding apart.
    assert!((score - case.score.unwrap()).abs() < 1e-12, "line {line}: {prediction:?} {score}");
}
