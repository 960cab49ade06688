//! `motjuste run`: one study, from its first soft prompt to its report.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use motjuste::Result;
use motjuste::journal::{Event, Outcome, StudyConfig, replay};
use motjuste::optimizer::OptimizerConfig;
use motjuste::report::Report;
use motjuste::storage::Storage;
use motjuste::study::{Sampling, Setup, Study};
use motjuste::task::{self, Task};

use crate::args::RunArgs;
use crate::progress::Progress;
use crate::{exit, files, summary, wiring};

pub(crate) async fn run(args: RunArgs, store: &Path, json: bool) -> Result<ExitCode> {
    let task = task::load(&args.task)?;
    let method = wiring::method(&args.method)?;
    let generator = wiring::open_model(&args.models.generator)?;
    let target = match args.models.target.target == args.models.generator {
        true => generator.clone(),
        false => wiring::open_model(&args.models.target.target)?,
    };
    let storage = super::open_store(store).await?;
    let setup = Setup {
        task: task.clone(),
        method,
        seed: args.method.seed,
        budget: wiring::budget(&args.budget),
        generator,
        target,
        judge: None,
        sampling: Sampling::default(),
        instruction_tokens: args.models.instruction_tokens,
        answer_tokens: args.models.target.answer_tokens,
        dev_examples: args.method.dev_examples.0,
        calls: wiring::calls(&args.models.target.calls),
        storage: storage.clone(),
        stop: super::stop_on_ctrl_c(),
    };
    let folder = args.out.unwrap_or_else(|| default_folder(&setup.config().study()));
    files::prepare(&folder)?;
    let (name, outcome) = search(setup, json).await?;
    let uniform = uniform_of(storage.as_ref(), &outcome.config).await?;
    let report = Report::of(&name, &outcome, uniform.as_ref());
    let written = files::write_all(&folder, &report, &outcome, &task)?;
    storage.close().await?;
    summary::result(&report, &written, json)?;
    Ok(exit::of_search(report.stop_reason))
}

pub(super) fn default_folder(study: &str) -> PathBuf {
    Path::new("runs").join(study)
}

async fn search(setup: Setup, json: bool) -> Result<(String, Outcome)> {
    let budget = setup.budget;
    let study = Study::open(setup).await?;
    let name = study.name().to_owned();
    let progress = Progress::new(&name, budget, study.ledger(), json);
    let outcome = study.run(&progress).await;
    progress.finish();
    Ok((name, outcome?))
}

/// The Uniform study of the same task, seed and models, if the store has one that was assessed.
pub(super) async fn uniform_of(
    storage: &dyn Storage,
    config: &StudyConfig,
) -> Result<Option<Outcome>> {
    let Some(method) = OptimizerConfig::named("uniform") else { return Ok(None) };
    if config.method == method {
        return Ok(None);
    }
    let mut uniform = config.clone();
    uniform.generator.demonstrations = method.demonstrations();
    uniform.method = method;
    let events: Vec<Event> = storage.events(&uniform.study()).await?;
    let outcome = replay(&uniform, events);
    Ok(outcome.assessment.is_some().then_some(outcome))
}

/// The task behind a study must be the one that was searched.
pub(super) fn refuse_another_task(task: &Task, config: &StudyConfig) -> Result<()> {
    if task.data_hash() == config.task.data && task.name == config.task.name {
        return Ok(());
    }
    Err(motjuste::Error::data(format!(
        "the task \"{}\" is not the one the study was run on: its data differs",
        task.name
    ))
    .with_help("give the task file as it was when the study ran"))
}
