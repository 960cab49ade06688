//! What may be used, and how calls leave.

use motjuste::Result;
use motjuste::budget::Budget;
use motjuste::calls::{CacheMode, CallPolicy, RetryPolicy};
use motjuste::study::Sampling;

use motjuste_remote::Timeouts;

use crate::args::{BudgetArgs, Cache, CallArgs, CapArgs, CompareBudgetArgs, Limit, TargetArgs};
use crate::signals::Patience;

/// How calls leave; prices are filled in where the models are known.
pub(super) fn calls(args: &CallArgs) -> CallPolicy {
    let cache = match args.cache {
        Cache::ReadWrite => CacheMode::ReadWrite,
        Cache::ReadOnly => CacheMode::ReadOnly,
        Cache::Off => CacheMode::Off,
        Cache::Replay => CacheMode::Replay,
        Cache::Shared => CacheMode::Shared,
    };
    let retry = RetryPolicy { attempts: args.attempts, ..RetryPolicy::default() };
    let policy = CallPolicy { cache, retry, ..CallPolicy::default() };
    CallPolicy { concurrency: args.concurrency.unwrap_or(policy.concurrency), ..policy }
}

/// The budget of a study.
pub(super) fn budget(args: &BudgetArgs) -> Budget {
    let (seconds, score) = (args.budget_seconds, args.stop_at_score);
    let search_on = args.search_on;
    Budget { seconds, score, search_on, ..within(&args.caps, args.budget_trials) }
}

/// The budget of each study of a grid, and that of all together.
/// What each study of a comparison may use, and what all together may.
pub(super) fn budgets(args: &CompareBudgetArgs) -> (Budget, Budget) {
    let without_trials = within(&args.caps, Limit(None));
    let usual = match without_trials == Budget::unlimited() {
        true => Limit(Budget::default().trials),
        false => Limit(None),
    };
    let trials = args.budget_trials.unwrap_or(usual);
    let (score, search_on) = (args.stop_at_score, args.search_on);
    let each = Budget { score, search_on, ..within(&args.caps, trials) };
    let together = Budget {
        usd: args.total_usd,
        target_calls: args.total_target_calls,
        ..Budget::unlimited()
    };
    (each, together)
}

fn within(caps: &CapArgs, trials: Limit) -> Budget {
    Budget {
        trials: trials.0,
        target_calls: caps.budget_target_calls,
        generator_calls: caps.budget_generator_calls,
        tokens: caps.budget_tokens,
        usd: caps.budget_usd,
        seconds: None,
        score: None,
        search_on: false,
    }
}

/// Whether what may be spent has a cap that was given: trials and texts cost what they cost.
pub(crate) fn is_capped(caps: &CapArgs) -> bool {
    caps.budget_usd.is_some() || caps.budget_tokens.is_some() || caps.budget_target_calls.is_some()
}

/// How answers are drawn.
pub(super) fn sampling(args: &TargetArgs) -> Result<Sampling> {
    let sampling = Sampling::new(args.temperature, args.draws).map_err(|error| {
        error.with_help(format!(
            "--temperature {} --draws {} cannot be used: a temperature lies between 0 and 2, and \
             several draws need one above 0",
            args.temperature, args.draws
        ))
    })?;
    Ok(if args.second_round { sampling.with_second_round() } else { sampling })
}

/// How long calls in flight are waited for once an end is asked for.
pub(crate) fn patience(args: &CallArgs) -> Patience {
    let answer = args.timeout.unwrap_or(Timeouts::default().total);
    Patience { answer, grace: args.grace }
}
