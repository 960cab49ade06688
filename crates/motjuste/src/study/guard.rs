//! What no instruction may do, whatever method it comes from.

use crate::history::Found;
use crate::task::Task;

/// Drops an instruction that breaks a placeholder of the person's prompt, or copies a row where that is
/// forbidden.
pub(super) fn check(task: &Task, found: &mut Found) {
    if found.dropped.is_some() {
        return;
    }
    found.dropped = broken(task, &found.instruction).or_else(|| copied(task, &found.instruction));
}

fn broken(task: &Task, instruction: &str) -> Option<String> {
    let placeholder = task.start().broken_placeholder(instruction)?;
    Some(format!("changes the placeholder {placeholder}"))
}

fn copied(task: &Task, instruction: &str) -> Option<String> {
    let words = task.forbids_copies().then(|| task.copied(instruction)).flatten()?;
    Some(format!("copies a row: \"{words}\""))
}
