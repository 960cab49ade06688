//! What came of all cases.

use motjuste::budget::{self, Spending};
use motjuste::metric::Mode;
use motjuste::{Error, Result};
use motjuste_page::Table;
use serde::Serialize;

use super::case::{Case, Options};
use crate::page::{Failure, SolvePage};
use crate::search::Settings;
use crate::solver::{Counts, Solver};

/// What came of a list of cases.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(
        rename = "Results",
        bound = "C::Run: schemars::JsonSchema, C::Summary: schemars::JsonSchema"
    )
)]
#[serde(bound = "")]
pub struct Results<C: Case> {
    /// How the cases were put to the model.
    #[serde(flatten)]
    pub resolved: Resolved,
    /// What came of each case, in order, without those that failed.
    pub runs: Vec<C::Run>,
    /// The cases that the model failed on.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<FailedLine>"))]
    pub failed: Vec<FailedRun>,
    /// Method by method, what came of all runs.
    pub summary: Vec<C::Summary>,
    /// What the model used.
    pub ledger: Spending,
    /// The line of the budget that cut the last run short; the cases after it were not begun.
    pub budget_reached: Option<budget::StopReason>,
    /// How many cases there were to solve.
    #[serde(skip)]
    pub planned: usize,
}

/// What determines the searches, beside the cases.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Resolved {
    /// The name of the problem.
    pub problem: &'static str,
    /// The model and its revision.
    pub model: String,
    /// How replies are read.
    pub mode: Mode,
    /// The seed of the first case.
    pub seed: u64,
    /// How the searches ask, and how long.
    pub settings: Settings,
}

/// A case that the model failed on: it is counted in no summary.
#[derive(Debug, Clone, Serialize)]
#[serde(into = "FailedLine")]
pub struct FailedRun {
    /// The name of the case.
    pub name: String,
    /// The seed of its draws.
    pub seed: u64,
    /// Steps taken before the model failed.
    pub steps: usize,
    /// What the model failed with.
    pub error: Error,
}

/// A failed case as it is written.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct FailedLine {
    /// The name of the case.
    name: String,
    /// The seed of its draws.
    seed: u64,
    /// Steps taken before the model failed.
    steps: usize,
    /// What the model failed with.
    reason: String,
    /// What to do next.
    help: Option<String>,
}

impl From<FailedRun> for FailedLine {
    fn from(FailedRun { name, seed, steps, error }: FailedRun) -> Self {
        let help = error.help().map(str::to_owned);
        Self { name, seed, steps, reason: error.to_string(), help }
    }
}

impl<C: Case> Results<C> {
    pub(super) fn new(
        solver: &Solver,
        Options { mode, seed, settings }: Options,
        planned: usize,
        runs: Vec<C::Run>,
        failed: Vec<FailedRun>,
        budget_reached: Option<budget::StopReason>,
    ) -> Self {
        let model = solver.model().to_owned();
        Self {
            resolved: Resolved { problem: C::PROBLEM, model, mode, seed, settings },
            summary: C::summary(&runs),
            ledger: solver.account().generator,
            runs,
            failed,
            budget_reached,
            planned,
        }
    }

    /// How many cases were begun.
    pub fn begun(&self) -> usize {
        self.runs.len() + self.failed.len()
    }

    /// What became of all replies.
    pub fn replies(&self) -> Counts {
        self.runs.iter().map(|run| &C::comparison(run).model.replies).sum()
    }

    /// What a person reads.
    pub fn tables(&self) -> Vec<Table> {
        C::tables(&self.runs, &self.summary)
    }

    /// The page of the searches of this name: `settings` is [`Self::resolved`] as a person reads it, `cut`
    /// says why there are fewer searches than planned.
    ///
    /// # Errors
    /// When the page cannot be drawn, which a test rules out.
    pub fn page(&self, name: &str, settings: &str, cut: Option<String>) -> Result<String> {
        let failure = |failed: &FailedRun| Failure {
            name: failed.name.clone(),
            reason: failed.error.to_string(),
        };
        let page = SolvePage {
            name,
            model: &self.resolved.model,
            content: C::page_content(&self.runs),
            tables: &self.tables(),
            replies: self.replies(),
            failures: self.failed.iter().map(failure).collect(),
            cut,
            spending: &self.ledger,
            settings,
        };
        page.to_html()
    }
}
