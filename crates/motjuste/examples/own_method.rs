//! A search method of your own, complete: it puts a word in front of the best instruction so far.
#![allow(clippy::print_stdout, reason = "an example is a program")]

use motjuste::history::{History, Proposal};
use motjuste::method::{Bounds, Method, MethodId};
use motjuste::model::{Request, Scripted};
use motjuste::random::Stream;
use motjuste::study::Study;
use motjuste::task::{Example, Task};

/// The settings, and nothing else: what was tried is in the history.
#[derive(serde::Serialize)]
struct Hill(Vec<String>);

impl Method for Hill {
    fn id(&self) -> MethodId {
        MethodId::new("hill", self)
    }

    fn bounds(&self, _trials: u64) -> Bounds {
        Bounds::default() // It asks the generator nothing.
    }

    fn propose(&self, history: &History, _: &mut Stream) -> motjuste::Result<Vec<Proposal>> {
        let best = history.best().map_or("go.", |trial| &trial.instruction);
        Ok(self.0.iter().map(|word| Proposal::Instruction(format!("{word} {best}"))).collect())
    }
}

/// Searches six trials.
#[tokio::main]
pub async fn main() -> motjuste::Result<()> {
    let row = |input: &str| vec![Example::new(input, ["go"])];
    let answer = |ask: &Request| if ask.text().contains("do now") { "go" } else { "no" }.into();
    let study =
        Study::of(Task::new("t", row("a"), row("b"), row("c"))?, Scripted::new("m", answer));
    let outcome = study.method(Hill(vec!["now".into(), "do".into()])).trials(6).open().await?;
    println!("{:?}", outcome.run(&()).await?.winner().map(|trial| &trial.instruction));
    Ok(())
}
