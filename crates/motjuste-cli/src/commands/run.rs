//! `motjuste run`: one study, from its first soft prompt to its report.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use motjuste::Result;
use motjuste::history::{Proposal, Reading};
use motjuste::journal::{Event, Outcome, StudyConfig, replay};
use motjuste::method::{Method, Uniform};
use motjuste::report::Report;
use motjuste::storage::Storage;
use motjuste::study::Study;
use motjuste::task::Task;
use motjuste_models::Servers;
use motjuste_page::format::counted;
use motjuste_store::{Address, Part};

use super::consent::Consent;
use crate::args::RunArgs;
use crate::progress::Progress;
use crate::{exit, files, signals, summary, wiring};

pub(crate) async fn run(args: RunArgs, store: &Address, json: bool) -> Result<ExitCode> {
    let storage = super::open_store(store).await?;
    let queue = motjuste_store::join(store, Part::Asker).await?;
    let stop = Arc::default();
    let (study, servers) = wiring::study(&args, storage.clone(), queue.clone(), Arc::clone(&stop))?;
    let task = study.task().clone();
    let folder = match &args.out {
        Some(folder) => folder.clone(),
        None => default_folder(&study.config()?.study()),
    };
    files::prepare(&folder, args.force)?;
    let study = study.open().await?;
    if !study.is_finished() {
        let is_capped = wiring::is_capped(&args.budget.caps);
        let consent = Consent { is_given: args.yes, is_capped, json };
        consent.ask(&servers, |names| question(&study, &servers, names))?;
    }
    if let Some(trials) = study.has_run_for() {
        summary::note(&summary::beginning(trials));
    }
    super::tell_workers(queue.as_deref(), &servers);
    signals::listen(stop, wiring::patience(&args.models.target.calls));
    let (name, outcome) = search(study, json).await?;
    let uniform = uniform_of(storage.as_ref(), &outcome.config).await?;
    let report = Report::of(&name, &outcome, uniform.as_ref()).beside(&task);
    let written = files::write_all(&folder, &report, &outcome, &task)?;
    storage.let_go().await?;
    summary::result(&report, &written, json)?;
    Ok(exit::of_search(&report))
}

pub(super) fn default_folder(study: &str) -> PathBuf {
    Path::new("runs").join(study)
}

/// The question, below the worst case.
fn question(study: &Study, servers: &Servers, names: &str) -> Result<String> {
    let (worst, expected) = (study.forecast()?, study.expected()?);
    let budget = *study.ledger().budget();
    summary::note(&summary::estimate_text(&worst, &expected, &budget, servers.roles));
    Ok(format!("call {names}?"))
}

/// Runs a study, and shows how it goes.
pub(super) async fn search(study: Study, json: bool) -> Result<(String, Outcome)> {
    let name = study.name().to_owned();
    let ledger = study.ledger().clone();
    let progress = Progress::new(&name, *ledger.budget(), ledger.clone(), json);
    let outcome = study.run(&progress).await;
    progress.finish();
    if ledger.repeated() > 0 {
        summary::note(&repeated(ledger.repeated()));
    }
    let outcome = outcome.inspect_err(|error| {
        if !error.is_interrupted() {
            summary::used_until_it_failed(&ledger.account());
        }
    })?;
    for told in [replies(&outcome), lost_placeholders(&outcome)].into_iter().flatten() {
        summary::note(&told);
    }
    Ok((name, outcome))
}

/// How many attempts failed and were made again.
fn repeated(attempts: u64) -> String {
    match attempts {
        1 => "a failed attempt was repeated".to_owned(),
        attempts => format!("{attempts} failed attempts were repeated"),
    }
}

