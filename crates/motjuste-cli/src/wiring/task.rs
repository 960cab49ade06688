//! The task that was named.

use std::path::Path;

use motjuste::metric::Mode;
use motjuste::score::BuiltIn;
use motjuste::task::{Task, dataset, load};
use motjuste::{Error, Result};

use crate::args::{DataArgs, DatasetMode};
use crate::summary;

/// The task of a file, or a published dataset that leaves `demonstrations` items to be shown.
pub(crate) fn task(name: &Path, data: &DataArgs, demonstrations: usize) -> Result<Task> {
    let Some(folder) = &data.data else {
        let task = load(name)?;
        task.notes().iter().for_each(|note| summary::note(&format!("note: {note}")));
        return Ok(task);
    };
    let mode = data.mode.unwrap_or(DatasetMode::Strict);
    let reading = match mode {
        DatasetMode::Strict => Mode::Strict,
        DatasetMode::Compat | DatasetMode::CompatBoxed => Mode::Compat,
    };
    let dataset = dataset::load(folder, &name.to_string_lossy(), reading)?;
    let kind = dataset.metric.answer_kind();
    let task = dataset.task(demonstrations)?;
    if matches!(mode, DatasetMode::CompatBoxed) {
        let unboxed = || {
            Error::configuration(format!("the answers of {} are never boxed", name.display()))
                .with_help("--mode compat-boxed is for the datasets of OPRO; use compat")
        };
        return Ok(task.with_score(BuiltIn::boxed(kind.ok_or_else(unboxed)?)));
    }
    Ok(task)
}
