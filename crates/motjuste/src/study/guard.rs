//! What no instruction may do, whatever method it comes from; and what some methods forbid.

use crate::history::{Ask, ExampleScore, Found, History, Part, Proposal};
use crate::task::{Example, Task, copied};

/// Drops an instruction that breaks a placeholder of the person's prompt, or copies a row where that is
/// forbidden.
pub(super) fn check(task: &Task, found: &mut Found) {
    drop_for(found, |found| {
        broken(task, &found.instruction).or_else(|| copied(task, &found.instruction))
    });
}

/// Drops an instruction that copies what the prompt showed that it is an answer to.
pub(super) fn check_copies(task: &Task, history: &History, proposal: &Proposal, found: &mut Found) {
    if let Proposal::Ask(ask) = proposal {
        drop_for(found, |found| of_shown(task, history, ask, &found.instruction));
    }
}

fn drop_for(found: &mut Found, reason: impl FnOnce(&Found) -> Option<String>) {
    if found.dropped.is_none() {
        found.dropped = reason(found);
    }
}

fn broken(task: &Task, instruction: &str) -> Option<String> {
    let placeholder = task.start().broken_placeholder(instruction)?;
    Some(format!("changes the placeholder {placeholder}"))
}

fn copied(task: &Task, instruction: &str) -> Option<String> {
    let words = task.forbids_copies().then(|| task.copied(instruction))?.into_iter().next()?;
    Some(format!("copies a row: \"{words}\""))
}

/// Words of a row, or of an answer, that a prompt shows; unless they stand in the person's prompt, in what is said of
/// the task or in an instruction that the prompt is about.
fn of_shown(task: &Task, history: &History, ask: &Ask, instruction: &str) -> Option<String> {
    let own = ask.shown.iter().map(|shown| shown.instruction.as_str());
    let start = task.start().yours().unwrap_or_default();
    let known: Vec<&str> = own.chain([start, task.description()]).collect();
    let known = known.join("\n");
    let answers = answers(history, ask).map(|one| &one.answer);
    let shown = copied::texts(rows(task, ask)).chain(answers);
    let words = copied::copied(instruction, &known, shown, copied::RUN)?;
    Some(format!("copies what was shown: \"{words}\""))
}

/// The rows that a prompt shows.
fn rows<'a>(task: &'a Task, ask: &'a Ask) -> impl Iterator<Item = &'a Example> {
    ask.parts.iter().filter_map(|part| match part {
        Part::Train(row) => task.train().get(row.row),
        Part::Dev(row) => task.dev().get(row.row),
        Part::Text(_) | Part::Task => None,
    })
}

/// What the instructions that a prompt is about answered to the train rows that they were examined on: a prompt shows
/// some of it.
fn answers<'a>(history: &'a History, ask: &'a Ask) -> impl Iterator<Item = &'a ExampleScore> {
    let trials = ask.shown.iter().filter_map(|shown| history.find(&shown.instruction));
    let examined = trials.filter_map(|trial| history.examined(trial.candidate));
    examined.flat_map(|all| &all.per_example)
}
