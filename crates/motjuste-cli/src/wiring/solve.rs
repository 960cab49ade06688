//! Everything that was typed for `motjuste solve` becomes a solver.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use motjuste::budget::Budget;
use motjuste::calls::CallPolicy;
use motjuste::metric::Mode;
use motjuste::model::Parameters;
use motjuste::storage::Responses;
use motjuste::{Error, Result};
use motjuste_lm::Embedded;
use motjuste_models::Servers;
use motjuste_problems::runs::Options;
use motjuste_problems::{Settings, Setup, Solver};

use super::calls::calls;
use super::models::{name, opener, parameters};
use super::prices::prices;
use crate::args::{ModeName, SearchArgs, SoftPlace, SolveBudgetArgs};

/// Tokens that an embedded model may write: what its context leaves beside a meta-prompt.
const EMBEDDED_REPLY: usize = 64;

/// How the instances are put to the model.
pub(crate) fn options(args: &SearchArgs) -> Options {
    let mode = match args.mode {
        ModeName::Strict => Mode::Strict,
        ModeName::Compat => Mode::Compat,
    };
    Options { mode, seed: args.seed, settings: settings(args) }
}

fn settings(args: &SearchArgs) -> Settings {
    let published = Settings::default();
    let is_embedded = Embedded::named(&args.model.model).is_some();
    let most = if is_embedded { EMBEDDED_REPLY } else { published.max_tokens };
    Settings {
        steps: args.steps,
        calls: args.calls,
        temperature: args.temperature,
        max_tokens: args.reply_tokens.unwrap_or(most),
    }
}

/// The solver that was asked for, and the servers that it calls.
pub(crate) fn solver(
    args: &SearchArgs,
    responses: Arc<dyn Responses>,
    stop: Arc<AtomicBool>,
) -> Result<(Solver, Servers)> {
    let asked = &args.model;
    if !matches!(asked.local.soft_prompt_place, SoftPlace::Front) {
        return Err(Error::configuration("a model that proposes points reads no soft prompt")
            .with_help("leave --soft-prompt-place out"));
    }
    let prices = prices(&asked.calls, &[&asked.model])?;
    let servers = Servers::among(&[&asked.model], &prices)?;
    let generator_price = prices.under(args.budget.budget_usd.is_some(), &asked.model)?;
    let mut opener = opener(&asked.local, &asked.calls)?;
    opener.refuse_unused_options(&[&asked.model])?;
    let parameters = parameters(asked.model_params.as_ref(), &Parameters::default(), &asked.calls);
    let name = name(&asked.model, asked.model_url.as_ref(), asked.model_api, parameters);
    let model = opener.model(&name)?;
    let calls = CallPolicy { generator_price, ..calls(&asked.calls) };
    let budget = budget(&args.budget);
    Ok((Solver::new(Setup { model, budget, calls, responses, stop }), servers))
}

fn budget(args: &SolveBudgetArgs) -> Budget {
    Budget {
        trials: None,
        target_calls: None,
        generator_calls: args.budget_calls,
        tokens: args.budget_tokens,
        usd: args.budget_usd,
        seconds: args.budget_seconds,
        score: None,
        search_on: false,
    }
}
