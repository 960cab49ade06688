//! A loop of your own: propose, evaluate, tell; look at every step, and stop when you like.
#![allow(clippy::print_stdout, reason = "an example is a program")]

use motjuste::budget::StopReason;
use motjuste::model::{Request, Scripted};
use motjuste::study::{Next, Study};
use motjuste::task::{Example, Task};

/// Stands for a language model: it knows the answer where the instruction speaks of gold.
fn answer(request: &Request) -> String {
    if request.text().contains("gold") { "yes" } else { "no" }.to_owned()
}

/// Ends as soon as an instruction is perfect.
#[tokio::main]
pub async fn main() -> motjuste::Result<()> {
    let row = |input: &str| vec![Example::new(input, ["yes"])];
    let write = |request: &Request| {
        let word = ["tea", "rain", "gold", "mice"][request.decoding.draw as usize % 4];
        format!("<INS>Think of {word}.</INS>")
    };
    let writer = Scripted::new("writer", write).with_abilities(Default::default());
    let task = Task::new("think", row("a"), row("b"), row("c"))?;
    let study = Study::of(task, Scripted::new("thinker", answer)).generator(writer);
    let mut study = study.trials(40).open().await?;
    let mut is_perfect = false;
    while !is_perfect && let Next::Step(step) = study.propose().await? {
        let evaluated = study.evaluate(step).await?;
        let Some(step) = evaluated.step else { break };
        study.tell(step).await?;
        let history = &study.outcome().history;
        let best = history.best().and_then(|trial| trial.score());
        println!("the best of {} trials scores {best:?}", history.evaluated_trials());
        is_perfect = best == Some(1.0);
    }
    let outcome = study.finish(StopReason::Finished).await?;
    println!("{:?}", outcome.winner().map(|trial| &trial.instruction));
    Ok(())
}
