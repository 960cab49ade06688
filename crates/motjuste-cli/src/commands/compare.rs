//! `motjuste compare`: many methods, or one in many settings, over tasks and seeds, under equal budgets.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use motjuste::Result;
use motjuste::comparison::ComparisonReport;
use motjuste::experiment::{Experiment, MakeStudy, RunState};
use motjuste::study::Forecast;
use motjuste::task::Task;
use motjuste_models::Servers;
use motjuste_store::{Address, Part};

use super::consent::Consent;
use super::looks;
use crate::args::{Cache, CompareArgs};
use crate::output::{Plan, WorstCase};
use crate::progress::Studies;
use crate::wiring::{self, Models};
use crate::{exit, files, signals, summary};

pub(crate) async fn compare(
    mut args: CompareArgs,
    store: &Address,
    json: bool,
) -> Result<ExitCode> {
    let calls = &mut args.models.target.calls;
    calls.plan = args.plan;
    if matches!(calls.cache, Cache::ReadWrite) {
        calls.cache = Cache::Shared;
    }
    let experiment = wiring::experiment(&args)?;
    let role = experiment.generator_role();
    let queue = match args.plan {
        true => None,
        false => motjuste_store::join(store, Part::Asker).await?,
    };
    let is_capped = args.budget.caps.budget_usd.is_some() || args.budget.total_usd.is_some();
    let models = Models::open(&args.models, role, experiment.tasks(), is_capped, queue.clone())?;
    let servers = models.servers()?;
    let dev_examples = args.method.dev_examples();
    let test_curve = args.test_curve;
    let make =
        |task: Task| Ok(models.study(task)?.dev_examples(dev_examples).test_course(test_curve));
    if args.plan {
        plan(&experiment, &experiment.forecast(&make).await?, &servers, json)?;
        return Ok(ExitCode::SUCCESS);
    }
    let folder = args.out.clone().unwrap_or_else(|| default_folder(&experiment));
    files::prepare_comparison(&folder, args.force)?;
    let storage = super::open_store(store).await?;
    looks::refuse_unless_again(&experiment, &make, storage.as_ref(), args.again).await?;
    super::tell_workers(queue.as_deref(), &servers);
    let stop: Arc<AtomicBool> = Arc::default();
    let kept = |task: Task| Ok(make(task)?.storage(storage.clone()).stop(stop.clone()));
    let is_capped = is_capped || wiring::is_capped(&args.budget.caps);
    let consent = Consent { is_given: args.yes, is_capped, json };
    let forecast = forecast_text(&experiment, &servers, &make).await?;
    let agree = |studies: usize| {
        consent.ask(&servers, |names| {
            summary::note(&forecast);
            Ok(format!("call {names} for {studies} studies?"))
        })
    };
    let listen = || signals::listen(stop.clone(), wiring::patience(&args.models.target.calls));
    let watch = Studies::new(&experiment, &agree, &listen, json);
    let runs = experiment.run(&kept, &watch).await;
    watch.finish();
    let runs = runs?;
    storage.let_go().await?;
    let [target, generator] = models.ids();
    let report = ComparisonReport::of(&runs, target, generator);
    let written = files::write_comparison(&folder, &report, experiment.tasks())?;
    summary::comparison(&report, &written, json)?;
    let has = |state: RunState| runs.runs.iter().any(|run| run.state == state);
    Ok(exit::of_searches(has(RunState::Cut) || has(RunState::NotReached), has(RunState::Failed)))
}

/// A folder of its own for what is compared: the same comparison has the same.
fn default_folder(experiment: &Experiment) -> PathBuf {
    PathBuf::from("runs").join(format!("compare-{}", experiment.fingerprint()))
}

/// The worst case and what is to be expected in words, where somebody is asked about it.
async fn forecast_text(
    experiment: &Experiment,
    servers: &Servers,
    make: &dyn MakeStudy,
) -> Result<String> {
    match servers.names.is_empty() {
        true => Ok(String::new()),
        false => {
            let (worst, expected) = experiment.forecast(make).await?;
            Ok(summary::estimate_text(&worst, &expected, &experiment.budget(), servers.roles))
        }
    }
}

/// The methods, and what their studies may use at the most.
fn plan(
    experiment: &Experiment,
    (worst, expected): &(Forecast, Forecast),
    servers: &Servers,
    json: bool,
) -> Result<()> {
    let studies = experiment.studies().len();
    let budget = &experiment.budget();
    if json {
        let methods = experiment.cells().iter().map(|cell| cell.label.as_str()).collect();
        let no_price_known_for = &servers.unpriced;
        let worst_case = WorstCase { worst_case: worst, budget, no_price_known_for };
        summary::line(&files::json(&Plan { methods, studies, worst_case, expected })?);
        return Ok(());
    }
    experiment.cells().iter().for_each(|cell| summary::line(&cell.label));
    summary::line(&format!(
        "{studies} studies: {} methods, {} tasks, {} seeds",
        experiment.cells().len(),
        experiment.tasks().len(),
        experiment.seeds().count()
    ));
    summary::estimate(worst, expected, budget, servers, false)
}
