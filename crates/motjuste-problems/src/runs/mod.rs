//! Many instances of a problem under one budget: runs, failures, summaries and tables as data.
//!
//! A [`Case`] is an instance with what tells it from the others. [`solve`] puts case after case to a
//! model; an instance that the model refuses is reported as [`FailedRun`], and the others go on.

mod case;
mod linear_regression;
mod results;
mod table;
mod tsp;

pub use case::{Case, Options, name};
pub use linear_regression::{
    LinearRegressionCase, LinearRegressionRun, LinearRegressionSummary, REPEATS,
};
pub use results::{FailedRun, Resolved, Results};
pub use tsp::{Gap, Reference, TspCase, TspRun, TspSummary};

use std::cell::Cell;

use motjuste::budget;
use motjuste::{Error, Result};

use crate::search::Progress;
use crate::solver::{Solver, StopReason};

/// Hears how searches go; `()` does not listen.
pub trait Observer {
    /// A search begins on the instance of this name.
    fn begins(&self, _name: &str) {}

    /// A search made a step: the steps so far, and the best value.
    fn step(&self, _steps: usize, _best: Option<f64>) {}
}

impl Observer for () {}

/// Solves case after case, up to the first that the budget cuts short. Case number i has the seed of the
/// options plus i, unless it has another of its own.
///
/// An instance that the model refuses for good, such as one whose meta-prompt exceeds the model's
/// context, is a failed run, and the next one begins.
///
/// # Errors
/// [`Error::is_budget`] when the budget does not cover one step; [`Error::is_model`] when the model failed
/// on every instance, or with an error that another attempt may mend; otherwise as [`Solver::solve`].
pub async fn solve<C: Case>(
    solver: &Solver,
    cases: &[C],
    options: Options,
    observer: &dyn Observer,
) -> Result<Results<C>> {
    let (mut runs, mut failed) = (Vec::new(), Vec::new());
    for (index, case) in cases.iter().enumerate() {
        let steps = Cell::new(0);
        let on_step = |progress: &Progress<C::Point>| {
            steps.set(progress.steps.len());
            observer.step(progress.steps.len(), progress.best().map(|best| best.value));
        };
        observer.begins(&case.name());
        let seed = options.seed.wrapping_add(case.draw(index));
        match case.solve(solver, Options { seed, ..options }, &on_step).await {
            Ok(run) => runs.push(run),
            Err(error) if is_refusal(&error) => {
                failed.push(FailedRun { name: case.name(), seed, steps: steps.get(), error });
            }
            Err(error) => return Err(error),
        }
        if runs.last().is_some_and(|run| cut_by::<C>(run).is_some()) {
            break;
        }
    }
    refuse_nothing::<C>(&runs, &failed, options)?;
    let budget_reached = runs.last().and_then(cut_by::<C>);
    Ok(Results::new(solver, options, cases.len(), runs, failed, budget_reached))
}

/// Whether the model will never answer a request: another instance may fare better, another attempt
/// will not.
fn is_refusal(error: &Error) -> bool {
    error.is_model() && !error.is_transient() && !error.is_given_up()
}

/// The line of the budget that cut a search short.
fn cut_by<C: Case>(run: &C::Run) -> Option<budget::StopReason> {
    match C::comparison(run).model.stop_reason {
        StopReason::Budget(line) => Some(line),
        StopReason::Solved { .. } | StopReason::Steps => None,
    }
}

/// Refuses results of nothing: the model failed on every instance, or the budget did not let the first
/// of them take a step.
fn refuse_nothing<C: Case>(runs: &[C::Run], failed: &[FailedRun], options: Options) -> Result<()> {
    if let ([], [first, ..]) = (runs, failed) {
        return Err(first.error.clone());
    }
    let is_cut = runs.last().and_then(cut_by::<C>).is_some();
    if is_cut && runs.iter().all(|run| C::comparison(run).model.steps == 0) {
        let calls = options.settings.calls;
        return Err(Error::budget("the budget does not cover one step").with_help(format!(
            "a step is {calls} calls; raise the budget, or lower the calls of a step or the tokens of a \
             reply"
        )));
    }
    Ok(())
}
