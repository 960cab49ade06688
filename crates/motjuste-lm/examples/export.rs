//! Writes the embedded model for other programs, and what it answers, to compare with theirs.
//!
//!     cargo run --release -p motjuste-lm --example export -- FOLDER
//!
//! `tests/check_exports.py` runs it and makes the comparison.

use std::path::PathBuf;

use motjuste::model::Decoding;
use motjuste_lm::{OpenModel, Precision, Sequence};
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
    model.export_gguf(folder.join("f32.gguf"), Precision::F32)?;
    model.export_gguf(folder.join("q8_0.gguf"), Precision::Q8_0)?;
    let answers = PROMPTS.map(|prompt| answer(&model, prompt));
    let answers = answers.into_iter().collect::<Result<Vec<_>, _>>()?;
    std::fs::write(folder.join("answers.json"), serde_json::to_vec(&answers)?)?;
    let texts = texts()?
        .into_iter()
        .map(|text| Ok(json!({ "tokens": model.encode(&text)?, "text": text })));
    let texts = texts.collect::<motjuste::Result<Vec<_>>>()?;
    std::fs::write(folder.join("texts.json"), serde_json::to_vec(&texts)?)?;
    Ok(())
}

/// Every line of the repository's tasks and of its pages: words, numbers, signs, code, tables.
fn texts() -> std::io::Result<Vec<String>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut texts = Vec::new();
    for folder in std::fs::read_dir(root.join("tasks"))?.chain(std::fs::read_dir(&root)?) {
        let path = folder?.path();
        for file in [path.join("dev.jsonl"), path.join("test.jsonl"), path.clone()] {
            if file
                .extension()
                .is_some_and(|kind| ["jsonl", "toml", "md"].iter().any(|k| kind == *k))
            {
                let file = std::fs::read_to_string(file).unwrap_or_default();
                texts.extend(file.lines().map(str::to_owned));
            }
        }
    }
    Ok(texts)
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
