//! What was brought in, and what was taken out.

use super::{exact, json, line, note};
use crate::output::{ExportedPrompt, ImportedTask, NewTask};
use motjuste_page::format::counted;

/// A task that was imported, what became of it, and what comes next.
pub(crate) fn imported(task: &ImportedTask<'_>) {
    let output = task.output.unwrap_or("none");
    line(&format!("format      {}", task.format));
    line(&format!("task        {}", task.folder.join("task.toml").display()));
    line(&format!(
        "rows        {}, input {}, expected {output}",
        task.rows,
        task.inputs.join(", ")
    ));
    line(&format!("metric      {}", task.metric));
    told("carried over:", &task.notes.carried);
    told("not carried over, or to be checked:", &task.notes.lost);
    if let Some(fault) = &task.fault {
        line(&format!("\nit cannot be run yet: {fault}"));
    }
    line(&format!("\nnext: look at the task file, then\n  {}", task.next));
}

fn told(title: &str, list: &[String]) {
    if !list.is_empty() {
        line(&format!("\n{title}"));
    }
    list.iter().for_each(|what| line(&format!("  - {what}")));
}

/// A prompt in another form: itself, or where it was written.
pub(crate) fn exported_prompt(prompt: &ExportedPrompt<'_>, as_json: bool) {
    if as_json {
        return json(prompt);
    }
    match prompt.path {
        Some(path) => line(&path.display().to_string()),
        None => exact(prompt.content.trim_end()),
    }
    prompt.notes.iter().for_each(|what| note(&format!("note: {what}")));
}

/// A task file that was written, and what comes next.
pub(crate) fn new_task(task: &NewTask<'_>, as_json: bool) {
    if as_json {
        return json(task);
    }
    line(&format!("wrote {} for {}", task.path.display(), counted(task.rows, "row")));
    task.decided.iter().for_each(|what| line(&format!("  {what}")));
    line(&format!("next: look at it, then\n  {}", task.next));
}
