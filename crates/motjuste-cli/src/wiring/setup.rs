//! Everything that was typed for a run becomes a study to open.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use motjuste::budget::Budget;
use motjuste::model::{CallPolicy, LanguageModel};
use motjuste::scoring::Scoring;
use motjuste::storage::Storage;
use motjuste::study::{Setup, Single};
use motjuste::task::Task;
use motjuste::{Error, Result};

use super::bench::{Bench, Plan};
use super::calls::{budget, calls, sampling};
use super::method::method;
use super::models::Opener;
use super::prices::Prices;
use super::servers::Servers;
use super::task::task;
use crate::args::{EvalArgs, RunArgs, TargetArgs};

/// The study that was asked for, and the servers that it calls.
pub(crate) fn setup(
    args: &RunArgs,
    storage: Arc<dyn Storage>,
    stop: Arc<AtomicBool>,
) -> Result<(Setup, Servers)> {
    let method = method(&args.method)?;
    let task = task(&args.task.task, &args.task.data, method.train_demonstrations())?;
    let is_capped = args.budget.caps.budget_usd.is_some();
    let mut bench = Bench::open(&args.models, method.wants_soft_prompts(), is_capped)?;
    let plan = Plan {
        method,
        seed: args.method.seed,
        dev_examples: args.method.dev_examples.0,
        budget: budget(&args.budget),
    };
    let servers = bench.servers(std::slice::from_ref(&task))?;
    Ok((bench.setup(task, plan, storage, stop)?, servers))
}

/// The scoring of one instruction that was asked for.
pub(crate) fn single(
    args: &EvalArgs,
    storage: Arc<dyn Storage>,
    stop: Arc<AtomicBool>,
) -> Result<Single> {
    let task = task(&args.task.task, &args.task.data, 0)?;
    let target = &args.target;
    let mut opener = Opener::new(&target.local, &target.calls);
    opener.refuse_unused_options(&[&target.target])?;
    let prices = Prices::load(target.calls.prices.as_deref())?;
    Ok(Single {
        target: opener.model(&target.target, target.target_url.as_deref(), target.target_api)?,
        judge: judge(&mut opener, &task, target)?,
        answer_tokens: target.answer_tokens,
        sampling: sampling(target)?,
        budget: Budget { trials: None, usd: args.budget_usd, ..Budget::default() },
        calls: priced_calls(target, &task, &prices, args.budget_usd.is_some())?,
        task,
        storage,
        stop,
    })
}

pub(super) fn judge(
    opener: &mut Opener<'_>,
    task: &Task,
    args: &TargetArgs,
) -> Result<Option<Arc<dyn LanguageModel>>> {
    match &task.scoring {
        Scoring::Judge(rubric) => {
            opener.model(&rubric.model, args.judge_url.as_deref(), None).map(Some)
        }
        _ if args.judge_url.is_some() => {
            Err(Error::configuration("--judge-url is given and the task names no judge")
                .with_help("leave it out, or write metric = { judge = \"PROVIDER/MODEL\" }"))
        }
        _ => Ok(None),
    }
}

pub(super) fn priced_calls(
    args: &TargetArgs,
    task: &Task,
    prices: &Prices,
    is_capped: bool,
) -> Result<CallPolicy> {
    let mut calls = calls(&args.calls);
    calls.target_price = prices.under(is_capped, &args.target)?;
    if let Scoring::Judge(rubric) = &task.scoring {
        calls.judge_price = prices.under(is_capped, &rubric.model)?;
    }
    Ok(calls)
}
