//! What may be used, and how calls leave.

use motjuste::budget::Budget;
use motjuste::model::{CacheMode, CallPolicy, RetryPolicy};
use motjuste::study::Sampling;
use motjuste::{Error, Result};

use crate::args::{BudgetArgs, Cache, CallArgs, CapArgs, GridBudgetArgs, Limit, TargetArgs};

/// How calls leave; prices are filled in where the models are known.
pub(super) fn calls(args: &CallArgs) -> CallPolicy {
    let cache = match args.cache {
        Cache::ReadWrite => CacheMode::ReadWrite,
        Cache::ReadOnly => CacheMode::ReadOnly,
        Cache::Off => CacheMode::Off,
        Cache::Replay => CacheMode::Replay,
    };
    let retry = RetryPolicy { attempts: args.attempts.max(1), ..RetryPolicy::default() };
    CallPolicy { concurrency: args.concurrency, cache, retry, ..CallPolicy::default() }
}

/// The budget of a study.
pub(crate) fn budget(args: &BudgetArgs) -> Budget {
    Budget { seconds: args.budget_seconds, ..within(&args.caps, args.budget_trials) }
}

/// The budget of all studies of a grid, but for the trials, which each of them may have.
pub(crate) fn grid_budget(args: &GridBudgetArgs) -> Budget {
    within(&args.caps, args.budget_trials)
}

fn within(caps: &CapArgs, trials: Limit) -> Budget {
    Budget {
        trials: trials.0,
        target_calls: caps.budget_target_calls,
        generator_calls: caps.budget_generator_calls,
        tokens: caps.budget_tokens,
        usd: caps.budget_usd,
        seconds: None,
    }
}

/// How answers are drawn.
pub(crate) fn sampling(args: &TargetArgs) -> Result<Sampling> {
    let (temperature, draws) = (args.temperature, args.draws);
    if !(0.0..=2.0).contains(&temperature) || draws == 0 {
        let message = format!("--temperature {temperature} --draws {draws} cannot be used");
        return Err(Error::configuration(message)
            .with_help("a temperature lies between 0 and 2, and there is at least one draw"));
    }
    if temperature == 0.0 && draws > 1 {
        return Err(Error::configuration("at temperature 0 every draw is the same answer")
            .with_help("give a --temperature above 0, or leave --draws out"));
    }
    Ok(Sampling { temperature, draws, second_round: args.second_round })
}
