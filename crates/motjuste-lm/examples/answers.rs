//! Answers questions about a model, to compare its answers with those of other programs.
//!
//!     cargo run --release -p motjuste-lm --example answers -- MODEL [--precision f32] [--activations 16] --questions FILE --out FOLDER
//!
//! `tests/check_real_model.py` asks. FILE is JSON: texts to cut into tokens, sequences to go on from, conversations to answer. FOLDER gets
//! `answers.json`, and `logits.f32`: the logits behind each sequence, as little-endian 32-bit numbers.

mod loading;

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use loading::Arguments;
use motjuste::model::{Decoding, Message, Model, Request};
use motjuste_lm::{OpenModel, Sequence};
use serde::Deserialize;
use serde_json::{Value, json};

const SOFT_TOKENS: usize = 5;

#[derive(Deserialize)]
struct Questions {
    texts: Vec<String>,
    sequences: Vec<Asked>,
    conversations: Vec<Vec<Message>>,
    /// How many tokens to write.
    new: usize,
}

/// Tokens, and soft tokens behind the first `soft_at` of them; none where their size is 0.
#[derive(Deserialize)]
struct Asked {
    tokens: Vec<u32>,
    soft_at: usize,
    soft_scale: f32,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::read()?;
    let file: PathBuf = arguments.get("--questions", "questions.json".into())?;
    let out: PathBuf = arguments.get("--out", ".".into())?;
    let questions: Questions = serde_json::from_slice(&fs::read(file)?)?;
    let model = arguments.load()?;
    let sequences: Vec<Sequence> =
        questions.sequences.iter().enumerate().map(|(row, asked)| asked.on(&model, row)).collect();
    let logits = model.logits(&sequences)?;
    let bytes: Vec<u8> = logits.iter().flatten().flat_map(|logit| logit.to_le_bytes()).collect();
    fs::write(out.join("logits.f32"), bytes)?;
    let answers = json!({
        "texts": cut(&model, &questions.texts)?,
        "written": model.write(&sequences, &Decoding::greedy(questions.new))?,
        "conversations": answered(&model, questions.conversations, questions.new).await?,
    });
    fs::write(out.join("answers.json"), answers.to_string())?;
    Ok(())
}

impl Asked {
    /// Its soft tokens follow a formula that the Python side repeats.
    fn on(&self, model: &OpenModel, row: usize) -> Sequence {
        let soft = |i: usize| self.soft_scale * (((i * 37 + row * 11) % 101) as f32 - 50.0) / 50.0;
        let count = if self.soft_scale > 0.0 { SOFT_TOKENS } else { 0 };
        Sequence {
            soft: (0..count * model.description().hidden).map(soft).collect(),
            tokens: self.tokens.clone(),
            soft_at: self.soft_at,
        }
    }
}

/// Each text's tokens, and the text that they make again.
fn cut(model: &OpenModel, texts: &[String]) -> motjuste::Result<Vec<Value>> {
    let cut = |text: &String| {
        let tokens = model.encode(text)?;
        Ok(json!({ "text": model.decode(&tokens)?, "tokens": tokens }))
    };
    texts.iter().map(cut).collect()
}

async fn answered(
    model: &OpenModel,
    conversations: Vec<Vec<Message>>,
    new: usize,
) -> motjuste::Result<Vec<Value>> {
    let request = |messages| Request::new(messages, Decoding::greedy(new));
    let requests: Vec<Request> = conversations.into_iter().map(request).collect();
    let completions = model.complete(&requests).await.into_iter();
    let answer = |completion: motjuste::Result<motjuste::model::Completion>| {
        let completion = completion?;
        Ok(json!({ "text": completion.text, "tokens_in": completion.usage.tokens_in }))
    };
    completions.map(answer).collect()
}