/// How many replies of the generator were of use, where the method asks in words or for computations.
pub(super) fn replies(outcome: &Outcome) -> Option<String> {
    let steps = outcome.history.steps().iter();
    let pairs = steps.flat_map(|step| step.proposals.iter().zip(&step.readings));
    let is_asked =
        |it: &Proposal| matches!(it, Proposal::Ask(_) | Proposal::Swap(_) | Proposal::Policy(_));
    let asked: Vec<(&Proposal, &Reading)> = pairs.filter(|(it, _)| is_asked(it)).collect();
    let in_words = asked.iter().any(|(it, _)| matches!(it, Proposal::Ask(_)));
    let readings: Vec<&Reading> = asked.into_iter().map(|(_, reading)| reading).collect();
    let is_of_use = |reading: &&&Reading| reading.iter().any(|found| found.dropped.is_none());
    let new = match readings.iter().filter(is_of_use).count() {
        0 => "none".to_owned(),
        new => new.to_string(),
    };
    let (all, dropped) = (readings.len(), dropped(&readings));
    let advice = if in_words && holds_mostly_nothing(&readings) { ADVICE } else { "" };
    let all = (all > 0).then(|| counted(all, "reply"))?;
    Some(format!("{new} of {all} held a new instruction{dropped}{advice}"))
}

/// What helps a generator that does not write what it is asked for.
const ADVICE: &str = "\nthe generator keeps to no form that can be read. `motjuste inspect` shows how its replies begin; what \
                      helps is a larger model (--generator), longer replies (--set max_tokens=N) or calmer ones \
                      (--set temperature=0.5)";

/// Whether nothing could be read in most of the replies.
fn holds_mostly_nothing(readings: &[&Reading]) -> bool {
    let is_nothing = |reading: &&&Reading| reading.iter().all(|found| found.instruction.is_empty());
    2 * readings.iter().filter(is_nothing).count() > readings.len()
}

/// What helps where most instructions lost what names the columns of a row.
fn lost_placeholders(outcome: &Outcome) -> Option<String> {
    let steps = outcome.history.steps().iter();
    let pairs = steps.flat_map(|step| step.proposals.iter().zip(&step.readings));
    let written = pairs.filter(|(it, _)| !matches!(it, Proposal::Instruction(_)));
    let found = written.flat_map(|(_, reading)| reading.iter());
    let reasons = found.map(|found| found.dropped.as_deref());
    // A text that is written again says nothing new of what the writer loses.
    let new: Vec<_> = reasons.filter(|why| *why != Some("known already")).collect();
    let is_lost =
        |why: &&Option<&str>| why.is_some_and(|why| why.starts_with("changes the placeholder"));
    let lost = new.iter().filter(is_lost).count();
    (2 * lost > new.len()).then(|| {
        format!(
            "{lost} of {} new instructions were dropped for their placeholders: put [[edit]] and [[/edit]] around the part \
             of your prompt that may change, and leave what names columns outside",
            new.len()
        )
    })
}

/// Why instructions were dropped, the commonest reason first, what it says of the one instruction left out.
fn dropped(readings: &[&Reading]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let found = readings.iter().flat_map(|reading| reading.iter());
    for reason in found.filter_map(|found| found.dropped.as_deref()) {
        let (kind, _) = reason.split_once(": ").unwrap_or((reason, ""));
        *counts.entry(kind).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let told: Vec<_> = counts.iter().take(3).map(|(why, count)| format!("{count} {why}")).collect();
    if told.is_empty() { String::new() } else { format!("; dropped: {}", told.join(", ")) }
}

/// The Uniform study of the same task, seed and models, if the store has one that was assessed.
pub(super) async fn uniform_of(
    storage: &dyn Storage,
    config: &StudyConfig,
) -> Result<Option<Outcome>> {
    let method = Uniform::default();
    if config.method == method.id() {
        return Ok(None);
    }
    let mut uniform = config.clone();
    uniform.generator.demonstrations = method.needs().demonstrations;
    uniform.choice = method.needs().choice;
    uniform.method = method.id();
    let events: Vec<Event> = storage.events(&uniform.study()).await?;
    let outcome = replay(&uniform, events);
    Ok(outcome.assessment.is_some().then_some(outcome))
}

/// The task behind a study must be the one that was searched.
pub(super) fn refuse_another_task(task: &Task, config: &StudyConfig) -> Result<()> {
    if task.data_hash() == config.task.data && task.name() == config.task.name {
        return Ok(());
    }
    Err(motjuste::Error::data(format!(
        "the task \"{}\" is not the one the study was run on: its data differs",
        task.name()
    ))
    .with_help("give the task file as it was when the study ran"))
}
