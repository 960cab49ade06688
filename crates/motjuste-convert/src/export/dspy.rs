//! The state of a `DSPy` program: what `Predict.load` reads.

use std::path::Path;

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
    let (file, note) = file(deployment.file);
    let notes = vec![
        format!("{note}load it with dspy.Predict({signature:?}).load({file:?})"),
        "DSPy words its messages in its own way, so the score there may differ: measure it again"
            .to_owned(),
    ];
    Ok(Exported { content: super::json(&state)?, notes })
}

/// The file that `DSPy` loads, and what must be done to it first: it reads a state from a name that ends in
/// `.json` alone.
fn file(written: Option<&Path>) -> (String, &'static str) {
    let Some(path) = written else {
        return ("program.json".to_owned(), "put it into a file, and ");
    };
    match path.extension().is_some_and(|end| end == "json") {
        true => (path.display().to_string(), ""),
        false => (
            path.with_added_extension("json").display().to_string(),
            "DSPy reads names in .json: rename it, and ",
        ),
    }
}

/// A column's name as `DSPy` words it: words with a capital.
fn title(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
    };
    name.split(['_', '.', ' ']).map(word).collect::<Vec<_>>().join(" ")
}
