//! Writes the embedded model for other programs, and what it answers, to compare with theirs.
//!
//!     cargo run --release -p motjuste-lm --example export -- FOLDER
//!
//! `tests/check_exports.py` runs it and makes the comparison.

use std::path::PathBuf;

use motjuste::model::Decoding;
use motjuste_lm::{OpenModel, Sequence};
use serde_json::json;

const PROMPTS: [&str; 5] = [
    "Input: tree\nOutput: trees\n\nInput: box\nOutput: boxes\n\nThe instruction was to?",
    "Instruction: write it in capitals\n\nInput: bird\nOutput:",
    "Instruction: Write the first letter.\n\nInput: house\nOutput:",
    "Input: 3 5\nOutput: 8\n\nInput: 2 7\nOutput: 9\n\nThe instruction was to?",
    "Instruction: translate (the word) \"cat\", please\n\nInput: don't\nOutput:",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("say which folder to write")?);
    let model = OpenModel::embedded()?;
    model.export_folder(folder.join("huggingface"))?;
    let answers = PROMPTS.map(|prompt| answer(&model, prompt));
    let answers = answers.into_iter().collect::<Result<Vec<_>, _>>()?;
    std::fs::write(folder.join("answers.json"), serde_json::to_vec(&answers)?)?;
    Ok(())
}

fn answer(model: &OpenModel, prompt: &str) -> motjuste::Result<serde_json::Value> {
    let tokens = model.encode(prompt)?;
    let sequence = [Sequence { tokens: tokens.clone(), ..Sequence::default() }];
    let logits = model.logits(&sequence)?.concat();
    let greedy = model.write(&sequence, &Decoding::greedy(24))?.concat();
    let text = model.decode(&greedy)?;
    Ok(json!({ "prompt": prompt, "tokens": tokens, "logits": logits, "greedy": greedy,
        "text": text }))
}
