//! Everything that was typed for `motjuste solve` becomes a solver.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use motjuste::budget::Budget;
use motjuste::model::CallPolicy;
use motjuste::problem::Settings;
use motjuste::solve::{Setup, Solver};
use motjuste::storage::Storage;
use motjuste::{Error, Result};
use motjuste_lm::Embedded;

use super::calls::calls;
use super::models::{Opener, is_remote};
use super::prices::Prices;
use super::setup::price;
use crate::args::{SearchArgs, SoftPlace};

/// Tokens that an embedded model may write: what its context leaves beside a meta-prompt.
const EMBEDDED_REPLY: usize = 64;

/// How the model is asked.
pub(crate) fn settings(args: &SearchArgs) -> Settings {
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

/// The model of a solver, by the name that was typed.
pub(crate) struct Proposer {
    pub name: String,
    pub is_remote: bool,
    /// Whether what it costs is known.
    pub is_priced: bool,
}

/// The solver that was asked for.
pub(crate) fn solver(
    args: SearchArgs,
    storage: Arc<dyn Storage>,
    stop: Arc<AtomicBool>,
) -> Result<(Solver, Proposer)> {
    let budget = Budget {
        trials: None,
        target_calls: None,
        generator_calls: args.budget.budget_calls,
        tokens: args.budget.budget_tokens,
        usd: args.budget.budget_usd,
        seconds: args.budget.budget_seconds,
    };
    let target = args.model.into_target();
    if matches!(target.local.soft_prompt_place, SoftPlace::BehindSystem) {
        return Err(Error::configuration("a model that proposes points reads no soft prompt")
            .with_help("leave --soft-prompt-place out"));
    }
    let prices = Prices::load(target.calls.prices.as_deref())?;
    let proposer = Proposer {
        name: target.target.clone(),
        is_remote: is_remote(&target.target),
        is_priced: prices.of(&target.target)?.is_some(),
    };
    let generator_price = price(&target, &target.target, budget.usd.is_some())?;
    let mut opener = Opener::new(&target);
    opener.refuse_unused_options(&[&target.target])?;
    let model = opener.target()?;
    let calls = CallPolicy { generator_price, ..calls(&target.calls) };
    Ok((Solver::new(Setup { model, budget, calls, storage, stop }), proposer))
}
