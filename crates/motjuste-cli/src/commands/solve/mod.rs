//! `motjuste solve`: the mathematical problems of OPRO, with a language model and without.

mod linreg;
mod table;
mod tsp;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use motjuste::budget::StopReason;
use motjuste::metric::Mode;
use motjuste::problem::{Progress, Settings};
use motjuste::solve::{Comparison, Ending, Solver};
use motjuste::storage::ResponseKey;
use motjuste::{Error, Result};
use motjuste_lm::Embedded;
use motjuste_page::Table;
use motjuste_page::solve::{Results, SolvePage};
use serde::Serialize;

use super::consent::Consent;
use super::run;
use crate::args::{ModeName, SearchArgs, SolveArgs, SolveProblem};
use crate::progress::Steps;
use crate::{files, summary, wiring};

pub(crate) async fn solve(args: SolveArgs, store: &Path, json: bool) -> Result<ExitCode> {
    match args.problem {
        SolveProblem::Linreg(args) => {
            let cases = linreg::cases(&args)?;
            run_all::<linreg::Run>(&cases, args.search, store, json).await
        }
        SolveProblem::Tsp(args) => {
            let cases = tsp::cases(&args)?;
            run_all::<tsp::Run>(&cases, args.search, store, json).await
        }
    }
}

/// What came of one case of a problem, and how all of them are shown.
trait Run: Serialize + Sized {
    /// The problem's name.
    const PROBLEM: &'static str;
    /// What is searched for.
    type Point;
    /// What is to be solved.
    type Case;
    /// One method on several cases.
    type Line: Serialize;

    /// What is to be solved, in a few letters.
    fn label(cases: &[Self::Case]) -> String;

    /// What tells a case from all others.
    fn identity(case: &Self::Case) -> serde_json::Value;

    /// Puts a case to the model.
    async fn of(work: &Work, index: usize, case: &Self::Case) -> Result<Self>;

    /// The model beside the other methods.
    fn comparison(&self) -> &Comparison<Self::Point>;

    /// The summary.
    fn lines(runs: &[Self]) -> Vec<Self::Line>;

    /// What a person reads.
    fn tables(runs: &[Self], lines: &[Self::Line]) -> Vec<Table>;

    /// What the page says and shows.
    fn results(runs: &[Self]) -> Results;
}

/// Solves case after case, up to the first that the budget cuts short, and tells what came of them.
async fn run_all<R: Run>(
    cases: &[R::Case],
    search: SearchArgs,
    store: &Path,
    json: bool,
) -> Result<ExitCode> {
    let work = Work::begin::<R>(search, cases, store, json).await?;
    let mut runs: Vec<R> = Vec::new();
    for (index, case) in cases.iter().enumerate() {
        let run = R::of(&work, index, case).await.map_err(|error| work.explained(error))?;
        let is_cut = matches!(run.comparison().model.ending, Ending::Cap(_));
        runs.push(run);
        if is_cut {
            break;
        }
    }
    work.tell(&runs, cases.len())
}

/// What determines the searches, beside the cases.
#[derive(Serialize)]
struct Resolved<'a> {
    problem: &'a str,
    model: &'a str,
    mode: Mode,
    seed: u64,
    settings: Settings,
}

impl Resolved<'_> {
    /// The name of the searches. With more steps they are the same searches.
    fn name<R: Run>(&self, cases: &[R::Case]) -> String {
        let settings = Settings { steps: 0, ..self.settings };
        let cases_apart: Vec<_> = cases.iter().map(R::identity).collect();
        let key = ResponseKey::of(self.model, &(self.mode, self.seed, settings, cases_apart));
        let hash: String = key.0[..5].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{}-{}-seed{}-{hash}", self.problem, R::label(cases), self.seed)
    }
}

/// A solver at work on a list of instances.
struct Work {
    solver: Solver,
    settings: Settings,
    mode: Mode,
    seed: u64,
    progress: Steps,
    embedded: Option<Embedded>,
    /// The search's name.
    name: String,
    /// Where its page goes.
    folder: PathBuf,
    json: bool,
}

