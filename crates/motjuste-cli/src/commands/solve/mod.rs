//! `motjuste solve`: the mathematical problems of OPRO, with a language model and without.

mod linreg;
mod table;
mod tsp;

use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

use motjuste::budget::StopReason;
use motjuste::metric::Mode;
use motjuste::problem::Settings;
use motjuste::solve::{Comparison, Ending, Solver};
use motjuste::{Error, Result};
use motjuste_lm::Embedded;
use serde::Serialize;

use crate::args::{ModeName, SearchArgs, SolveArgs, SolveProblem};
use crate::progress::Steps;
use crate::wiring::{self, Proposer};
use crate::{files, summary};

pub(crate) async fn solve(args: SolveArgs, store: &Path, json: bool) -> Result<ExitCode> {
    match args.problem {
        SolveProblem::Linreg(args) => linreg::solve(args, store, json).await,
        SolveProblem::Tsp(args) => tsp::solve(args, store, json).await,
    }
}

/// A solver at work on a list of instances.
struct Work {
    solver: Solver,
    settings: Settings,
    mode: Mode,
    seed: u64,
    progress: Steps,
    proposer: Proposer,
    json: bool,
}

impl Work {
    /// Opens the model, and asks before calls leave for a server.
    async fn begin(args: SearchArgs, instances: usize, store: &Path, json: bool) -> Result<Self> {
        let (settings, mode, seed) = (wiring::settings(&args), mode(args.mode), args.seed);
        let is_agreed = args.yes;
        let calls = instances.saturating_mul(settings.steps).saturating_mul(settings.calls);
        let storage = super::open_store(store).await?;
        let (solver, proposer) = wiring::solver(args, storage, super::stop_on_ctrl_c())?;
        agree(&proposer, calls, is_agreed || json)?;
        let progress = Steps::new(settings.steps, json);
        Ok(Self { solver, settings, mode, seed, progress, proposer, json })
    }

    /// The seed of instance `index`.
    fn seed(&self, index: usize) -> u64 {
        self.seed.wrapping_add(index as u64)
    }

    /// An error, with what to do about it here: a meta-prompt is soon too long for an embedded model.
    fn explained(&self, error: Error) -> Error {
        self.progress.finish();
        match limits(&self.proposer) {
            Some(limits) if error.is_model() => error.with_help(format!(
                "{limits}, and its context is short; name another with --model, a folder, \
                 hf/ORG/NAME or PROVIDER/MODEL"
            )),
            _ => error,
        }
    }

    /// The line of the budget that the last of these met. A budget that did not let the first of them
    /// take a step bought nothing to report.
    fn cap<P>(&self, done: &[&Comparison<P>]) -> Result<Option<StopReason>> {
        self.progress.finish();
        match done.last().map(|last| last.model.ending) {
            Some(Ending::Cap(_)) if done.iter().all(|run| run.model.steps == 0) => {
                Err(Error::budget("the budget does not cover one step").with_help(format!(
                    "a step is {} calls; raise the cap, or lower --calls or --reply-tokens",
                    self.settings.calls
                )))
            }
            Some(Ending::Cap(reason)) => Ok(Some(reason)),
            _ => Ok(None),
        }
    }

    /// All of it as JSON.
    fn json(
        &self,
        problem: &str,
        runs: &impl Serialize,
        summary: &impl Serialize,
        cap: Option<StopReason>,
    ) -> Result<()> {
        let value = serde_json::json!({
            "problem": problem, "model": self.solver.model(), "mode": self.mode,
            "settings": self.settings, "seed": self.seed, "runs": runs, "summary": summary,
            "ledger": self.solver.account().generator, "ended_by_cap": cap,
        });
        summary::line(&files::json(&value)?);
        Ok(())
    }

    /// What stands below every table.
    fn footer<P>(&self, done: &[&Comparison<P>], planned: usize, cap: Option<StopReason>) {
        summary::line(&format!("asked       {}", self.solver.model()));
        summary::line(&table::replies(done));
        summary::line(&summary::spent("model", &self.solver.account().generator));
        if let Some(reason) = cap {
            let (words, done) = (summary::stop_words(reason), done.len());
            summary::line(&format!(
                "{words} ended instance {done} of {planned}; run again with a larger one to go on"
            ));
        }
        if let Some(limits) = limits(&self.proposer) {
            summary::line(&format!("{limits}; --model names another"));
        }
    }
}

/// What an embedded model was trained for.
fn limits(proposer: &Proposer) -> Option<&'static str> {
    Some(match Embedded::named(&proposer.name)? {
        Embedded::Instructions => {
            "`embedded` was trained to write instructions, not to propose points"
        }
        Embedded::Pairs => {
            "`embedded-pairs` was trained on true w and b from -5 to 45, and on nothing else"
        }
    })
}

fn mode(name: ModeName) -> Mode {
    match name {
        ModeName::Strict => Mode::Strict,
        ModeName::Compat => Mode::Compat,
    }
}

/// Says what a server is about to be asked for, and asks whether to, where somebody can answer.
fn agree(proposer: &Proposer, calls: usize, is_agreed: bool) -> Result<()> {
    let Proposer { name, is_remote: true, is_priced } = proposer else { return Ok(()) };
    if !is_priced {
        summary::note(&format!(
            "no price is known for {name}: money is not counted (--prices FILE gives one)"
        ));
    }
    let nobody = !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal();
    if is_agreed || nobody || summary::ask(&format!("call {name} up to {calls} times?"))? {
        return Ok(());
    }
    Err(Error::interrupted())
}

fn code(cap: Option<StopReason>) -> ExitCode {
    ExitCode::from(if cap.is_some() { 3 } else { 0 })
}
