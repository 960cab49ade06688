//! Every method on the same tasks and seeds, at equal target calls, with the embedded model.
//!
//! ```sh
//! cargo run --release -p motjuste-cli --example compare_methods -- 1000 5 tasks/plural.toml …
//! ```
//!
//! The first argument is the number of target calls, the second the number of seeds. Prints a line of
//! JSON for each study, then a Markdown table: mean dev and test score with the standard error over
//! seeds, and the calls after which the final best was found.

#![allow(clippy::print_stdout, reason = "an example's output")]

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use motjuste::budget::Budget;
use motjuste::journal::Outcome;
use motjuste::model::{CallPolicy, Completion, LanguageModel, Request};
use motjuste::optimizer::OptimizerConfig;
use motjuste::storage::InMemory;
use motjuste::study::{Sampling, Setup, Study};
use motjuste::{Error, Result, task};
use motjuste_lm::OpenModel;

/// Trials are bounded too: a method that repeats itself spends none of its calls.
const MOST_TRIALS: u64 = 250;

/// A target that computes each answer once, whichever study asks; each study still pays for it.
struct Shared {
    model: Arc<OpenModel>,
    answers: Mutex<HashMap<String, Completion>>,
}

#[async_trait]
impl LanguageModel for Shared {
    fn id(&self) -> &str {
        LanguageModel::id(self.model.as_ref())
    }

    async fn complete(&self, request: &Request) -> Result<Completion> {
        let known = |shared: &Self| {
            let answers = shared.answers.lock().unwrap_or_else(PoisonError::into_inner);
            answers.get(&request.prompt).cloned()
        };
        if let Some(answer) = known(self) {
            return Ok(answer);
        }
        let answer = self.model.complete(request).await?;
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.insert(request.prompt.clone(), answer.clone());
        Ok(answer)
    }
}

struct Line {
    task: String,
    method: &'static str,
    dev: f64,
    test: f64,
    manual: f64,
    empty: f64,
    calls_to_best: u64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [calls, seeds, tasks @ ..] = arguments.as_slice() else { return Err(usage()) };
    let calls: u64 = calls.parse().map_err(|_| usage())?;
    let seeds: u64 = seeds.parse().map_err(|_| usage())?;
    let model = OpenModel::embedded()?;
    let target = Arc::new(Shared { model: model.clone(), answers: Mutex::default() });
    let mut lines = Vec::new();
    for path in tasks {
        for seed in 0..seeds {
            for method in OptimizerConfig::NAMES {
                lines.push(study(path, method, seed, calls, &model, &target).await?);
            }
        }
    }
    print_table(&lines);
    Ok(())
}

fn usage() -> Error {
    Error::configuration("usage: compare_methods TARGET_CALLS SEEDS TASK…")
}

async fn study(
    path: &str,
    method: &'static str,
    seed: u64,
    calls: u64,
    generator: &Arc<OpenModel>,
    target: &Arc<Shared>,
) -> Result<Line> {
    let setup = Setup {
        task: task::load(Path::new(path))?,
        method: OptimizerConfig::named(method).ok_or_else(usage)?,
        seed,
        budget: Budget {
            trials: Some(MOST_TRIALS),
            target_calls: Some(calls),
            ..Budget::default()
        },
        generator: generator.clone(),
        target: target.clone(),
        judge: None,
        sampling: Sampling::default(),
        instruction_tokens: 128,
        answer_tokens: 64,
        dev_examples: Some(20),
        calls: CallPolicy::default(),
        storage: Arc::new(InMemory::default()),
        stop: Arc::default(),
    };
    let outcome = Study::open(setup).await?.run(&()).await?;
    let line = summarise(method, &outcome)?;
    println!(
        "{}",
        serde_json::json!({
            "task": line.task, "method": method, "seed": seed, "dev": line.dev, "test": line.test,
            "manual": line.manual, "empty": line.empty, "calls_to_best": line.calls_to_best,
            "calls": outcome.account.target.calls, "trials": outcome.history.evaluated_trials(),
            "distinct": outcome.history.distinct_instructions(),
            "instruction": outcome.winner().map(|trial| &trial.instruction),
        })
    );
    Ok(line)
}

fn summarise(method: &'static str, outcome: &Outcome) -> Result<Line> {
    let missing = || Error::data("a study ended without a winner");
    let assessment = outcome.assessment.as_ref().ok_or_else(missing)?;
    let winner = assessment.winner.as_ref().ok_or_else(missing)?;
    let first = outcome.history.find(&winner.instruction).ok_or_else(missing)?;
    let paid = outcome.history.trials().take_while(|trial| trial.id <= first.id);
    let paid = paid.filter(|trial| trial.repeats.is_none()).count() as u64;
    Ok(Line {
        task: outcome.config.task.name.clone(),
        method,
        dev: winner.dev.score,
        test: winner.test.score,
        manual: assessment.manual.test.score,
        empty: assessment.empty.test.score,
        calls_to_best: paid * outcome.config.task.dev as u64,
    })
}

fn print_table(lines: &[Line]) {
    let mut groups: BTreeMap<(&str, &str), Vec<&Line>> = BTreeMap::new();
    for line in lines {
        groups.entry((&line.task, line.method)).or_default().push(line);
        groups.entry(("~ all tasks", line.method)).or_default().push(line);
    }
    println!("\n| task | method | dev | test | manual | empty | calls to the best |");
    println!("|---|---|---|---|---|---|---|");
    for ((task, method), group) in &groups {
        let mean = |value: fn(&Line) -> f64| {
            let values: Vec<f64> = group.iter().map(|line| value(line)).collect();
            let n = values.len() as f64;
            let mean = values.iter().sum::<f64>() / n;
            let spread =
                values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
            (mean, (spread / n).sqrt())
        };
        let shown = |(mean, error): (f64, f64)| format!("{mean:.3} ± {error:.3}");
        println!(
            "| {task} | {method} | {} | {} | {:.2} | {:.2} | {:.0} |",
            shown(mean(|line| line.dev)),
            shown(mean(|line| line.test)),
            mean(|line| line.manual).0,
            mean(|line| line.empty).0,
            mean(|line| line.calls_to_best as f64).0,
        );
    }
}