impl Work {
    /// Opens the model, and asks before calls leave for a server.
    async fn begin<R: Run>(
        args: SearchArgs,
        cases: &[R::Case],
        store: &Path,
        json: bool,
    ) -> Result<Self> {
        let (settings, mode, seed) = (wiring::settings(&args), mode(args.mode), args.seed);
        let consent = Consent { is_given: args.yes, json };
        let embedded = Embedded::named(&args.model.model);
        let calls = cases.len().saturating_mul(settings.steps).saturating_mul(settings.calls);
        let storage = super::open_store(store).await?;
        let (solver, servers) = wiring::solver(&args, storage, super::stop_on_ctrl_c())?;
        let resolved =
            Resolved { problem: R::PROBLEM, model: solver.model(), mode, seed, settings };
        let name = resolved.name::<R>(cases);
        let folder = args.out.unwrap_or_else(|| run::default_folder(&name));
        files::prepare(&folder)?;
        consent.ask(&servers, |name| Ok(format!("call {name} up to {calls} times?")))?;
        let progress = Steps::new(settings.steps, json);
        Ok(Self { solver, settings, mode, seed, progress, embedded, name, folder, json })
    }

    /// The seed of instance `index`.
    fn seed(&self, index: usize) -> u64 {
        self.seed.wrapping_add(index as u64)
    }

    /// Shows how far a search is.
    fn watch<P>(&self, progress: &Progress<P>) {
        self.progress.step(progress.steps.len(), progress.best().map(|best| best.value));
    }

    /// An error, with what to do about it here: a meta-prompt is soon too long for an embedded model.
    fn explained(&self, error: Error) -> Error {
        self.progress.finish();
        match self.embedded.map(limits) {
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

    /// Tells what came of the cases that were reached, of so many planned ones.
    fn tell<R: Run>(&self, runs: &[R], planned: usize) -> Result<ExitCode> {
        let done: Vec<_> = runs.iter().map(Run::comparison).collect();
        let cap = self.cap(&done)?;
        let lines = R::lines(runs);
        let tables = R::tables(runs, &lines);
        let cut = cap.map(|reason| cut_words(reason, done.len(), planned));
        let page = self.write_page(R::PROBLEM, R::results(runs), &tables, &done, cut.clone())?;
        if self.json {
            self.json(R::PROBLEM, &runs, &lines, cap)?;
        } else {
            tables.iter().for_each(|table| summary::line(&format!("{}\n", table.to_text())));
            self.footer(&done, cut);
            summary::written(&[page]);
        }
        Ok(ExitCode::from(if cap.is_some() { 3 } else { 0 }))
    }

    fn write_page<P>(
        &self,
        problem: &str,
        results: Results,
        tables: &[Table],
        done: &[&Comparison<P>],
        cut: Option<String>,
    ) -> Result<PathBuf> {
        let Self { mode, seed, settings, .. } = *self;
        let resolved = Resolved { problem, model: self.solver.model(), mode, seed, settings };
        let page = SolvePage {
            name: &self.name,
            model: self.solver.model(),
            results,
            tables,
            replies: done.iter().map(|run| &run.model.replies).sum(),
            cut,
            spending: &self.solver.account().generator,
            settings: &files::toml(&resolved)?,
        };
        files::write_page(&self.folder, &page.to_html()?)
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
    fn footer<P>(&self, done: &[&Comparison<P>], cut: Option<String>) {
        summary::line(&format!("asked       {}", self.solver.model()));
        summary::line(&table::replies(done));
        summary::line(&summary::spent("model", &self.solver.account().generator));
        if let Some(cut) = cut {
            summary::line(&cut);
        }
        if let Some(limits) = self.embedded.map(limits) {
            summary::line(&format!("{limits}; --model names another"));
        }
    }
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
    }
}

fn cut_words(reason: StopReason, done: usize, planned: usize) -> String {
    let words = summary::stop_words(reason);
    format!("{words} ended instance {done} of {planned}; run again with a larger one to go on")
}

fn mode(name: ModeName) -> Mode {
    match name {
        ModeName::Strict => Mode::Strict,
        ModeName::Compat => Mode::Compat,
    }
}
