//! `motjuste doctor`: are the models reachable, and do they do what a study needs.

use std::path::Path;
use std::process::ExitCode;

use motjuste::history::ExampleScore;
use motjuste::model::{Parameters, RoleParameters};
use motjuste::study::Eval;
use motjuste::task::Split;
use motjuste::{Error, Result};
use motjuste_page::format::brief;
use motjuste_remote::Probe;
use motjuste_store::Address;

use crate::args::DoctorArgs;
use crate::{summary, wiring};

pub(crate) async fn doctor(args: DoctorArgs, store: &Address, json: bool) -> Result<ExitCode> {
    let models = &args.models;
    let target = &models.target;
    let mut opener = wiring::opener(&target.local, &target.calls)?;
    let writer = wiring::writer_name(models, &RoleParameters::default());
    let role = wiring::role(models);
    let generator = opener.probe_generator(&writer, models.embedder.as_deref(), role).await?;
    let answers = opener.probe(&wiring::target_name(target, &Parameters::default())).await?;
    let probes = [("generator", &writer.name, generator), ("target", &target.target, answers)];
    for (role, name, probe) in &probes {
        summary::probe(role, name, probe, json)?;
    }
    let row = match &args.task {
        Some(task) => Some(one_row(task, &args, store).await?),
        None => None,
    };
    if let Some(row) = &row {
        summary::probe("row", &target.target, row, json)?;
    }
    if probes.iter().map(|(_, _, probe)| probe).chain(&row).all(Probe::passed) {
        return Ok(ExitCode::SUCCESS);
    }
    Err(Error::model("a model does not do what a study needs")
        .with_help("see what is said beside each check that failed"))
}

/// One real row of a task: what the target answers to it, and what the metric says of that.
async fn one_row(task: &Path, args: &DoctorArgs, store: &Address) -> Result<Probe> {
    const CHECK: &str = "a row of the task is answered and scored";
    let storage = super::open_store(store).await?;
    let eval = wiring::eval_of(task, &args.models.target, storage)?;
    let instruction = eval.task.start().yours().unwrap_or_default().to_owned();
    let row = eval.task.dev().first().map(|row| row.input.clone()).unwrap_or_default();
    let scored = Eval { rows: 1, ..eval }.score(&instruction, Split::Dev).await;
    let mut probe = Probe::default();
    match scored {
        Err(error) => {
            let help = error.help().unwrap_or("see the message").to_owned();
            probe.fail(CHECK, error.to_string(), &help);
        }
        Ok((evaluation, _, _)) => match evaluation.per_example.first() {
            Some(one) => tell(&mut probe, CHECK, &row, one, &args.models.target.target),
            None => probe.fail(CHECK, "the task has no dev row".to_owned(), "add one"),
        },
    }
    Ok(probe)
}

fn tell(probe: &mut Probe, check: &'static str, row: &str, one: &ExampleScore, target: &str) {
    let said = format!("{} → {}", brief(row), brief(&one.answer));
    let feedback = one.feedback.as_deref().map_or(String::new(), |it| format!(" ({it})"));
    match one.score {
        _ if one.is_cut_in_thought() => probe.fail(
            check,
            format!("{said}: it was cut before an answer began"),
            format!("leave it more room to think ({})", summary::room_to_think(target)),
        ),
        Some(_) if one.answer.is_empty() => probe.fail(
            check,
            format!("{said}: the answer is empty"),
            "see what keeps it back: a filter, a tool call or a template",
        ),
        Some(score) => probe.pass(check, format!("{said}, score {score:.2}{feedback}")),
        None => {
            probe.fail(check, format!("{said}: no score{feedback}"), "see the metric of the task")
        }
    }
}
