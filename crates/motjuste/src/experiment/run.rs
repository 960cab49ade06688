//! The studies of an experiment, one after the other, each within what the others left.

use std::sync::Arc;

use serde::Serialize;

use super::{Coordinates, Experiment, MakeStudy};
use crate::Result;
use crate::budget::{Account, StopReason};
use crate::interval::Estimate;
use crate::journal::Outcome;
use crate::study::{Observer, Study};

/// Hears of an experiment's progress.
pub trait Watch: Sync {
    /// A study is about to be run; whoever refuses it ends the experiment with that error.
    ///
    /// # Errors
    /// Whatever keeps it from being run, such as a person who does not agree.
    fn begin(&self, at: &Coordinates, study: &Study) -> Result<()> {
        let _ = (at, study);
        Ok(())
    }

    /// Who hears of the progress of a study.
    fn observer(&self, study: &Study) -> Arc<dyn Observer> {
        let _ = study;
        Arc::new(())
    }

    /// A study ended.
    fn end(&self, at: &Coordinates, outcome: &Outcome) {
        let _ = (at, outcome);
    }
}

/// Hears and says nothing.
impl Watch for () {}

/// How far a study came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// To its planned end, its result scored on the test examples.
    Complete,
    /// The budget ended it early.
    Cut,
    /// The budget did not reach it.
    NotReached,
}

/// One study and what came of it.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CellRun {
    /// Which one it is.
    #[serde(flatten)]
    pub at: Coordinates,
    /// The task's name.
    pub task: String,
    /// How far it came.
    pub state: RunState,
    /// The study's name in the store.
    pub study: Option<String>,
    /// The winning instruction.
    pub instruction: Option<String>,
    /// The winner's dev score.
    pub dev: Option<f64>,
    /// The winner's test score.
    pub test: Option<Estimate>,
    /// Trials that were evaluated.
    pub trials: usize,
    /// Calls to the target in the search.
    pub target_calls: u64,
    /// The winner's dev scores, example by example.
    #[serde(skip)]
    pub dev_scores: Vec<Option<f64>>,
    /// The winner's test scores, example by example.
    #[serde(skip)]
    pub test_scores: Vec<Option<f64>>,
}

/// All studies, and what came of them.
pub struct Runs<'a> {
    /// What they are studies of.
    pub experiment: &'a Experiment,
    /// The studies, in order.
    pub runs: Vec<CellRun>,
    /// What they used together.
    pub used: Account,
    /// What ended the experiment before its last study.
    pub end: Option<End>,
}

/// What ended an experiment before its last study.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// This line of the budget cut a study short.
    Cap(StopReason),
    /// The budget does not cover a further study: why.
    Refused(String),
}

impl Experiment {
    /// Runs all studies, up to the one that the budget ends. A study has the budget that those before it
    /// left, so when it is run again it finds the very budget that it ended under.
    ///
    /// # Errors
    /// Whatever a study fails with; what was paid for is kept, and running again goes on from there.
    pub async fn run<'a>(&'a self, make: &dyn MakeStudy, watch: &dyn Watch) -> Result<Runs<'a>> {
        let mut done =
            Runs { experiment: self, runs: Vec::new(), used: Account::default(), end: None };
        for at in self.studies() {
            if done.end.is_some() {
                done.runs.push(CellRun::not_reached(self, at));
                continue;
            }
            let left = self.each.within(&self.together.left(&done.used));
            let study = self.study(&at, make, left)?.open().await;
            match study {
                Err(error) if error.is_budget() && !done.runs.is_empty() => {
                    done.refuse(at, error.to_string());
                }
                study => done.add(at, study?, watch).await?,
            }
        }
        Ok(done)
    }
}

impl Runs<'_> {
    /// Runs a study and takes up what came of it.
    async fn add(&mut self, at: Coordinates, study: Study, watch: &dyn Watch) -> Result<()> {
        watch.begin(&at, &study)?;
        let (name, ledger) = (study.name().to_owned(), study.ledger().clone());
        let observer = watch.observer(&study);
        let outcome = study.run(observer.as_ref()).await;
        self.used = self.used + ledger.account();
        match outcome {
            Ok(outcome) => {
                watch.end(&at, &outcome);
                self.end = cap(&outcome).map(End::Cap);
                self.runs.push(CellRun::of(self.experiment, at, name, &outcome));
            }
            Err(error) if error.is_budget() && !self.runs.is_empty() => {
                self.refuse(at, error.to_string());
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn refuse(&mut self, at: Coordinates, why: String) {
        self.runs.push(CellRun::not_reached(self.experiment, at));
        self.end = Some(End::Refused(why));
    }
}

/// The cap that ended a study, if one did.
fn cap(outcome: &Outcome) -> Option<StopReason> {
    let reason = outcome.stop_reason.filter(|reason| reason.is_cap());
    reason.or(outcome.assessment.is_none().then_some(StopReason::Usd))
}

impl CellRun {
    fn not_reached(experiment: &Experiment, at: Coordinates) -> Self {
        Self {
            at,
            task: experiment.tasks[at.task].name().to_owned(),
            state: RunState::NotReached,
            study: None,
            instruction: None,
            dev: None,
            test: None,
            trials: 0,
            target_calls: 0,
            dev_scores: Vec::new(),
            test_scores: Vec::new(),
        }
    }

    fn of(experiment: &Experiment, at: Coordinates, study: String, outcome: &Outcome) -> Self {
        let winner = outcome.assessment.as_ref().and_then(|all| all.winner.as_ref());
        let is_cut = cap(outcome).is_some();
        Self {
            state: if is_cut { RunState::Cut } else { RunState::Complete },
            study: Some(study),
            instruction: outcome.winner().map(|trial| trial.instruction.clone()),
            dev: match winner {
                Some(winner) => winner.dev.score,
                None => outcome.winner().and_then(|trial| trial.evaluation.as_ref()?.score),
            },
            test: winner.map(|winner| winner.interval),
            trials: outcome.history.evaluated_trials(),
            target_calls: outcome.account.target.calls,
            dev_scores: winner.map_or(Vec::new(), |winner| winner.dev.all_scores()),
            test_scores: winner.map_or(Vec::new(), |winner| winner.test.all_scores()),
            ..Self::not_reached(experiment, at)
        }
    }
}
