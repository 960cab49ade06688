//! `motjuste report`: a study's files and page, written again.

use std::process::ExitCode;

use motjuste::Result;
use motjuste::report::Report;
use motjuste_store::Address;

use super::{inspect, run};
use crate::args::ReportArgs;
use crate::{files, summary, wiring};

pub(crate) async fn report(args: ReportArgs, store: &Address, json: bool) -> Result<ExitCode> {
    let storage = super::existing_store(store).await?;
    let (name, outcome) = inspect::load(storage.as_ref(), &args.study).await?;
    let shown = outcome.config.task.train;
    let task = wiring::task(&args.task, &args.data, shown)?;
    run::refuse_another_task(&task, &outcome.config)?;
    let folder = args.out.unwrap_or_else(|| run::default_folder(&name));
    files::prepare(&folder)?;
    let uniform = run::uniform_of(storage.as_ref(), &outcome.config).await?;
    let report = Report::of(&name, &outcome, uniform.as_ref()).beside(&task);
    let written = files::write_all(&folder, &report, &outcome, &task)?;
    summary::result(&report, &written, json)?;
    Ok(ExitCode::SUCCESS)
}
