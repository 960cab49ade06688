//! A task: examples of what is wanted, in three splits that do not touch, and a metric.

pub mod dataset;
mod examples;
mod file;
mod split;

pub use crate::example::{Columns, Example};
#[cfg(feature = "schema")]
pub use file::file_schema;
pub use file::load;

use std::sync::Arc;

use crate::metric::{Metric, Mode};
use crate::model::RoleParameters;
use crate::prompt::Templates;
use crate::random::Streams;
use crate::score::{BuiltIn, Score};
use crate::{Error, Result};

/// What a person wants done, and how to tell that it is done.
///
/// A task is checked when it is made: no split is empty, and no input stands in two of them, because a
/// search that has seen the test examples proves nothing.
///
/// ```
/// use motjuste::task::{Example, Task};
/// let example = |input: &str| Example::new(input, [input.to_uppercase()]);
/// let task = Task::new("shout", vec![example("a")], vec![example("b")], vec![example("c")]).unwrap();
/// assert_eq!(task.dev()[0].outputs, ["B"]);
/// assert!(Task::new("leak", vec![example("a")], vec![example("a")], vec![example("c")]).is_err());
/// ```
#[derive(Debug, Clone)]
pub struct Task {
    name: String,
    score: Arc<dyn Score>,
    train: Vec<Example>,
    dev: Vec<Example>,
    test: Vec<Example>,
    templates: Templates,
    parameters: RoleParameters,
}

/// A part of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// Where demonstrations come from.
    Train,
    /// What a search scores on.
    Dev,
    /// What nobody looks at before the choice is made.
    Test,
}

impl Split {
    /// Its name in a task file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Dev => "dev",
            Self::Test => "test",
        }
    }
}

impl Task {
    /// A task with exact match and the default templates.
    ///
    /// # Errors
    /// [`Error::is_data`] when a split is empty, naming it, or when an input stands in two splits;
    /// [`Error::is_configuration`] when the name cannot be part of a file's name.
    pub fn new(
        name: impl Into<String>,
        train: Vec<Example>,
        dev: Vec<Example>,
        test: Vec<Example>,
    ) -> Result<Self> {
        let score = Arc::new(BuiltIn::Metric(Metric::ExactMatch, Mode::Strict));
        let (name, templates) = (name.into(), Templates::default());
        let parameters = RoleParameters::default();
        check_name(&name)?;
        let task = Self { name, score, train, dev, test, templates, parameters };
        split::refuse_empty(&task, &[Split::Train, Split::Dev, Split::Test])?;
        split::refuse_leaks(&task)?;
        Ok(task)
    }

    /// As [`Self::new`], without a train split: for methods that need no demonstrations.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn without_train(
        name: impl Into<String>,
        dev: Vec<Example>,
        test: Vec<Example>,
    ) -> Result<Self> {
        let score = Arc::new(BuiltIn::Metric(Metric::ExactMatch, Mode::Strict));
        let (name, templates) = (name.into(), Templates::default());
        let parameters = RoleParameters::default();
        check_name(&name)?;
        let train = Vec::new();
        let task = Self { name, score, train, dev, test, templates, parameters };
        split::refuse_empty(&task, &[Split::Dev, Split::Test])?;
        split::refuse_leaks(&task)?;
        Ok(task)
    }

    /// The same task, its answers scored otherwise.
    #[must_use]
    pub fn with_score(self, score: impl Score + 'static) -> Self {
        Self { score: Arc::new(score), ..self }
    }

    /// The same task, its models reading other templates.
    #[must_use]
    pub fn with_templates(self, templates: Templates) -> Self {
        Self { templates, ..self }
    }

    /// The same task, its models asked otherwise.
    #[must_use]
    pub fn with_parameters(self, parameters: RoleParameters) -> Self {
        Self { parameters, ..self }
    }

    /// How models behind an API are asked, by role.
    pub fn parameters(&self) -> &RoleParameters {
        &self.parameters
    }

    /// A short name, used in file names.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How an answer is scored.
    pub fn score(&self) -> &Arc<dyn Score> {
        &self.score
    }

    /// Where demonstrations come from.
    pub fn train(&self) -> &[Example] {
        &self.train
    }

    /// What the search scores on.
    pub fn dev(&self) -> &[Example] {
        &self.dev
    }

    /// What nobody looks at before the choice is made.
    pub fn test(&self) -> &[Example] {
        &self.test
    }

    /// The examples of a split.
    pub fn split(&self, split: Split) -> &[Example] {
        match split {
            Split::Train => &self.train,
            Split::Dev => &self.dev,
            Split::Test => &self.test,
        }
    }

    /// What the models read.
    pub fn templates(&self) -> &Templates {
        &self.templates
    }

    /// A hash of the metric's data: every example of every split, in order.
    pub fn data_hash(&self) -> String {
        let splits = (&self.train, &self.dev, &self.test);
        // Serialising plain data to memory has no way to fail.
        blake3::hash(&serde_json::to_vec(&splits).unwrap_or_default()).to_hex()[..16].to_owned()
    }
}

/// The name becomes part of file names.
fn check_name(name: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(plain) {
        return Ok(());
    }
    Err(Error::configuration(format!("the task name {name:?} cannot be used in a file name"))
        .with_help("use letters, digits, _ and -"))
}

/// The examples that a generator reads: draws from the train split, and nothing of dev or test; where there
/// is no train split, draws from what is scored on, as in OPRO's published tasks.
///
/// ```
/// use motjuste::task::{Demonstrations, Example, Task};
/// let example = |input: &str| Example::new(input, ["x"]);
/// let train = vec![example("a"), example("b")];
/// let task = Task::new("t", train, vec![example("c")], vec![example("d")]).unwrap();
/// assert_eq!(Demonstrations::of(&task, 5, 0).draw(0).len(), 2);
/// ```
#[derive(Debug, Clone)]
pub struct Demonstrations {
    examples: Vec<Example>,
    count: usize,
    streams: Streams,
}

impl Demonstrations {
    /// Draws of `count` examples of a task (or all, if fewer) in a study with this seed.
    pub fn of(task: &Task, count: usize, seed: u64) -> Self {
        let examples = if task.train.is_empty() { &task.dev } else { &task.train };
        Self { examples: examples.clone(), count, streams: Streams::new(seed) }
    }

    /// The demonstrations of draw number `draw`: distinct examples in random order.
    pub fn draw(&self, draw: u64) -> Vec<Example> {
        let mut stream = self.streams.stream("demonstrations", draw);
        let count = self.count.min(self.examples.len());
        let chosen = rand::seq::index::sample(&mut stream, self.examples.len(), count);
        chosen.iter().map(|index| self.examples[index].clone()).collect()
    }
}

fn unknown(what: &str, value: &str, names: impl IntoIterator<Item = &'static str>) -> Error {
    let names: Vec<_> = names.into_iter().collect();
    Error::configuration(format!("unknown {what} \"{value}\""))
        .with_help(format!("use one of: {}", names.join(", ")))
}
