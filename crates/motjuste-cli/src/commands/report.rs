//! `motjuste report`: a study's files and page, written again.

use std::path::Path;
use std::process::ExitCode;

use motjuste::journal::StudyConfig;
use motjuste::report::Report;
use motjuste::task::Task;
use motjuste::{Error, Result};
use motjuste_store::Address;

use super::{inspect, run};
use crate::args::{DataArgs, ReportArgs};
use crate::{files, summary, wiring};

pub(crate) async fn report(args: ReportArgs, store: &Address, json: bool) -> Result<ExitCode> {
    let storage = super::existing_store(store).await?;
    let (name, outcome) = inspect::load(storage.as_ref(), &args.study).await?;
    let task = task_of(args.task.as_deref(), &args.data, &outcome.config)?;
    let folder = args.out.unwrap_or_else(|| run::default_folder(&name));
    files::prepare(&folder, args.force)?;
    let uniform = run::uniform_of(storage.as_ref(), &outcome.config).await?;
    let report = Report::of(&name, &outcome, uniform.as_ref()).beside(&task);
    let written = files::write_all(&folder, &report, &outcome, &task)?;
    summary::result(&report, &written, json)?;
    Ok(ExitCode::SUCCESS)
}

/// The task of a study, from its file.
pub(super) fn task_of(name: Option<&Path>, data: &DataArgs, config: &StudyConfig) -> Result<Task> {
    let name = name.ok_or_else(|| {
        Error::configuration("the store keeps a study's scores, and not the rows of its task")
            .with_help(format!("name the file of the task \"{}\": --task FILE", config.task.name))
    })?;
    let task = wiring::task(name, data, config.task.train)?;
    run::refuse_another_task(&task, config)?;
    Ok(task)
}
