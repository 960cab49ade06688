//! `motjuste inspect`: a study whose generator is asked in words, step by step, and what any step asked.

use std::collections::BTreeMap;
use std::process::ExitCode;

use motjuste::journal::Outcome;
use motjuste::report::{ReplyLine, StepLine, asked_in};
use motjuste::{Error, Result};
use motjuste_page::format::{brief, counted};
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
            "steps are those of methods that ask a generator in words, such as opro and gepa; `motjuste trials` \
             lists trials",
        ));
    }
    match args.meta_prompt {
        Some(step) => {
            for text in asked(&outcome, step, &steps, &args)? {
                let prompt = MetaPrompt { step, meta_prompt: &text };
                summary::line(&if json { files::json(&prompt)? } else { text });
            }
        }
        None => {
            for step in &steps {
                summary::line(&if json { files::json(step)? } else { told(step) });
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The prompts of a step, as the generator read them.
fn asked(
    outcome: &Outcome,
    step: usize,
    steps: &[StepLine],
    args: &InspectArgs,
) -> Result<Vec<String>> {
    let asked = asked_in(&outcome.history, step);
    if asked.is_empty() {
        let number = |line: Option<&StepLine>| line.map_or(0, |line| line.step);
        let (first, last) = (number(steps.first()), number(steps.last()));
        return Err(Error::configuration(format!("there is no step {step}"))
            .with_help(format!("the generator was asked in the steps {first} to {last}")));
    }
    let (words, train, dev) = match &args.task {
        Some(name) => {
            let task = wiring::task(name, &args.data, outcome.config.task.train)?;
            run::refuse_another_task(&task, &outcome.config)?;
            (task.in_words(), task.train().to_vec(), task.dev().to_vec())
        }
        None if asked.iter().all(|ask| ask.shows_no_row()) => Default::default(),
        None => {
            return Err(Error::configuration("this meta-prompt shows examples of the task")
                .with_help("name the task file with --task"));
        }
    };
    asked.into_iter().map(|ask| ask.text(&words, &train, &dev)).collect()
}

/// One step in words: what came of the replies, and how one of each kind begins that nothing came of.
fn told(line: &StepLine) -> String {
    let mut dropped: BTreeMap<&str, Vec<&ReplyLine>> = BTreeMap::new();
    for reply in &line.replies {
        if let Some(reason) = reply.dropped.as_deref() {
            dropped.entry(reason).or_default().push(reply);
        }
    }
    let new = line.replies.len() - dropped.values().map(Vec::len).sum::<usize>();
    let counts: String =
        dropped.iter().map(|(reason, replies)| format!(", {} {reason}", replies.len())).collect();
    let examples = dropped.iter().filter_map(|(reason, replies)| {
        let reply = replies.first().filter(|reply| reply.instruction.is_empty())?;
        Some(format!("\n          {reason}: {}", brief(&reply.reply)))
    });
    let score = |score: Option<f64>| score.map_or("–".to_owned(), |score| format!("{score:.2}"));
    format!(
        "step {:>3}  read {:>2}  best {}, so far {}  {}: {new} new{counts}{}",
        line.step,
        line.trajectory.len(),
        score(line.best),
        score(line.best_so_far),
        counted(line.replies.len(), "reply"),
        examples.collect::<String>()
    )
}
