//! `motjuste inspect`: an OPRO study step by step, and the meta-prompt of any step.

use std::collections::BTreeMap;
use std::process::ExitCode;

use motjuste::journal::Outcome;
use motjuste::report::{StepLine, asked_in};
use motjuste::{Error, Result};
use motjuste_store::Address;

use super::{inspect, run};
use crate::args::InspectArgs;
use crate::output::MetaPrompt;
use crate::{files, summary, wiring};

pub(crate) async fn inspect(args: InspectArgs, store: &Address, json: bool) -> Result<ExitCode> {
    let storage = super::existing_store(store).await?;
    let name = inspect::chosen(storage.as_ref(), args.study.study.as_deref()).await?;
    let (name, outcome) = inspect::load(storage.as_ref(), &name).await?;
    let steps = StepLine::all(&outcome.history);
    if steps.is_empty() {
        let method = &outcome.config.method.label;
        return Err(Error::configuration(format!(
            "study {name} has no steps: its method is {method}"
        ))
        .with_help(
            "only OPRO has steps, from its second round on; `motjuste trials` lists trials",
        ));
    }
    match args.meta_prompt {
        Some(step) => summary::line(&asked(&outcome, step, steps.len(), &args, json)?),
        None => {
            for step in &steps {
                summary::line(&if json { files::json(step)? } else { told(step) });
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The meta-prompt of a step, as the generator read it.
fn asked(
    outcome: &Outcome,
    step: usize,
    steps: usize,
    args: &InspectArgs,
    json: bool,
) -> Result<String> {
    let asked = asked_in(&outcome.history, step).ok_or_else(|| {
        Error::configuration(format!("there is no step {step}"))
            .with_help(format!("the study has the steps 1 to {steps}"))
    })?;
    let (words, train, dev) = match &args.task {
        Some(name) => {
            let task = wiring::task(name, &args.data, outcome.config.task.train)?;
            run::refuse_another_task(&task, &outcome.config)?;
            (task.in_words(), task.train().to_vec(), task.dev().to_vec())
        }
        None if asked.shows_no_row() => (String::new(), Vec::new(), Vec::new()),
        None => {
            return Err(Error::configuration("this meta-prompt shows examples of the task")
                .with_help("name the task file with --task"));
        }
    };
    let text = asked.text(&words, &train, &dev)?;
    match json {
        true => files::json(&MetaPrompt { step, meta_prompt: &text }),
        false => Ok(text),
    }
}

/// One step in words.
fn told(line: &StepLine) -> String {
    let mut dropped: BTreeMap<&str, usize> = BTreeMap::new();
    for reason in line.replies.iter().filter_map(|reply| reply.dropped.as_deref()) {
        *dropped.entry(reason).or_default() += 1;
    }
    let new = line.replies.len() - dropped.values().sum::<usize>();
    let dropped: String =
        dropped.iter().map(|(reason, times)| format!(", {times} {reason}")).collect();
    let score = |score: Option<f64>| score.map_or("–".to_owned(), |score| format!("{score:.2}"));
    format!(
        "step {:>3}  read {:>2}  best {}, so far {}  {} replies: {new} new{dropped}",
        line.step,
        line.trajectory.len(),
        score(line.best),
        score(line.best_so_far),
        line.replies.len()
    )
}
