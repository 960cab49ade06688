//! `motjuste solve`: the mathematical problems of OPRO, with a language model and without.

use std::process::ExitCode;
use std::sync::Arc;

use motjuste::{Error, Result};
use motjuste_lm::Embedded;
use motjuste_problems::Counts;
use motjuste_problems::linear_regression::PUBLISHED_TRUTHS;
use motjuste_problems::runs::{
    self, Case, FailedRun, LinearRegressionCase, REPEATS, Results, TspCase,
};
use motjuste_store::Address;

use super::consent::Consent;
use super::run;
use crate::args::{LinregArgs, SearchArgs, SolveArgs, SolveProblem, TspArgs};
use crate::progress::Steps;
use crate::{exit, files, signals, summary, wiring};

/// Instances of a size that are drawn.
const INSTANCES: usize = 5;

/// Points of an instance that is drawn.
const POINTS: usize = 10;

pub(crate) async fn solve(args: SolveArgs, store: &Address, json: bool) -> Result<ExitCode> {
    match args.problem {
        SolveProblem::Linreg(args) => solve_all(&linreg(&args)?, args.search, store, json).await,
        SolveProblem::Tsp(args) => solve_all(&tsp(&args)?, args.search, store, json).await,
    }
}

fn linreg(args: &LinregArgs) -> Result<Vec<LinearRegressionCase>> {
    let truth = args.w.zip(args.b).map(|(w, b)| [f64::from(w), f64::from(b)]);
    let Some(file) = &args.instances else {
        let truths = truth.map_or(PUBLISHED_TRUTHS.to_vec(), |truth| vec![truth]);
        let repeats = args.repeats.unwrap_or(REPEATS);
        return Ok(LinearRegressionCase::draw(&truths, repeats, args.search.seed));
    };
    LinearRegressionCase::load(file, truth, args.repeats)
}

fn tsp(args: &TspArgs) -> Result<Vec<TspCase>> {
    let Some(file) = &args.instances else {
        let count = args.count.unwrap_or(INSTANCES);
        return TspCase::draw(args.n.unwrap_or(POINTS), count, args.search.seed);
    };
    TspCase::load(file, args.n, args.count)
}

/// Opens the model, asks before calls leave for a server, solves the cases and shows what came of them.
async fn solve_all<C: Case>(
    cases: &[C],
    args: SearchArgs,
    store: &Address,
    json: bool,
) -> Result<ExitCode> {
    let options = wiring::options(&args);
    let budget = &args.budget;
    let is_capped = budget.budget_usd.is_some()
        || budget.budget_tokens.is_some()
        || budget.budget_calls.is_some();
    let consent = Consent { is_given: args.yes, is_capped, json };
    let patience = wiring::patience(&args.model.calls);
    let embedded = Embedded::named(&args.model.model);
    let calls = cases.len().saturating_mul(args.steps).saturating_mul(args.calls);
    let storage = super::open_store(store).await?;
    let stop = Arc::default();
    let (solver, servers) = wiring::solver(&args, storage.clone(), Arc::clone(&stop))?;
    let name = runs::name(solver.model(), cases, options);
    let folder = args.out.unwrap_or_else(|| run::default_folder(&name));
    files::prepare_page(&folder, args.force)?;
    consent.ask(&servers, |server| Ok(format!("call {server} up to {calls} times?")))?;
    signals::listen(stop, patience);
    let lease = storage.lease(&name).await?;
    let progress = Steps::new(args.steps, json);
    let results = runs::solve(&solver, cases, options, &progress).await;
    progress.finish();
    drop(lease);
    let results = results.map_err(|error| explained(error, embedded))?;
    let cut = cut(&results);
    let page = results.page(&name, &files::toml(&results.resolved)?, cut.clone())?;
    let page = files::write_page(&folder, &page)?;
    if json {
        summary::line(&files::json(&results)?);
    } else {
        show(&results, cut, embedded);
        summary::written(&[page]);
    }
    Ok(exit::of_searches(results.budget_reached.is_some(), !results.failed.is_empty()))
}

/// An error, with what to do about it here: a meta-prompt is soon too long for an embedded model.
fn explained(error: Error, embedded: Option<Embedded>) -> Error {
    match embedded.map(limits) {
        Some(limits) if error.is_model() => error.with_help(format!(
            "{limits}, and its context is short; name another with --model, a folder, hf/ORG/NAME or \
             PROVIDER/MODEL"
        )),
        _ => error,
    }
}

/// Why there are fewer searches than planned.
fn cut<C: Case>(results: &Results<C>) -> Option<String> {
    let line = summary::stop_words(results.budget_reached?);
    let (begun, planned) = (results.begun(), results.planned);
    Some(format!(
        "{line} ended instance {begun} of {planned}; run again with a larger one to go on"
    ))
}

/// Tables, and what stands below them.
fn show<C: Case>(results: &Results<C>, cut: Option<String>, embedded: Option<Embedded>) {
    for table in results.tables() {
        summary::line(&format!("{}\n", table.to_text()));
    }
    for FailedRun { name, error, .. } in &results.failed {
        summary::line(&format!("failed      {name}: {error}"));
    }
    summary::line(&format!("asked       {}", results.resolved.model));
    summary::line(&replies(&results.replies()));
    summary::line(&summary::spent("model", &results.ledger));
    if let Some(cut) = cut {
        summary::line(&cut);
    }
    if let Some(limits) = embedded.map(limits) {
        summary::line(&format!("{limits}; --model names another"));
    }
}

/// What became of all replies.
fn replies(Counts { total, new, duplicates, invalid, reasons }: &Counts) -> String {
    let most = reasons.iter().max_by_key(|(_, times)| **times);
    let why = most.map_or(String::new(), |(reason, times)| format!(" ({times} times: {reason})"));
    format!(
        "replies     {total}: {new} new points, {duplicates} known ones, {invalid} without one{why}"
    )
}

/// What an embedded model was trained for.
fn limits(model: Embedded) -> &'static str {
    match model {
        Embedded::Instructions => {
            "`embedded` was trained to write instructions, not to propose points"
        }
        Embedded::Pairs => {
            "`embedded-pairs` was trained on true w and b from -5 to 45, and on nothing else"
        }
        Embedded::Tours => {
            "`embedded-tours` was trained on 5 to 10 points in a square, and on nothing else"
        }
    }
}
