//! Published datasets, read from the files in which they are distributed.
//!
//! None of them comes with motjuste. [`load`] finds a dataset by its name below a folder:
//!
//! | name | files | published split |
//! |---|---|---|
//! | `gsm8k` | `gsm8k/gsm_train.tsv`, `gsm_test.tsv` | 3.5 % of train, all of test |
//! | `bbh/TASK` | `bbh/TASK.json` | 20 %, rest |
//! | `mmlu/SUBJECT` | `mmlu/SUBJECT_test.csv` | 80 %, 20 % |
//! | `aqua` | `aqua/AQuA.jsonl` | none: as for `bbh` |
//! | `multiarith` | `multiarith/MultiArith.json` | none: as for `bbh` |
//! | `instruction_induction/TASK` | `induce/TASK.json`, `execute/TASK.json` | induce, execute |
//!
//! Strict leaves out items without a usable answer and inputs that occurred before, and counts them.

mod aqua;
mod bbh;
mod gsm8k;
mod instruction_induction;
mod mmlu;
mod multiarith;
mod read;
mod split;

pub use split::{Parts, published_split};

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use super::{Example, Task, split::refuse_leaks};
use crate::metric::answer::strict;
use crate::metric::{Metric, Mode};
use crate::model::RoleParameters;
use crate::prompt::Templates;
use crate::score::BuiltIn;
use crate::{Error, Result};

/// A dataset in its published parts.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// Its name, fit for a file name.
    pub name: String,
    /// How its answers are judged.
    pub metric: Metric,
    /// Which form of the metric, and whether unusable items were left out.
    pub mode: Mode,
    /// Items of the training part that are not scored on: demonstrations may come from here.
    pub spare: Vec<Example>,
    /// What instructions are scored on during the search.
    pub scored: Vec<Example>,
    /// The held-out items.
    pub test: Vec<Example>,
    /// Items left out because their answer is not of the task's kind; 0 in compat.
    pub unusable: usize,
    /// Items left out because their input occurred before; 0 in compat.
    pub repeated: usize,
}

/// Reads the dataset of this name below `folder`.
///
/// ```no_run
/// use motjuste::metric::Mode;
/// let navigate = motjuste::task::dataset::load("data".as_ref(), "bbh/navigate", Mode::Strict)?;
/// let task = navigate.task(5)?;
/// # Ok::<(), motjuste::Error>(())
/// ```
///
/// # Errors
/// [`Error::is_configuration`] for an unknown name, [`Error::is_data`] for files that are missing or
/// of another form.
pub fn load(folder: &Path, name: &str, mode: Mode) -> Result<Dataset> {
    match name.split_once('/').unwrap_or((name, "")) {
        ("gsm8k", "") => gsm8k::load(&folder.join("gsm8k"), mode),
        ("aqua", "") => aqua::load(&folder.join("aqua"), mode),
        ("multiarith", "") => multiarith::load(&folder.join("multiarith"), mode),
        ("bbh", task) if is_plain(task) => bbh::load(&folder.join("bbh"), task, mode),
        ("mmlu", subject) if is_plain(subject) => mmlu::load(&folder.join("mmlu"), subject, mode),
        ("instruction_induction", task) if is_plain(task) => {
            instruction_induction::load(&folder.join("instruction_induction"), task, mode)
        }
        _ => Err(Error::configuration(format!("unknown dataset \"{name}\"")).with_help(
            "use one of: gsm8k, aqua, multiarith, bbh/TASK, mmlu/SUBJECT, instruction_induction/TASK",
        )),
    }
}

/// The name of a file in a folder, and of none elsewhere.
fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    !name.is_empty() && name.chars().all(plain)
}

impl Dataset {
    /// The dataset as a task, with demonstrations from the spare items; or, where there are none, with
    /// the first `demonstrations` scored items, which are then not scored on.
    ///
    /// With 0 the parts are the published ones, and the train split may be empty: enough for methods
    /// that need no demonstrations.
    ///
    /// # Errors
    /// [`Error::is_data`] when nothing is left to score on or to test on.
    pub fn task(self, demonstrations: usize) -> Result<Task> {
        let (mut train, mut dev) = (self.spare, self.scored);
        if train.is_empty() {
            train = dev.drain(..demonstrations.min(dev.len())).collect();
        }
        if dev.is_empty() || self.test.is_empty() {
            return Err(Error::data(format!("too few items in {}", self.name))
                .with_help("ask for fewer demonstrations, or check the files"));
        }
        let task = Task {
            name: self.name,
            score: Arc::new(BuiltIn::Metric(self.metric, self.mode)),
            train,
            dev,
            test: self.test,
            templates: Templates::default(),
            parameters: RoleParameters::default(),
        };
        if self.mode == Mode::Strict {
            refuse_leaks(&task)?;
        }
        Ok(task)
    }
}

/// The parts of a dataset as they were read.
struct Raw {
    name: String,
    metric: Metric,
    spare: Vec<Example>,
    scored: Vec<Example>,
    test: Vec<Example>,
}

impl Raw {
    /// One list of items, divided as published.
    fn divided(name: String, metric: Metric, items: Vec<Example>, train: f64) -> Self {
        // What no instruction is chosen by is held out, though MMLU's code calls it validation.
        let parts = published_split(items.len(), train, 0.0);
        let take = |indices: &[usize]| indices.iter().map(|index| items[*index].clone()).collect();
        Self {
            name,
            metric,
            spare: Vec::new(),
            scored: take(&parts.train),
            test: take(&parts.test),
        }
    }

    fn finish(mut self, mode: Mode) -> Dataset {
        let (mut unusable, mut repeated) = (0, 0);
        if mode == Mode::Strict {
            let mut seen = HashSet::new();
            for part in [&mut self.scored, &mut self.test, &mut self.spare] {
                unusable += remove(part, |example| !is_usable(self.metric, example));
                repeated += remove(part, |example| !seen.insert(example.input.trim().to_owned()));
            }
        }
        let Self { name, metric, spare, scored, test } = self;
        Dataset { name, metric, mode, spare, scored, test, unusable, repeated }
    }
}

/// Removes the examples and says how many there were.
fn remove(part: &mut Vec<Example>, mut unwanted: impl FnMut(&Example) -> bool) -> usize {
    let before = part.len();
    part.retain(|example| !unwanted(example));
    before - part.len()
}

/// Whether there is an answer of the metric's kind.
fn is_usable(metric: Metric, example: &Example) -> bool {
    let Some(kind) = metric.answer_kind() else { return !example.outputs.is_empty() };
    example.outputs.iter().any(|output| strict::true_answer(kind, output).is_some())
}

fn example(input: String, output: impl Into<String>) -> Example {
    Example::new(input, [output])
}
