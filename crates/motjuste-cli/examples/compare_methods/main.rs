//! Methods on the same tasks and seeds, at equal target calls, with the embedded model.
//!
//! ```sh
//! cargo run --release -p motjuste-cli --example compare_methods -- 1000 5 motjuste,uniform tasks/*.toml
//! ```
//!
//! The arguments are target calls, seeds, methods and task files. Prints a line of JSON for each study, then tables
//! in Markdown; the first method is held against the others, and OPRO against the instruction that it begins with.

#![allow(clippy::print_stdout, reason = "an example's output")]

mod shared;
mod tables;

use std::path::Path;
use std::sync::Arc;

use motjuste::budget::Budget;
use motjuste::journal::Outcome;
use motjuste::model::CallPolicy;
use motjuste::optimizer::OptimizerConfig;
use motjuste::storage::InMemory;
use motjuste::study::{Sampling, Setup, Single, Split, Study};
use motjuste::task::Task;
use motjuste::{Error, Result, task};
use motjuste_lm::OpenModel;

use shared::Shared;
use tables::{Line, Tables};

/// Trials are bounded too: a method that repeats itself spends none of its calls.
const MOST_TRIALS: u64 = 250;
const ANSWER_TOKENS: usize = 64;

/// What every study has.
struct Contest {
    generator: Arc<OpenModel>,
    target: Arc<Shared>,
    calls: u64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [calls, seeds, methods, tasks @ ..] = arguments.as_slice() else { return Err(usage()) };
    let seeds: u64 = seeds.parse().map_err(|_| usage())?;
    let methods: Vec<&str> = methods.split(',').collect();
    let model = OpenModel::embedded()?;
    let contest = Contest {
        target: Arc::new(Shared::new(model.clone())),
        generator: model,
        calls: calls.parse().map_err(|_| usage())?,
    };
    let mut tables = Tables::new(&methods);
    for path in tasks {
        let task = task::load(Path::new(path))?;
        for method in &methods {
            let config = OptimizerConfig::named(method).ok_or_else(usage)?;
            for seed in 0..seeds {
                let outcome = contest.study(task.clone(), config.clone(), seed).await?;
                let line = Line::of(method, &outcome)?;
                println!("{}", line.json(&outcome));
                tables.add(line);
            }
            if let OptimizerConfig::Opro(opro) = &config {
                let start = opro.initial.first().map_or("", String::as_str);
                tables.begin(&task.name, method, contest.test(task.clone(), start).await?);
            }
        }
    }
    tables.print();
    Ok(())
}

fn usage() -> Error {
    Error::configuration("usage: compare_methods TARGET_CALLS SEEDS METHOD,METHOD TASK…")
}

impl Contest {
    async fn study(&self, task: Task, method: OptimizerConfig, seed: u64) -> Result<Outcome> {
        let setup = Setup {
            task,
            method,
            seed,
            budget: Budget {
                trials: Some(MOST_TRIALS),
                target_calls: Some(self.calls),
                ..Budget::default()
            },
            generator: self.generator.clone(),
            target: self.target.clone(),
            judge: None,
            sampling: Sampling::default(),
            instruction_tokens: 128,
            answer_tokens: ANSWER_TOKENS,
            dev_examples: Some(20),
            calls: CallPolicy::default(),
            storage: Arc::new(InMemory::default()),
            stop: Arc::default(),
        };
        Study::open(setup).await?.run(&()).await
    }

    /// The held-out scores of an instruction.
    async fn test(&self, task: Task, instruction: &str) -> Result<Vec<f64>> {
        let single = Single {
            task,
            target: self.target.clone(),
            judge: None,
            answer_tokens: ANSWER_TOKENS,
            sampling: Sampling::default(),
            budget: Budget::default(),
            calls: CallPolicy::default(),
            storage: Arc::new(InMemory::default()),
            stop: Arc::default(),
        };
        let (evaluation, ..) = single.evaluate(instruction, Split::Test).await?;
        Ok(evaluation.scores())
    }
}
