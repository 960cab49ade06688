//! The state of a `DSPy` program: what `Predict.load` reads.

use motjuste::Result;
use serde_json::{Value, json};

use super::{Deployment, Exported};

/// A predictor with the prompt as its instructions; `dspy.Predict("…").load(path)` reads it.
pub(super) fn program(deployment: &Deployment<'_>) -> Result<Exported> {
    let columns = deployment.columns();
    let field = |name: &str| json!({ "prefix": format!("{}:", title(name)), "description": format!("${{{name}}}") });
    let fields: Vec<Value> =
        columns.iter().map(|name| field(name)).chain([field("answer")]).collect();
    let state = json!({
        "traces": [],
        "train": [],
        "demos": [],
        "signature": { "instructions": deployment.prompt, "fields": fields },
        "lm": null,
        "metadata": { "dependency_versions": {} },
    });
    let signature = format!("{} -> answer", columns.join(", "));
    Ok(Exported {
        content: super::json(&state)?,
        notes: vec![
            format!("load it with dspy.Predict({signature:?}).load(\"program.json\")"),
            "DSPy words its messages in its own way, so the score there may differ: measure it again".to_owned(),
        ],
    })
}

/// A column's name as `DSPy` words it: words with a capital.
fn title(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
    };
    name.split(['_', '.', ' ']).map(word).collect::<Vec<_>>().join(" ")
}
