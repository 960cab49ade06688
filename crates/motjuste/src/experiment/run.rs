//! The studies of an experiment, one after the other, each within what the others left.

use std::sync::{Arc, OnceLock};

use futures::{StreamExt, stream};
use serde::{Deserialize, Serialize};

use super::course::{Moment, course};
use super::{Coordinates, Experiment, MakeStudy};
use crate::budget::{Account, Budget, StopReason};
use crate::interval::Estimate;
use crate::journal::Outcome;
use crate::study::{Observer, Study};
use crate::{Error, Result};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// To its planned end, its result scored on the test examples.
    Complete,
    /// The budget ended it early.
    Cut,
    /// The budget did not reach it.
    NotReached,
    /// It failed: its method cannot be run on these models, or a model failed.
    Failed,
}

/// One study and what came of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CellRun {
    /// Which one it is.
    #[serde(flatten)]
    pub at: Coordinates,
    /// The task's name.
    pub task: String,
    /// How far it came.
    pub state: RunState,
    /// Why it failed, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
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
    /// What every role used.
    pub account: Account,
    /// What the search held for the best as it went on.
    pub course: Vec<Moment>,
    /// The cap that ended it early.
    #[serde(skip)]
    ended_by: Option<StopReason>,
    /// The winner's dev scores, example by example.
    #[serde(skip)]
    pub dev_scores: Vec<Option<f64>>,
    /// The winner's test scores, example by example; none where one is missing.
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// This line of the budget cut a study short.
    Cap(StopReason),
    /// The budget does not cover a further study: why.
    Refused(String),
}

impl Experiment {
    /// Runs all studies, up to the one that the budget ends. Where all together have one, a study has the budget that
    /// those before it left, so when it is run again it finds the very budget that it ended under. A study that fails by
    /// itself, since its method cannot be run on these models, say, keeps nobody else from running; unless all fail.
    ///
    /// # Errors
    /// Whatever a study fails with; what was paid for is kept, and running again goes on from there.
    pub async fn run<'a>(&'a self, make: &dyn MakeStudy, watch: &dyn Watch) -> Result<Runs<'a>> {
        match self.together == Budget::unlimited() {
            true => self.run_side_by_side(make, watch).await,
            false => self.run_in_turn(make, watch).await,
        }
    }

    /// Studies that share no budget; those that run when another ends all come to their end.
    async fn run_side_by_side<'a>(
        &'a self,
        make: &dyn MakeStudy,
        watch: &dyn Watch,
    ) -> Result<Runs<'a>> {
        let broken = OnceLock::new();
        let run = async |at: Coordinates| match broken.get() {
            Some(_) => (CellRun::not_reached(self, at), None),
            None => self.run_one(at, make, watch, self.each, &broken).await,
        };
        let runs = stream::iter(self.studies()).map(run).buffered(self.at_a_time);
        let (runs, failures): (Vec<CellRun>, Vec<Option<Error>>) = runs.unzip().await;
        match broken.into_inner() {
            Some(error) => return Err(error),
            None => refuse_if_all_failed(failures)?,
        }
        let used = runs.iter().map(|run| run.account).sum();
        let end = runs.iter().find_map(CellRun::end);
        Ok(Runs { experiment: self, runs, used, end })
    }

    /// Studies that share a budget.
    async fn run_in_turn<'a>(
        &'a self,
        make: &dyn MakeStudy,
        watch: &dyn Watch,
    ) -> Result<Runs<'a>> {
        let (broken, mut failures) = (OnceLock::new(), Vec::new());
        let mut done =
            Runs { experiment: self, runs: Vec::new(), used: Account::default(), end: None };
        for at in self.studies() {
            if done.end.is_some() {
                done.runs.push(CellRun::not_reached(self, at));
                continue;
            }
            let left = self.each.within(&self.together.left(&done.used));
            let (run, failure) = self.run_one(at, make, watch, left, &broken).await;
            done.used = done.used + run.account;
            match failure {
                Some(error) if broken.get().is_some() => return Err(error),
                Some(error) if error.is_budget() && done.runs.is_empty() => return Err(error),
                Some(error) if error.is_budget() => done.refuse(at, error.to_string()),
                failure => {
                    done.end = run.end();
                    done.runs.push(run);
                    failures.push(failure);
                }
            }
        }
        refuse_if_all_failed(failures)?;
        Ok(done)
    }

    /// Runs a study within `budget`; where it fails by itself, with the error and what it had paid for. What ends all, a
    /// refusal to begin, a failure of the store or a wish to stop, is left in `broken`.
    async fn run_one(
        &self,
        at: Coordinates,
        make: &dyn MakeStudy,
        watch: &dyn Watch,
        budget: Budget,
        broken: &OnceLock<Error>,
    ) -> (CellRun, Option<Error>) {
        let break_off = |error: &Error| drop(broken.set(error.clone()));
        let mut account = Account::default();
        let run = async {
            let study = self.study(&at, make, budget)?.open().await?;
            watch.begin(&at, &study).inspect_err(break_off)?;
            let (name, ledger) = (study.name().to_owned(), study.ledger().clone());
            let observer = watch.observer(&study);
            let outcome = study.run(observer.as_ref()).await;
            account = ledger.account();
            let outcome = outcome?;
            watch.end(&at, &outcome);
            Ok(CellRun::of(self, at, name, &outcome, budget == self.each))
        };
        match run.await {
            Ok(run) => (CellRun { account, ..run }, None),
            Err(error) => {
                if ends_all(&error) {
                    break_off(&error);
                }
                (CellRun::failed(self, at, account, &error), Some(error))
            }
        }
    }
}

