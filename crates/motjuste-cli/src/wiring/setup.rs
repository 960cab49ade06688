//! Everything that was typed for a run becomes a study to open.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use motjuste::model::{CallPolicy, LanguageModel};
use motjuste::money::Price;
use motjuste::scoring::Scoring;
use motjuste::storage::Storage;
use motjuste::study::{Setup, Single};
use motjuste::task::{self, Task};
use motjuste::{Error, Result};

use super::calls::{budget, calls, sampling};
use super::method::{fitted, method};
use super::models::{Opener, is_remote};
use super::prices::Prices;
use crate::args::{EvalArgs, RunArgs, TargetArgs};

/// The study that was asked for.
pub(crate) fn setup(
    args: &RunArgs,
    storage: Arc<dyn Storage>,
    stop: Arc<AtomicBool>,
) -> Result<Setup> {
    let task = task::load(&args.task)?;
    let target = &args.models.target;
    let mut opener = Opener::new(target);
    opener.refuse_unused_options(&[&args.models.generator, &target.target])?;
    let generator = opener.generator(&args.models)?;
    let is_capped = args.budget.budget_usd.is_some();
    let mut calls = priced_calls(target, &task, is_capped)?;
    calls.generator_price = price(target, &args.models.generator, is_capped)?;
    Ok(Setup {
        method: fitted(method(&args.method)?, generator.as_ref()),
        seed: args.method.seed,
        budget: budget(&args.budget),
        target: opener.target()?,
        judge: judge(&mut opener, &task, target)?,
        instruction_tokens: args.models.instruction_tokens,
        answer_tokens: target.answer_tokens,
        sampling: sampling(target)?,
        dev_examples: args.method.dev_examples.0,
        task,
        generator,
        calls,
        storage,
        stop,
    })
}

/// The scoring of one instruction that was asked for.
pub(crate) fn single(
    args: &EvalArgs,
    storage: Arc<dyn Storage>,
    stop: Arc<AtomicBool>,
) -> Result<Single> {
    let task = task::load(&args.task)?;
    let mut opener = Opener::new(&args.target);
    opener.refuse_unused_options(&[&args.target.target])?;
    let is_capped = args.budget_usd.is_some();
    Ok(Single {
        target: opener.target()?,
        judge: judge(&mut opener, &task, &args.target)?,
        answer_tokens: args.target.answer_tokens,
        sampling: sampling(&args.target)?,
        budget: motjuste::budget::Budget {
            trials: None,
            usd: args.budget_usd,
            ..Default::default()
        },
        calls: priced_calls(&args.target, &task, is_capped)?,
        task,
        storage,
        stop,
    })
}

/// The models of a run that are behind an API, each once.
pub(crate) fn remote_models(args: &RunArgs) -> Vec<String> {
    let mut names = vec![args.models.generator.clone(), args.models.target.target.clone()];
    names.dedup();
    names.retain(|name| is_remote(name));
    names
}

/// Those of them whose price is not known.
pub(crate) fn unpriced(args: &RunArgs) -> Result<Vec<String>> {
    let prices = Prices::load(args.models.target.calls.prices.as_deref())?;
    let mut unpriced = Vec::new();
    for name in remote_models(args) {
        if prices.of(&name)?.is_none() {
            unpriced.push(name);
        }
    }
    Ok(unpriced)
}

fn judge(
    opener: &mut Opener<'_>,
    task: &Task,
    args: &TargetArgs,
) -> Result<Option<Arc<dyn LanguageModel>>> {
    match &task.scoring {
        Scoring::Judge(rubric) => opener.judge(&rubric.model).map(Some),
        _ if args.judge_url.is_some() => {
            Err(Error::configuration("--judge-url is given and the task names no judge")
                .with_help("leave it out, or write metric = { judge = \"PROVIDER/MODEL\" }"))
        }
        _ => Ok(None),
    }
}

fn priced_calls(args: &TargetArgs, task: &Task, is_capped: bool) -> Result<CallPolicy> {
    let mut calls = calls(&args.calls);
    calls.target_price = price(args, &args.target, is_capped)?;
    if let Scoring::Judge(rubric) = &task.scoring {
        calls.judge_price = price(args, &rubric.model, is_capped)?;
    }
    Ok(calls)
}

/// The price of a model. Under a cap on money it must be known.
pub(super) fn price(args: &TargetArgs, name: &str, is_capped: bool) -> Result<Price> {
    match Prices::load(args.calls.prices.as_deref())?.of(name)? {
        Some(price) => Ok(price),
        None if !is_capped => Ok(Price::FREE),
        None => {
            Err(Error::configuration(format!("no price is known for {name}")).with_help(format!(
                "write \"{name}\" = {{ read = …, written = … }}, in US dollars per million \
                 tokens, to a file and give it with --prices; or leave --budget-usd out"
            )))
        }
    }
}
