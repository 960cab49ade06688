//! A first study: a task in code, two models, three settings.
#![allow(clippy::print_stdout, reason = "an example is a program")]

use motjuste::model::{Request, Scripted};
use motjuste::study::Study;
use motjuste::task::{Example, Task};

/// Stands for a language model that writes instructions.
fn write(request: &Request) -> String {
    let tones = ["politely", "in capitals", "in a whisper", "twice"];
    format!("<INS>Answer {}.</INS>", tones[request.decoding.draw as usize % tones.len()])
}

/// Stands for the language model that is instructed.
fn answer(request: &Request) -> String {
    let prompt = request.text();
    let word = prompt.lines().find_map(|line| line.strip_prefix("Input: ")).unwrap_or_default();
    if prompt.contains("in capitals") { word.to_uppercase() } else { word.to_owned() }
}

fn rows(words: &[&str]) -> Vec<Example> {
    let row = |word: &&str| Example::new(*word, [word.to_uppercase()]);
    words.iter().map(row).collect()
}

/// Searches, and prints the instruction that was found with its proof.
#[tokio::main]
pub async fn main() -> motjuste::Result<()> {
    let task = Task::new("shout", rows(&["a", "b"]), rows(&["c", "d"]), rows(&["e", "f", "g"]))?;
    let study = Study::of(task, Scripted::new("speaker", answer))
        .generator(Scripted::new("writer", write).with_abilities(Default::default()))
        .trials(5)
        .seed(1);
    let outcome = study.open().await?.run(&()).await?;
    let proof = outcome.assessment.and_then(|all| all.winner);
    if let Some(winner) = proof {
        println!("{} scores {} on new rows", winner.instruction, winner.interval.score);
    }
    Ok(())
}