impl Runs<'_> {
    fn refuse(&mut self, at: Coordinates, why: String) {
        self.runs.push(CellRun::not_reached(self.experiment, at));
        self.end = Some(End::Refused(why));
    }
}

/// Where every study failed, that is no matter of one of them: the first error.
fn refuse_if_all_failed(failures: Vec<Option<Error>>) -> Result<()> {
    let errors: Option<Vec<Error>> = failures.into_iter().collect();
    errors.and_then(|all| all.into_iter().next()).map_or(Ok(()), Err)
}

/// Whether what failed is no matter of one study.
fn ends_all(error: &Error) -> bool {
    error.is_interrupted() || error.is_storage()
}

/// The cap that ended a study, if one did.
fn cap(outcome: &Outcome) -> Option<StopReason> {
    let reason = outcome.stop_reason.filter(|reason| reason.is_cap());
    let is_unproven = outcome.winner().is_some() && outcome.assessment.is_none();
    reason.or(is_unproven.then_some(StopReason::Usd))
}

/// Why a search failed that came to its end without any instruction.
const NOTHING: &str =
    "the search ended without any instruction: the generator wrote none that can be read";

impl CellRun {
    fn not_reached(experiment: &Experiment, at: Coordinates) -> Self {
        Self {
            at,
            task: experiment.tasks[at.task].name().to_owned(),
            state: RunState::NotReached,
            failure: None,
            study: None,
            instruction: None,
            dev: None,
            test: None,
            trials: 0,
            target_calls: 0,
            account: Account::default(),
            course: Vec::new(),
            ended_by: None,
            dev_scores: Vec::new(),
            test_scores: Vec::new(),
        }
    }

    fn failed(experiment: &Experiment, at: Coordinates, account: Account, error: &Error) -> Self {
        let (state, failure) = (RunState::Failed, Some(error.to_string()));
        let target_calls = account.target.calls;
        Self { state, failure, account, target_calls, ..Self::not_reached(experiment, at) }
    }

    /// What ends the experiment with it, where a cap cut it.
    fn end(&self) -> Option<End> {
        let is_cut = self.state == RunState::Cut;
        self.ended_by.filter(|_| is_cut).map(End::Cap)
    }

    /// What came of a study; `is_whole` says whether it has all that it was to have, so that using it up is its planned
    /// end.
    fn of(
        experiment: &Experiment,
        at: Coordinates,
        study: String,
        outcome: &Outcome,
        is_whole: bool,
    ) -> Self {
        let winner = outcome.assessment.as_ref().and_then(|all| all.winner.as_ref());
        let ended_by = cap(outcome);
        let is_cut = ended_by.is_some() && !(is_whole && outcome.assessment.is_some());
        let is_empty = ended_by.is_none() && outcome.winner().is_none();
        Self {
            state: match (is_cut, is_empty) {
                (true, _) => RunState::Cut,
                (false, true) => RunState::Failed,
                (false, false) => RunState::Complete,
            },
            failure: is_empty.then(|| NOTHING.to_owned()),
            study: Some(study),
            instruction: outcome.winner().map(|trial| trial.instruction.clone()),
            dev: match winner {
                Some(winner) => winner.dev.score,
                None => outcome.winner().and_then(|trial| trial.evaluation.as_ref()?.score),
            },
            test: winner.map(|winner| winner.interval),
            trials: outcome.history.evaluated_trials(),
            target_calls: outcome.account.target.calls,
            account: outcome.account,
            course: course(outcome),
            ended_by,
            dev_scores: winner.map_or(Vec::new(), |winner| winner.dev.all_scores()),
            test_scores: winner.map_or(Vec::new(), |winner| winner.test.all_scores()),
            ..Self::not_reached(experiment, at)
        }
    }
}
