//! Many studies under equal budgets: tasks × methods in their settings × seeds, each study independent,
//! resumable and an ordinary one in the store. What they came to is a [`ComparisonReport`](crate::comparison::ComparisonReport).

mod axes;
mod cells;
mod course;
mod run;

pub use axes::{ABLATIONS, Axis, Settings, ablated_method};
pub use cells::{Cell, Combine};
pub use course::Moment;
pub use run::{CellRun, End, RunState, Runs, Watch};

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::budget::Budget;
use crate::method::GeneratorRole;
use crate::study::{Forecast, StudyBuilder};
use crate::task::Task;
use crate::{Error, Result};

/// Tasks, cells and seeds, and what all their studies together may use.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use std::sync::Arc;
/// use motjuste::budget::Budget;
/// use motjuste::experiment::{Cell, Experiment};
/// use motjuste::method::Registry;
/// use motjuste::model::Scripted;
/// use motjuste::study::Study;
/// use motjuste::task::{Example, Task};
///
/// let example = |input: &str| Example::new(input, ["x"]);
/// let task = Task::new("t", vec![example("a")], vec![example("b")], vec![example("c")]).unwrap();
/// let registry = Registry::built_in();
/// let cells = ["uniform", "random-pick"].map(|name| Cell::named(&registry, name).unwrap());
/// let budget = Budget { trials: Some(3), ..Budget::default() };
/// let experiment = Experiment::new(vec![task], cells.into(), 0..2, budget).unwrap();
/// let model = Arc::new(Scripted::new("m", |_| "x".into()));
/// let study = |task| Ok(Study::of(task, model.clone()));
/// let runs = experiment.run(&study, &()).await.unwrap();
/// assert_eq!(runs.runs.len(), 4);
/// assert!(runs.runs.iter().all(|run| run.test.unwrap().score == 1.0));
/// # });
/// ```
pub struct Experiment {
    tasks: Vec<Task>,
    cells: Vec<Cell>,
    seeds: Range<u64>,
    each: Budget,
    together: Budget,
    at_a_time: usize,
}

/// One study of an experiment: the indices of its cell and its task, and its seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Coordinates {
    /// The index of its cell.
    pub cell: usize,
    /// The index of its task.
    #[serde(skip)]
    pub task: usize,
    /// Its seed.
    pub seed: u64,
}

/// A study of this task, with its models: method, seed and budget are the experiment's.
pub trait MakeStudy: Fn(Task) -> Result<StudyBuilder> + Sync {}

impl<F: Fn(Task) -> Result<StudyBuilder> + Sync> MakeStudy for F {}

impl Experiment {
    /// An experiment. The first cell is the baseline that the others are compared with. The budget is for
    /// each study; [`Self::together`] limits all of them.
    ///
    /// # Errors
    /// [`Error::is_configuration`] without a task, a cell or a seed, and when two tasks have one name or
    /// two cells are the same.
    pub fn new(
        tasks: Vec<Task>,
        cells: Vec<Cell>,
        seeds: Range<u64>,
        each: Budget,
    ) -> Result<Self> {
        if tasks.is_empty() || cells.is_empty() || seeds.is_empty() {
            return Err(Error::configuration(
                "an experiment without a task, a cell or a seed is none",
            )
            .with_help("give at least one of each"));
        }
        for (index, task) in tasks.iter().enumerate() {
            if tasks[..index].iter().any(|known| known.name() == task.name()) {
                let message = format!("the task \"{}\" is given twice", task.name());
                return Err(Error::configuration(message).with_help("give each task once"));
            }
        }
        cells::refuse_twins(&cells)?;
        let together = Budget::unlimited();
        Ok(Self { tasks, cells, seeds, each, together, at_a_time: 1 })
    }

    /// The same experiment, all of whose studies together may use no more than this; trials, seconds
    /// and score are not shared.
    #[must_use]
    pub fn together(self, together: Budget) -> Self {
        let together = Budget { trials: None, seconds: None, score: None, ..together };
        Self { together, ..self }
    }

    /// The same experiment, so many of whose studies run side by side: what comes of them does not depend on it. Where
    /// all together may use no more than so much, they run one after the other, since each has what those before it left.
    #[must_use]
    pub fn at_a_time(self, studies: usize) -> Self {
        Self { at_a_time: studies.max(1), ..self }
    }

    /// The tasks.
    pub fn tasks(&self) -> &[Task] {
        &self.tasks
    }

    /// The cells, the baseline first.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The seeds.
    pub fn seeds(&self) -> Range<u64> {
        self.seeds.clone()
    }

    /// What the generator is for: the most demanding that one of the cells wants.
    pub fn generator_role(&self) -> GeneratorRole {
        let roles = self.cells.iter().map(|cell| cell.method.needs().generator);
        roles.max().unwrap_or(GeneratorRole::Words)
    }

    /// What each study may use.
    pub fn each(&self) -> &Budget {
        &self.each
    }

    /// What each study may use, within what all together may.
    pub fn budget(&self) -> Budget {
        self.each.within(&self.together)
    }

    /// The studies in the order in which they are run, seed by seed and task by task: so a budget that
    /// ends early leaves cells that can be compared with each other.
    pub fn studies(&self) -> Vec<Coordinates> {
        let tasks = |seed| (0..self.tasks.len()).map(move |task| (seed, task));
        let cells =
            |(seed, task)| (0..self.cells.len()).map(move |cell| Coordinates { cell, task, seed });
        self.seeds.clone().flat_map(tasks).flat_map(cells).collect()
    }

    /// What a study is called where it is one of many.
    pub fn title(&self, at: &Coordinates) -> String {
        let (label, task) = (&self.cells[at.cell].label, self.tasks[at.task].name());
        format!("{label} · {task} · seed {}", at.seed)
    }

    /// What the studies are called in the store.
    ///
    /// # Errors
    /// As [`StudyBuilder::config`].
    pub fn names(&self, make: &dyn MakeStudy) -> Result<Vec<String>> {
        let name = |at| Ok(self.study(&at, make, self.each)?.config()?.study());
        self.studies().into_iter().map(name).collect()
    }

    /// Ten hexadecimal digits that tell this experiment from others: tasks, methods, seeds and budget.
    pub fn fingerprint(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        let tasks = self.tasks.iter().map(|task| task.data_hash());
        let methods = self.cells.iter().map(|cell| format!("{:?}", cell.method.id()));
        let rest = [format!("{:?} {:?} {:?}", self.seeds, self.each, self.together)];
        tasks.chain(methods).chain(rest).for_each(|part| {
            hasher.update(part.as_bytes());
        });
        hasher.finalize().to_hex()[..10].to_owned()
    }

    /// A study as it is run within `budget`.
    fn study(
        &self,
        at: &Coordinates,
        make: &dyn MakeStudy,
        budget: Budget,
    ) -> Result<StudyBuilder> {
        let study = make(self.tasks[at.task].clone())?;
        Ok(study.method(self.cells[at.cell].method.clone()).seed(at.seed).budget(budget))
    }

    /// The worst case of all studies, and what is to be expected.
    ///
    /// # Errors
    /// As [`StudyBuilder::open`] and [`Study::forecast`](crate::study::Study::forecast).
    pub async fn forecast(&self, make: &dyn MakeStudy) -> Result<(Forecast, Forecast)> {
        let (mut worst, mut expected) = (Vec::new(), Vec::new());
        for at in self.studies() {
            let study = self.study(&at, make, self.budget())?.in_memory().open().await?;
            worst.push(study.forecast()?);
            expected.push(study.expected()?);
        }
        Ok((worst.into_iter().sum(), expected.into_iter().sum()))
    }
}
