//! A metric of your own: a Rust function from an answer to a verdict.
#![allow(clippy::print_stdout, reason = "an example is a program")]

use std::sync::Arc;

use motjuste::model::Scripted;
use motjuste::score::{Answer, Verdict, from_fn};
use motjuste::study::Eval;
use motjuste::task::{Example, Split, Task};

/// Right if it is accepted; half right if it only is in the wrong case; no verdict on an empty answer.
fn lenient(answer: &Answer<'_>) -> Verdict {
    let accepted = |text: &str| answer.example.outputs.iter().any(|output| output == text);
    match answer.text {
        "" => Verdict::missing("there is no answer"),
        text if accepted(text) => Verdict::from(1.0),
        text if accepted(&text.to_lowercase()) => {
            Verdict::from(0.5).with_feedback("write it small")
        }
        text => Verdict::from(0.0).with_feedback(format!("{text} is wrong")),
    }
}

/// Scores one instruction.
#[tokio::main]
pub async fn main() -> motjuste::Result<()> {
    let row = |a: &str, b: &str| Example::new(a, [b]);
    let test = vec![row("hot", "cold"), row("big", "small")];
    let task = Task::without_train("antonyms", vec![row("up", "down")], test)?
        .with_score(from_fn("lenient, edition 1", lenient));
    let eval = Eval::of(task, Arc::new(Scripted::new("speaker", |_| "Cold".into())));
    let (evaluation, estimate, _) = eval.score("Say the opposite.", Split::Test).await?;
    for example in &evaluation.per_example {
        println!("{:?}: {}", example.score, example.feedback.as_deref().unwrap_or("fine"));
    }
    println!("mean {}", estimate.score);
    Ok(())
}
