//! The studies of a grid, one after the other, each within what the others left.

use std::sync::Arc;

use motjuste::Result;
use motjuste::budget::{Account, StopReason};
use motjuste::interval::Estimate;
use motjuste::journal::Outcome;
use motjuste::storage::Storage;
use motjuste::study::Study;
use serde::Serialize;

use super::{Grid, Place};
use crate::commands::consent::Consent;
use crate::commands::run;
use crate::summary;
use crate::wiring::Bench;

/// How far a study came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// To its planned end, its result scored on the test examples.
    Complete,
    /// The budget ended it early.
    Cut,
    /// The budget did not reach it.
    NotReached,
}

/// One study and what came of it.
#[derive(Debug, Serialize)]
pub(super) struct Run {
    #[serde(flatten)]
    pub place: Place,
    pub task: String,
    pub state: State,
    pub study: Option<String>,
    pub instruction: Option<String>,
    pub dev: Option<f64>,
    pub test: Option<Estimate>,
    pub trials: usize,
    pub target_calls: u64,
    /// The winner's scores, example by example.
    #[serde(skip)]
    pub scores: Option<Scores>,
}

#[derive(Debug)]
pub(super) struct Scores {
    pub dev: Vec<f64>,
    pub test: Vec<f64>,
}

/// All studies.
pub(super) struct Done {
    pub runs: Vec<Run>,
    pub used: Account,
    /// What ended the grid before its last study, in words.
    pub ended_by: Option<String>,
}

/// Runs all studies of `grid`, up to the one that its budget ends. A study has the budget that those
/// before it left, so when it is run again it finds the very budget that it ended under.
pub(super) async fn all(
    grid: &Grid,
    bench: &mut Bench<'_>,
    storage: Arc<dyn Storage>,
    consent: Consent,
) -> Result<Done> {
    let stop = crate::commands::stop_on_ctrl_c();
    let mut done = Done { runs: Vec::new(), used: Account::default(), ended_by: None };
    let mut is_agreed = false;
    for place in &grid.places {
        if done.ended_by.is_some() {
            done.runs.push(Run::of(grid, place, State::NotReached));
            continue;
        }
        let plan = grid.plan(place, grid.budget.left(&done.used));
        let task = grid.tasks[place.task].clone();
        let setup = bench.setup(task, plan, storage.clone(), stop.clone())?;
        let study = match Study::open(setup).await {
            Err(error) if error.is_budget() && !done.runs.is_empty() => {
                done.end(grid, place, error.to_string());
                continue;
            }
            study => study?,
        };
        if !study.is_finished() && !is_agreed {
            agree(grid, bench, consent).await?;
            is_agreed = true;
        }
        done.add(grid, place, study, consent.json).await?;
    }
    Ok(done)
}

/// Asks once, in front of the first study that may call a server.
async fn agree(grid: &Grid, bench: &mut Bench<'_>, consent: Consent) -> Result<()> {
    let servers = bench.servers(&grid.tasks)?;
    if servers.names.is_empty() {
        return Ok(());
    }
    let forecast = grid.forecast(bench).await?;
    consent.ask(&servers, |names| {
        summary::note(&summary::forecast_text(&forecast, &grid.budget));
        Ok(format!("call {names} for {} studies?", grid.places.len()))
    })
}

impl Done {
    /// Runs a study and takes up what came of it.
    async fn add(&mut self, grid: &Grid, place: &Place, study: Study, json: bool) -> Result<()> {
        if !json {
            summary::note(&format!(
                "{} of {}: {}",
                self.runs.len() + 1,
                grid.places.len(),
                grid.title(place)
            ));
        }
        let ledger = study.ledger();
        let outcome = run::search(study, json).await;
        self.used = self.used + ledger.account();
        match outcome {
            Ok((name, outcome)) => {
                self.ended_by = cap(&outcome).map(str::to_owned);
                self.runs.push(Run::of(grid, place, State::of(&outcome)).with(name, &outcome));
            }
            Err(error) if error.is_budget() && !self.runs.is_empty() => {
                self.end(grid, place, error.to_string());
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// The budget does not reach the study at `place`.
    fn end(&mut self, grid: &Grid, place: &Place, why: String) {
        self.runs.push(Run::of(grid, place, State::NotReached));
        self.ended_by = Some(why);
    }
}

/// The cap that ended a study, if one did.
fn cap(outcome: &Outcome) -> Option<&'static str> {
    let reason = outcome.stop_reason.filter(|reason| reason.is_cap());
    let unproven = outcome.assessment.is_none().then_some(StopReason::Usd);
    reason.or(unproven).map(summary::stop_words)
}

impl State {
    fn of(outcome: &Outcome) -> Self {
        match cap(outcome) {
            Some(_) => Self::Cut,
            None => Self::Complete,
        }
    }
}

impl Run {
    fn of(grid: &Grid, place: &Place, state: State) -> Self {
        Self {
            place: *place,
            task: grid.tasks[place.task].name.clone(),
            state,
            study: None,
            instruction: None,
            dev: None,
            test: None,
            trials: 0,
            target_calls: 0,
            scores: None,
        }
    }

    fn with(self, study: String, outcome: &Outcome) -> Self {
        let winner = outcome.assessment.as_ref().and_then(|all| all.winner.as_ref());
        Self {
            study: Some(study),
            instruction: outcome.winner().map(|trial| trial.instruction.clone()),
            dev: outcome.winner().and_then(|trial| trial.score()),
            test: winner.map(|winner| winner.interval),
            trials: outcome.history.evaluated_trials(),
            target_calls: outcome.account.target.calls,
            scores: winner
                .map(|winner| Scores { dev: winner.dev.scores(), test: winner.test.scores() }),
            ..self
        }
    }
}
