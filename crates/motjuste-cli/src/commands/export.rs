//! `motjuste export`: a study's prompt in the form of another tool.

use std::process::ExitCode;

use motjuste::report::Report;
use motjuste::{Error, Result};
use motjuste_convert::{Deployment, Target, export as write};
use motjuste_store::Address;

use super::inspect;
use crate::args::ExportArgs;
use crate::output::ExportedPrompt;
use crate::{files, summary};

pub(crate) async fn export(args: ExportArgs, store: &Address, json: bool) -> Result<ExitCode> {
    let storage = super::existing_store(store).await?;
    let (name, outcome) = inspect::load(storage.as_ref(), &args.study).await?;
    let task = super::report::task_of(args.task.as_deref(), &args.data, &outcome.config)?;
    let report = Report::of(&name, &outcome, None).beside(&task);
    let Some(prompt) = &report.prompt else {
        return Err(Error::data(format!("study {name} has no complete trial yet"))
            .with_help("run it first"));
    };
    let messages = files::messages(&report, &outcome, &task).messages;
    let file = args.out.as_deref();
    let deployment = Deployment { prompt, messages: &messages, report: &report, task: &task, file };
    let exported = write(target(&args.format)?, &deployment)?;
    if let Some(path) = &args.out {
        files::write_file(path, &exported.content, args.force)?;
    }
    summary::exported_prompt(
        &ExportedPrompt {
            format: &args.format,
            study: &name,
            path: args.out.as_deref(),
            content: &exported.content,
            notes: &exported.notes,
        },
        json,
    );
    Ok(ExitCode::SUCCESS)
}

fn target(name: &str) -> Result<Target> {
    let found = Target::ALL.into_iter().find(|target| target.name() == name);
    found.ok_or_else(|| Error::configuration(format!("unknown format {name}")))
}
