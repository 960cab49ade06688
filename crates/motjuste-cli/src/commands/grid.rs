//! `motjuste grid`: one method in many settings, over tasks and seeds, under one budget.

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use motjuste::Result;
use motjuste::experiment::{Coordinates, End, Experiment, MakeStudy, RunState, Runs, Watch};
use motjuste::journal::Outcome;
use motjuste::study::{Forecast, Observer, Study};
use motjuste::task::Task;
use motjuste_models::Servers;
use motjuste_store::{Address, Part};

use super::consent::Consent;
use crate::args::GridArgs;
use crate::output::{Grid, Plan, WorstCase};
use crate::progress::Progress;
use crate::wiring::{self, Models};
use crate::{files, signals, summary};

pub(crate) async fn grid(mut args: GridArgs, store: &Address, json: bool) -> Result<ExitCode> {
    args.models.target.calls.plan = args.plan;
    let experiment = wiring::experiment(&args)?;
    let role = experiment.generator_role();
    let is_capped = args.budget.caps.budget_usd.is_some();
    let queue = match args.plan {
        true => None,
        false => motjuste_store::join(store, Part::Asker).await?,
    };
    let models = Models::open(&args.models, role, experiment.tasks(), is_capped, queue.clone())?;
    let servers = models.servers()?;
    let dev_examples = args.method.dev_examples();
    let make = |task: Task| Ok(models.study(task)?.dev_examples(dev_examples));
    if args.plan {
        plan(&experiment, &experiment.forecast(&make).await?, &servers, json)?;
        return Ok(ExitCode::SUCCESS);
    }
    let storage = super::open_store(store).await?;
    super::tell_workers(queue.as_deref(), &servers);
    let stop: Arc<AtomicBool> = Arc::default();
    let kept = |task: Task| Ok(make(task)?.storage(storage.clone()).stop(stop.clone()));
    let is_capped = wiring::is_capped(&args.budget.caps);
    let consent = Consent { is_given: args.yes, is_capped, json };
    let listening = || signals::listen(stop.clone(), wiring::patience(&args.models.target.calls));
    let watch = Watching::new(
        &experiment,
        &servers,
        forecast_text(&experiment, &servers, &make).await?,
        consent,
        &listening,
    );
    let runs = experiment.run(&kept, &watch).await;
    watch.finish();
    let runs = runs?;
    storage.let_go().await?;
    show(&runs, json)?;
    Ok(ExitCode::from(if runs.end.is_some() { 3 } else { 0 }))
}

/// The worst case in words, where somebody is asked about it.
async fn forecast_text(
    experiment: &Experiment,
    servers: &Servers,
    make: &dyn MakeStudy,
) -> Result<String> {
    match servers.names.is_empty() {
        true => Ok(String::new()),
        false => {
            let forecast = experiment.forecast(make).await?;
            Ok(summary::forecast_text(&forecast, &experiment.budget(), servers.roles))
        }
    }
}

/// Shows how the studies go, and asks once, in front of the first that may call a server.
struct Watching<'a> {
    experiment: &'a Experiment,
    servers: &'a Servers,
    forecast: String,
    consent: Consent,
    /// Listens to signals, once somebody agreed.
    listen: &'a (dyn Fn() + Sync),
    is_agreed: AtomicBool,
    begun: AtomicUsize,
    progress: Mutex<Option<Arc<Progress>>>,
}

impl<'a> Watching<'a> {
    fn new(
        experiment: &'a Experiment,
        servers: &'a Servers,
        forecast: String,
        consent: Consent,
        listen: &'a (dyn Fn() + Sync),
    ) -> Self {
        let (is_agreed, begun, progress) = Default::default();
        Self { experiment, servers, forecast, consent, listen, is_agreed, begun, progress }
    }

    /// Takes the live line of the last study away.
    fn finish(&self) {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(progress) = progress.take() {
            progress.finish();
        }
    }
}

impl Watch for Watching<'_> {
    fn begin(&self, at: &Coordinates, study: &Study) -> Result<()> {
        let studies = self.experiment.studies().len();
        if !study.is_finished() && !self.is_agreed.swap(true, Ordering::Relaxed) {
            self.consent.ask(self.servers, |names| {
                summary::note(&self.forecast);
                Ok(format!("call {names} for {studies} studies?"))
            })?;
            (self.listen)();
        }
        let number = self.begun.fetch_add(1, Ordering::Relaxed) + 1;
        if !self.consent.json {
            summary::note(&format!("{number} of {studies}: {}", self.experiment.title(at)));
            study.has_run_for().iter().for_each(|&run| summary::note(&super::run::beginning(run)));
        }
        Ok(())
    }

    fn observer(&self, study: &Study) -> Arc<dyn Observer> {
        let ledger = study.ledger().clone();
        let progress = Progress::new(study.name(), *ledger.budget(), ledger, self.consent.json);
        let progress = Arc::new(progress);
        self.finish();
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = Some(progress.clone());
        progress
    }

    fn end(&self, _: &Coordinates, outcome: &Outcome) {
        self.finish();
        if let Some(replies) = super::run::replies(outcome) {
            summary::note(&replies);
        }
    }
}

/// The cells, and what they may use at the most.
fn plan(experiment: &Experiment, forecast: &Forecast, servers: &Servers, json: bool) -> Result<()> {
    let studies = experiment.studies().len();
    if json {
        let cells = experiment.cells().iter().map(|cell| cell.label.as_str()).collect();
        let budget = &experiment.budget();
        let worst_case =
            WorstCase { worst_case: forecast, budget, no_price_known_for: &servers.unpriced };
        summary::line(&files::json(&Plan { cells, studies, worst_case })?);
        return Ok(());
    }
    experiment.cells().iter().for_each(|cell| summary::line(&cell.label));
    summary::line(&format!(
        "{studies} studies: {} cells, {} tasks, {} seeds",
        experiment.cells().len(),
        experiment.tasks().len(),
        experiment.seeds().count()
    ));
    summary::forecast(forecast, &experiment.budget(), servers);
    Ok(())
}

/// What the cells came to, beside the first of them.
fn show(runs: &Runs<'_>, json: bool) -> Result<()> {
    let cells = runs.summaries();
    if json {
        summary::line(&files::json(&Grid {
            cells: &cells,
            runs: &runs.runs,
            budget: &runs.experiment.budget(),
            used: &runs.used,
            ended_by: runs.end.as_ref().map(ended_by),
        })?);
        return Ok(());
    }
    summary::line(&summary::cells(&cells).to_text());
    summary::line("");
    summary::account(&runs.used);
    show_missing(runs);
    Ok(())
}

fn ended_by(end: &End) -> String {
    match end {
        End::Cap(reason) => summary::stop_words(*reason).to_owned(),
        End::Refused(why) => why.clone(),
    }
}

/// The studies that the budget cut or did not reach.
fn show_missing(runs: &Runs<'_>) {
    let Some(end) = &runs.end else { return };
    summary::line(&format!(
        "\nended by {}; run again with a larger budget to go on",
        ended_by(end)
    ));
    for run in runs.runs.iter().filter(|run| run.state != RunState::Complete) {
        let state = match run.state {
            RunState::Cut => "cut short",
            _ => "not reached",
        };
        summary::line(&format!("{state:<12}{}", runs.experiment.title(&run.at)));
    }
}
