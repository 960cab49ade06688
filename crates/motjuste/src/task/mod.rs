//! A task: examples of what is wanted, in three splits that do not touch, and a metric.

pub mod dataset;
mod examples;
mod file;
mod split;

pub use crate::example::Example;
pub use file::load;

use crate::metric::{Metric, Mode};
use crate::prompt::Templates;
use crate::random::Streams;
use crate::scoring::Scoring;
use crate::{Error, Result};

/// What a person wants done, and how to tell that it is done.
#[derive(Debug, Clone)]
pub struct Task {
    /// A short name, used in file names.
    pub name: String,
    /// How an answer is scored.
    pub scoring: Scoring,
    /// Where demonstrations come from.
    pub train: Vec<Example>,
    /// What the search scores on.
    pub dev: Vec<Example>,
    /// What nobody looks at before the choice is made.
    pub test: Vec<Example>,
    /// What the models read.
    pub templates: Templates,
}

impl Task {
    /// A task with exact match and the default templates.
    ///
    /// # Errors
    /// As [`Self::checked`].
    pub fn new(
        name: impl Into<String>,
        train: Vec<Example>,
        dev: Vec<Example>,
        test: Vec<Example>,
    ) -> Result<Self> {
        let scoring = Scoring::Metric(Metric::ExactMatch, Mode::Strict);
        let templates = Templates::default();
        Self { name: name.into(), scoring, train, dev, test, templates }.checked()
    }

    /// Checks that no split is empty and that no input stands in two of them.
    ///
    /// # Errors
    /// [`Error::is_data`] naming the split, or the input and both splits.
    pub fn checked(self) -> Result<Self> {
        split::refuse_empty(&self)?;
        split::refuse_leaks(&self)?;
        Ok(self)
    }

    /// A hash of the metric's data: every example of every split, in order.
    pub fn data_hash(&self) -> String {
        let splits = (&self.train, &self.dev, &self.test);
        // Serialising plain data to memory has no way to fail.
        blake3::hash(&serde_json::to_vec(&splits).unwrap_or_default()).to_hex()[..16].to_owned()
    }
}

/// What a method may know of a task: demonstrations from the train split, and nothing of dev or
/// test.
///
/// ```
/// use motjuste::random::Streams;
/// use motjuste::task::{Brief, Example};
/// let example = |input: &str| Example { input: input.into(), outputs: vec!["x".into()] };
/// let brief = Brief::new(vec![example("a"), example("b")], 5, Streams::new(0));
/// assert_eq!(brief.demonstrations(0).len(), 2);
/// ```
#[derive(Debug, Clone)]
pub struct Brief {
    train: Vec<Example>,
    count: usize,
    streams: Streams,
}

impl Brief {
    /// A brief over the train examples, showing `count` of them at a time (or all, if fewer).
    pub fn new(train: Vec<Example>, count: usize, streams: Streams) -> Self {
        Self { train, count, streams }
    }

    /// The demonstrations of draw number `draw`: distinct train examples in random order.
    pub fn demonstrations(&self, draw: u64) -> Vec<Example> {
        let mut stream = self.streams.stream("demonstrations", draw);
        let count = self.count.min(self.train.len());
        let chosen = rand::seq::index::sample(&mut stream, self.train.len(), count);
        chosen.iter().map(|index| self.train[index].clone()).collect()
    }
}

fn unknown(what: &str, value: &str, names: impl IntoIterator<Item = &'static str>) -> Error {
    let names: Vec<_> = names.into_iter().collect();
    Error::configuration(format!("unknown {what} \"{value}\""))
        .with_help(format!("use one of: {}", names.join(", ")))
}
