//! `motjuste show`, `trials` and `best`: what the store knows.

use std::process::ExitCode;

use motjuste::calls::open_calls;
use motjuste::journal::{Event, Outcome, replay};
use motjuste::report::{Report, TrialLine};
use motjuste::storage::Storage;
use motjuste::{Error, Result};
use motjuste_store::Address;

use crate::args::StudyArgs;
use crate::output::Winner;
use crate::{files, summary};

pub(crate) async fn show(args: StudyArgs, store: &Address, json: bool) -> Result<ExitCode> {
    let storage = super::existing_store(store).await?;
    match args.study {
        Some(name) => {
            let report = report_of(storage.as_ref(), &name).await?;
            summary::result(&report, &[], json)?;
        }
        None => {
            let mut reports = Vec::new();
            for name in storage.studies().await? {
                reports.push(report_of(storage.as_ref(), &name).await?);
            }
            summary::studies(&reports, json)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn trials(args: StudyArgs, store: &Address, json: bool) -> Result<ExitCode> {
    let storage = super::existing_store(store).await?;
    let name = chosen(storage.as_ref(), args.study.as_deref()).await?;
    let (_, outcome) = load(storage.as_ref(), &name).await?;
    summary::trials(&TrialLine::all(&outcome), json)?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn best(args: StudyArgs, store: &Address, json: bool) -> Result<ExitCode> {
    let storage = super::existing_store(store).await?;
    let name = chosen(storage.as_ref(), args.study.as_deref()).await?;
    let report = report_of(storage.as_ref(), &name).await?;
    let Some(instruction) = &report.prompt else {
        return Err(Error::data(format!("study {name} has no complete trial yet"))
            .with_help("run it first"));
    };
    if json {
        let (study, dev, test) = (&report.study, report.dev, report.test);
        summary::line(&files::json(&Winner { study, instruction, dev, test })?);
    } else {
        summary::exact(instruction);
    }
    Ok(ExitCode::SUCCESS)
}

/// What the store knows of a study, calls whose answers are not there included.
async fn report_of(storage: &dyn Storage, name: &str) -> Result<Report> {
    let (name, outcome) = load(storage, name).await?;
    let uniform = super::run::uniform_of(storage, &outcome.config).await?;
    let events = storage.events(&name).await?.len();
    let open = open_calls(storage, &name, events).await?;
    Ok(Report::of(&name, &outcome, uniform.as_ref()).with_open_calls(&open))
}

/// The study whose name is, or begins with, `name`.
pub(super) async fn load(storage: &dyn Storage, name: &str) -> Result<(String, Outcome)> {
    let name = chosen(storage, Some(name)).await?;
    let events = storage.events(&name).await?;
    let Some(Event::Created { config }) = events.first() else {
        return Err(Error::storage(format!("study {name} has no beginning"))
            .with_help("the store is damaged; use another with --store"));
    };
    let config = config.clone();
    Ok((name, replay(&config, events)))
}

/// The one study that `name` means; without a name, the newest.
pub(super) async fn chosen(storage: &dyn Storage, name: Option<&str>) -> Result<String> {
    let studies = storage.studies().await?;
    let none = || {
        Error::configuration("no such study")
            .with_help("`motjuste show` lists the studies there are")
    };
    let Some(name) = name else { return studies.last().cloned().ok_or_else(none) };
    if studies.iter().any(|study| study == name) {
        return Ok(name.to_owned());
    }
    let mut alike = studies.into_iter().filter(|study| study.starts_with(name));
    match (alike.next(), alike.next()) {
        (Some(only), None) => Ok(only),
        (Some(first), Some(second)) => {
            Err(Error::configuration(format!("\"{name}\" begins more than one study's name"))
                .with_help(format!("give more of it: {first}, {second}, …")))
        }
        _ => Err(none()),
    }
}
