//! Everything that determines a study's trajectory, and so its identity.

use rand::seq::index::sample;
use serde::{Deserialize, Serialize};

use crate::method::{Choice, MethodId};
use crate::prompt::{Frame, Templates};
use crate::random::Streams;
use crate::sampling::Sampling;

/// The version of the study format: events, results and this configuration.
pub const FORMAT: u32 = 3;

/// What two runs must share to be the same study.
///
/// Two equal configurations give the same trajectory. The budget and the number of threads are not
/// part of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StudyConfig {
    /// The version of the format.
    pub format: u32,
    /// The seed of every random stream.
    pub seed: u64,
    /// The method and its settings.
    pub method: MethodId,
    /// Which trial is the result.
    #[serde(default, alias = "ties", skip_serializing_if = "Choice::is_default")]
    pub choice: Choice,
    /// The task and its data.
    pub task: TaskConfig,
    /// The model that writes instructions.
    pub generator: GeneratorConfig,
    /// The model being instructed.
    pub target: TargetConfig,
    /// Whether responses that other studies paid for count as paid here: so it is where studies are compared.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shares_calls: bool,
}

impl StudyConfig {
    /// The study's name in the store: readable, and unique to the configuration.
    pub fn study(&self) -> String {
        // Serialising plain data to memory has no way to fail.
        let hash = blake3::hash(&serde_json::to_vec(self).unwrap_or_default()).to_hex();
        format!("{}-{}-seed{}-{}", self.task.name, self.method.label, self.seed, &hash[..10])
    }

    /// Of a task's templates, the form in which this study asked its target: for a base model, which was not taught to answer messages, a
    /// prompt that nobody worded is one text.
    ///
    /// ```
    /// use motjuste::model::{Abilities, Scripted};
    /// use motjuste::study::Study;
    /// use motjuste::task::{Example, Task};
    ///
    /// let row = |input: &str| vec![Example::new(input, ["x"])];
    /// let task = Task::new("t", row("a"), row("b"), row("c")).unwrap().with_start(["Do it."]).unwrap();
    /// let messages = |base| {
    ///     let target = Scripted::new("m", |_| "x".into());
    ///     let target = target.with_abilities(Abilities { base, ..Abilities::ALL });
    ///     let config = Study::of(task.clone(), target).config().unwrap();
    ///     config.asked_with(task.templates()).deployed("Do it.").len()
    /// };
    /// assert_eq!((messages(false), messages(true)), (2, 1));
    /// ```
    pub fn asked_with(&self, templates: &Templates) -> Templates {
        let as_worded = templates.hashes().1 == self.target.template;
        let for_base = templates.clone().for_base();
        let is_for_base = !as_worded && for_base.hashes().1 == self.target.template;
        if is_for_base { for_base } else { templates.clone() }
    }

    /// The rows of the dev split that score an instruction, ascending: draw 0; or those of a further
    /// draw.
    pub fn rows(&self, draw: u64) -> Vec<usize> {
        let mut stream = Streams::new(self.seed).stream("dev", draw);
        let count = self.task.dev.min(self.task.dev_split);
        let mut rows = sample(&mut stream, self.task.dev_split, count).into_vec();
        rows.sort_unstable();
        rows
    }
}

/// The task as the study saw it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskConfig {
    /// The task's name.
    pub name: String,
    /// A hash of all its examples, in order.
    pub data: String,
    /// How an answer is scored.
    pub scoring: String,
    /// The number of train examples, the source of demonstrations.
    pub train: usize,
    /// The number of dev examples that score an instruction.
    pub dev: usize,
    /// The number of examples in the dev split, from which those are drawn.
    pub dev_split: usize,
    /// The number of held-out test examples.
    pub test: usize,
    /// The instructions that a person has in use, and that the study begins with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub start: Vec<String>,
    /// What stands around every instruction.
    #[serde(default, skip_serializing_if = "Frame::is_empty")]
    pub frame: Frame,
}

/// The generator as the study used it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GeneratorConfig {
    /// The model's name and revision.
    pub model: String,
    /// The largest number of tokens in an instruction.
    pub max_tokens: usize,
    /// How many demonstrations it reads.
    pub demonstrations: usize,
    /// A hash of the template that asks for the instruction.
    pub template: String,
}

/// The target as the study used it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetConfig {
    /// The model's name and revision.
    pub model: String,
    /// The largest number of tokens in an answer.
    pub max_tokens: usize,
    /// A hash of the template that puts instruction and input together.
    pub template: String,
    /// How answers are drawn, where that is not the one likeliest answer.
    #[serde(default, skip_serializing_if = "Sampling::is_greedy")]
    pub sampling: Sampling,
}
